"""Outputs for own recordings: what they say of the networks, the list of pages, sound that is linked."""

import json
import re
import shutil

import pytest
from test_recognizer import folder_of_recordings, trained  # noqa: F401 (a fixture)
from test_shards import job  # noqa: F401 (a fixture)

from cer.bin import predict_files
from cer.data import datadir
from cer.data.corpora import corpora_of, is_made_up, write_corpora
from cer.data.targets import write_meanings
from cer.prediction import origin
from cer.system.model_folder import MODEL, write_description
from cer.training import description
from local.page import draw_recordings, index, own

MADE = {"model": "exp/synth/downup/arousal", "target": "arousal", "corpora": ["SYNTHETIC corpus (seed=1)"],
        "commit": "0123abcd", "trained": "2026-01-02"}  # fmt: skip
REAL = MADE | {"model": "exp/recola/downup/valence", "target": "valence", "corpora": ["RECOLA"]}


@pytest.fixture
def models(trained, tmp_path):  # noqa: F811
    """Models of two targets whose training set is of a generated corpus: their paths."""
    found = [tmp_path / "exp" / "downup" / target for target in ("arousal", "valence")]
    for folder in found:
        shutil.copytree(trained / "downup" / folder.name, folder)
        (folder / "command").write_text("# commit 0123abcd\n./run.sh\n")
        for path in folder.rglob(MODEL):
            content = json.loads(path.read_text())
            del content["checksum"]
            write_description(
                path.parent, content | {"corpora": ["SYNTHETIC corpus (seed=1)"], "ends": ["asleep", "awake"]}
            )
    return [str(folder) for folder in found]


def test_a_data_directory_names_its_corpora_and_model_json_those_of_its_training(tmp_path):
    for name, lines in (("train", ["RECOLA", "SYNTHETIC corpus (seed=1)"]), ("dev", ["RECOLA"]), ("other", [])):
        (tmp_path / name).mkdir()
        if lines:
            write_corpora(tmp_path / name, *lines)
    assert corpora_of(tmp_path / "other") == [] and not is_made_up(corpora_of(tmp_path / "dev"))
    found = description.origin_of("joy", tmp_path / "dev", tmp_path / "train", tmp_path / "other")
    assert found == {"corpora": ["RECOLA", "SYNTHETIC corpus (seed=1)"]} and is_made_up(found["corpora"])
    write_meanings(tmp_path / "train", {"joy": ("sad", "full of joy")})
    assert description.origin_of("joy", tmp_path / "train", tmp_path / "dev")["ends"] == ["sad", "full of joy"]
    assert "ends" not in description.origin_of("arousal", tmp_path / "train")


def test_every_output_says_that_the_networks_learnt_from_a_generated_corpus(models, tmp_path, capsys, monkeypatch):
    folder_of_recordings(tmp_path / "in")
    out = tmp_path / "out"
    predict_files.main([*models, str(tmp_path / "in"), f"--out={out}", "--channel=0"])
    warned = f" {models[0]} {models[1]}: trained on made-up babble: not for real speech\n"
    assert capsys.readouterr().err.count(warned) == 1 and not [*out.glob("failed.*")]
    (said,) = origin.lines_of(origin.read_origins(out))
    assert re.search(r"downup \(arousal, valence\), commit 0123abcd, trained \S+ on SYNTHETIC corpus \(seed=1\)$", said)
    ends = "arousal,asleep,awake\nvalence,asleep,awake\n"
    assert (out / "targets.csv").read_text() == f"target,low_end,high_end\n{ends}"
    draw_recordings.main([str(out), "--page=true", "--channel=0"])
    index.main([str(out)])
    pages = [*out.glob("pages/**/*.html")]
    for path in [*pages, out / "index.html"]:
        text = path.read_text()
        assert "Trained on made-up babble: not for real speech." in text and "commit 0123abcd" in text
    assert "valence, asleep to awake" in text and "valence (asleep to awake)" in pages[0].read_text()
    assert "Arousal runs from asleep (−1) to awake (+1), valence runs from" in pages[0].read_text()
    links = re.findall(r'<a href="(pages/[^"]+)"', (out / "index.html").read_text())
    assert len(links) == len(pages) == 4 and all((out / link).exists() for link in links)
    assert "4 recordings</h2>" in (out / "index.html").read_text()
    assert '"line":"downup"' in pages[0].read_text()
    times = [path.stat().st_mtime_ns for path in (out / "plots" / f"{pages[0].stem}.png", pages[0])]
    for restyled in (False, True):
        if restyled:
            shutil.copytree(draw_recordings.PARTS, tmp_path / "web")
            (tmp_path / "web" / "page.css").write_text("")
            monkeypatch.setattr(draw_recordings, "PARTS", tmp_path / "web")
        draw_recordings.main([str(out), "--page=true", "--channel=0"])  # again: nothing to do
        found = [path.stat().st_mtime_ns for path in (out / "plots" / f"{pages[0].stem}.png", pages[0])]
        assert found[0] == times[0] and (found[1] > times[1]) is restyled
    shutil.copytree(out, copy := tmp_path / "copy")
    shutil.rmtree(copy / "plots")
    draw_recordings.main([str(copy), "--channel=0"])
    assert len([*(copy / "plots").iterdir()]) == 4
    for scp in (out / "arousal.scp", out / "valence.scp"):
        text = scp.read_text()
        scp.write_text(text[text.index("\n") + 1 :])  # the first recording could not be predicted again
    index.main([str(out)])
    text = (out / "index.html").read_text()
    assert "3 recordings</h2>" in text and "Without a page: a;" in text
    for path in pages[1:]:
        path.unlink()
    index.main([str(out)])
    text = (out / "index.html").read_text()
    assert "1 recording</h2>" in text and "Without a page: " in text and f"{out}/failed.* and {out}/log say why" in text


