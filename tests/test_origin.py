"""cer/prediction/origin.py: what models learnt from, for models that tests make up; cer/data/corpora.py."""

import json
import os
from types import SimpleNamespace

import pytest

from cer.base.errors import BadInput
from cer.data.corpora import corpora_of, is_made_up, write_corpora
from cer.prediction import origin

DAY = 86400


def model(folder, target, **description):
    """A model whose weights were written on the second day of 1970."""
    folder.mkdir(parents=True)
    (folder / "final.pt").write_text("")
    os.utime(folder / "final.pt", (0, DAY + 5))
    return SimpleNamespace(target=target, ensemble=SimpleNamespace(folders=[folder], description=description))


def test_a_model_is_described_by_its_folder_its_command_and_its_corpora(tmp_path):
    joy = model(tmp_path / "net/joy/run1", "joy", corpora=["A", "B"], ends=["sad", "glad"], arch="net")
    own = model(tmp_path / "running", "fear")
    (tmp_path / "net/joy/command").write_text("# commit 0123abc\n./run.sh\n")
    (tmp_path / "running/command").write_text("./run.sh\n# commit 9\n")
    first, second = origin.origins({"joy": [joy], "fear": [own]})
    assert first == {
        "model": str(tmp_path / "net/joy"), "target": "joy", "corpora": ["A", "B"], "commit": "0123abc",
        "trained": "1970-01-02", "ends": ["sad", "glad"],
    }  # fmt: skip
    assert second == {
        "model": str(tmp_path / "running"), "target": "fear", "corpora": [], "commit": "not recorded",
        "trained": "1970-01-02",
    }  # fmt: skip
    (tmp_path / "net/joy/run1/command").write_text("# commit of the run\n")  # nearer to the weights
    assert origin.origins({"joy": [joy]})[0]["commit"] == "of the run"
    assert origin.meanings_of([first, second]) == {"joy": ("sad", "glad")}
    assert origin.system_of([first, second, first]) == f"net+{tmp_path.name}"


def test_a_part_of_a_models_runs_is_named(tmp_path):
    first, second = (model(tmp_path / "net/joy" / run, "joy", corpora=["A"]) for run in ("run1", "run2"))
    both = SimpleNamespace(target="joy", ensemble=SimpleNamespace(
        folders=[*first.ensemble.folders, *second.ensemble.folders], description={"corpora": ["A"]}))  # fmt: skip
    (all_runs,) = origin.origins({"joy": [both]})
    assert "runs" not in all_runs and "net (joy), commit" in origin.lines_of([all_runs])[0]
    origin.write_origins(tmp_path, {"joy": [second, both]})
    found = origin.read_origins(tmp_path)
    assert found == [all_runs | {"runs": ["run2"]}, all_runs]
    assert "net (joy run2, joy), commit" in origin.lines_of(found)[0] and origin.system_of(found) == "net"


def test_origins_are_written_once_and_read_with_care(tmp_path):
    joy = model(tmp_path / "net/joy", "joy", ends=["sad", "glad"])
    assert origin.read_origins(tmp_path) == []
    origin.write_origins(tmp_path, {"joy": [joy]})
    found, path = origin.read_origins(tmp_path), tmp_path / "models.json"
    assert found == origin.origins({"joy": [joy]})
    os.utime(path, (0, 0))
    origin.write_origins(tmp_path, {"joy": [joy]})
    assert path.stat().st_mtime == 0
    for wrong in ([], [found[0] | {"ends": ["sad"]}], [found[0] | {"ends": [*"abc"]}], [found[0] | {"corpora": "A"}]):
        path.write_text(json.dumps(wrong))
        with pytest.raises(BadInput, match=r"models.json: .*; predict the recordings again"):
            origin.read_origins(tmp_path)


def test_a_folder_whose_name_is_not_utf_8_is_told_so_that_it_can_be_drawn_and_written(tmp_path):
    odd = model(tmp_path / os.fsdecode(b"n\xffet") / "joy", "joy")
    assert origin.origins({"joy": [odd]})[0]["model"] == f"{tmp_path}/n\\udcffet/joy"
    origin.write_origins(tmp_path, {"joy": [odd]})
    origin.lines_of(origin.read_origins(tmp_path))[0].encode()


def test_models_of_one_system_share_a_line():
    one = {"model": "exp/net/joy", "target": "joy", "corpora": ["A"], "commit": "1", "trained": "2026-01-02"}
    others = [one | {"model": "exp/net/fear"}, one | {"model": "exp/net/b", "corpora": []}, one | {"commit": "2"}]
    assert origin.lines_of([one, *others]) == [
        "exp/net (joy, fear), commit 1, trained 2026-01-02 on A",
        "exp/net (b), commit 1, trained 2026-01-02 on a corpus that is not recorded",
        "exp/net (joy), commit 2, trained 2026-01-02 on A",
    ]
    assert origin.lines_of([]) == []


def test_models_that_learnt_from_a_made_up_corpus_are_warned_of_in_one_line(tmp_path, capsys):
    made = [model(tmp_path / name, name, corpora=["A", "SYNTHETIC x"]) for name in ("joy", "fear")]
    real = model(tmp_path / "real", "joy", corpora=["A, no SYNTHETIC"])
    origin.warn_of({"joy": [real]})
    assert capsys.readouterr().err == ""
    origin.warn_of({"joy": [made[0], real], "fear": [made[1]]})
    said = f" {tmp_path}/joy {tmp_path}/fear: trained on made-up babble: not for real speech\n"
    assert capsys.readouterr().err.endswith(said)


def test_a_data_directory_lists_its_corpora_a_line_each(tmp_path):
    assert corpora_of(tmp_path) == [] and not is_made_up([])
    write_corpora(tmp_path, "A, of 2020", "SYNTHETIC b")
    assert (tmp_path / "corpora").read_text() == "A, of 2020\nSYNTHETIC b\n"
    assert corpora_of(str(tmp_path)) == ["A, of 2020", "SYNTHETIC b"] and is_made_up(corpora_of(tmp_path))
    (tmp_path / "corpora").write_bytes(b"\xff\n")
    with pytest.raises(BadInput, match=r"corpora:1: found b'.xff', which is not UTF-8"):
        corpora_of(tmp_path)