def test_a_call_with_one_more_recording_keeps_the_others_in_the_list(models, tmp_path):
    folder_of_recordings(tmp_path / "in")
    out = tmp_path / "out"
    predict_files.main([*models, str(tmp_path / "in"), f"--out={out}", "--channel=0"])
    draw_recordings.main([str(out), "--plot=false", "--page=true", "--channel=0"])
    index.main([str(out)])
    earlier = (out / "index.html").read_text()
    assert "of earlier calls" not in earlier
    new = shutil.copy(next((tmp_path / "in").glob("a*")), tmp_path / "new & <old>.wav")
    predict_files.main([*models, str(new), f"--out={out}", "--channel=0"])
    draw_recordings.main([str(out), "--plot=false", "--page=true", "--channel=0"])
    index.main([str(out)])
    text, links = (out / "index.html").read_text(), r'<a href="(pages/[^"]+)"'
    assert "1 recording</h2>" in text and "4 more, of earlier calls" in text and "&amp;_&lt;old&gt;" in text
    assert re.findall(links, text) == ["pages/new_%26_%3Cold%3E.html", *re.findall(links, earlier)]
    assert "all recordings</a>" in (out / "pages" / "new_&_<old>.html").read_text()
    (out / "index.html").unlink()
    draw_recordings.main([str(out), "--plot=false", "--page=true", "--channel=0"])
    assert "all recordings</a>" not in (out / "pages" / "new_&_<old>.html").read_text()


@pytest.mark.parametrize("number, name", [(4, "csv"), (8, "tables")])
def test_a_copied_folder_of_predictions_stands_for_itself(job, tmp_path, number, name):  # noqa: F811
    job(range(number))
    shutil.copytree(tmp_path / "out", copy := tmp_path / "copy")
    for archive in (tmp_path / "out").rglob("*.ark"):
        archive.write_bytes(archive.read_bytes()[:-8] + b"original")  # of which the copy takes nothing
    shutil.rmtree(copy / name)
    assert job(range(1, number), out=copy)[0] == "" and [*(copy / name).iterdir()]
    shutil.rmtree(tmp_path / "out")
    for target in ("arousal", "valence"):
        archive = datadir.Archive(copy / f"{target}.scp")
        assert [archive[f"r{n}"][:, 0].tolist() for n in range(number)] == [[n, 0.5] for n in range(number)]
    for archive in (copy / "arousal").rglob("*.ark"):
        archive.unlink()
    assert job(range(1, number), out=copy)[0] == "1234567"[: number - 1]


@pytest.mark.parametrize("number", [4, 8])
def test_a_folder_of_predictions_that_was_moved_is_not_predicted_again(job, tmp_path, number):  # noqa: F811
    job(range(number))
    (tmp_path / "out").rename(tmp_path / "moved: here")
    assert job(range(number), out=tmp_path / "moved: here") == ("", {}) and not (tmp_path / "out").exists()
    assert job(range(9), out=tmp_path / "moved: here")[0] == "012345678"[number:]


def test_the_warning_is_for_generated_corpora_alone():
    assert own.footer([], "") == "" and "babble" not in own.footer([REAL], "2026-01-03")
    text = own.footer([MADE, REAL], "2026-01-03")
    assert text.split("\n")[0] == origin.WARNING and text.endswith("predicted 2026-01-03") and text.count("\n") == 3
    assert "banner" not in own.about([REAL], "") and "banner" in own.about([MADE], "")
    assert origin.caution([REAL]) == "" and origin.caution([MADE, REAL]).startswith("exp/synth/downup/arousal: trained")
    assert origin.system_of([MADE, REAL]) == "downup" and origin.system_of([]) == "prediction"
    assert "a corpus that is not recorded" in own.footer([REAL | {"corpora": []}], "")


@pytest.mark.parametrize(
    "kind, several, seconds, linked",
    [("auto", False, 60, False), ("auto", True, 60, True), ("auto", False, 5400, True), ("inside", True, 5400, False),
     ("link", False, 60, True)],
)  # fmt: skip
def test_sound_is_linked_where_there_is_much_of_it(tmp_path, kind, several, seconds, linked):
    for name in ("a #1.wav", "b.aiff"):
        (tmp_path / name).touch()
    page = tmp_path / "out" / "pages" / "a.html"
    expected = "../../a%20%231.wav" if linked else ""
    assert own.link_to(tmp_path / "a #1.wav", page, kind, several, seconds) == expected
    assert own.link_to(tmp_path / "b.aiff", page, kind, several, seconds) == ""  # browsers play none
