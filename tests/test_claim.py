"""cer/training/claim.py: which folder a training works in, what it resumes, and what it never overwrites."""

import pytest
import torch
from test_model_folder import DESCRIPTION

from cer.base.errors import BadInput
from cer.system.model_folder import read_description
from cer.system.tensors import read_tensors, write_tensors
from cer.training import claim

OWN = {name: DESCRIPTION[name] for name in ("arch", "target", "options", "training", "train", "dev")}
OTHER = OWN | {"training": {"srand": 2}}
WEIGHTS = {"weight": torch.ones(2)}


def finished(folder, **changes):
    return claim.write_model(folder, WEIGHTS, DESCRIPTION | changes)


def unfinished(folder, description=OWN, **changes):
    """A checkpoint, which names the description of its training."""
    state = {name: kind() for name, kind in claim.STATE.items()} | {"description": description, "best_epoch": 3}
    write_tensors(folder / "checkpoint.pt", state | changes)


def test_where_nothing_is_the_training_works_in_its_folder(tmp_path, capsys):
    assert claim.claim(str(tmp_path / "run1"), OWN) == (None, None, tmp_path / "run1")
    assert capsys.readouterr() == ("", "")


def test_a_finished_training_is_kept_and_its_checkpoint_removed(tmp_path):
    finished(tmp_path / "run1")
    unfinished(tmp_path / "run1")
    done, state, folder = claim.claim(tmp_path / "run1", OWN)
    assert done == read_description(tmp_path / "run1") and (state, folder) == (None, tmp_path / "run1")
    assert sorted(path.name for path in folder.iterdir()) == ["final.pt", "model.json"]
    assert {"cer", "torch"} == done["made_with"].keys()


def test_a_finished_training_says_what_its_data_say_now(tmp_path):
    finished(tmp_path / "run1", corpora=["a"], ends=["calm", "excited"])
    done = read_description(tmp_path / "run1")
    before = (tmp_path / "run1" / "model.json").stat().st_mtime_ns
    for told in ({}, {"corpora": ["a"], "ends": ["calm", "excited"], "features": {}}):
        claim.renew(tmp_path / "run1", done, told)
    assert (tmp_path / "run1" / "model.json").stat().st_mtime_ns == before
    claim.renew(tmp_path / "run1", done, {"corpora": ["b"]})
    now = read_description(tmp_path / "run1")
    assert now.pop("corpora") == ["b"] and now == {n: v for n, v in done.items() if n not in ("corpora", "ends")}


def test_an_unfinished_training_is_resumed(tmp_path):
    unfinished(tmp_path / "run1")
    done, state, folder = claim.claim(tmp_path / "run1", OWN)
    assert done is None and state["best_epoch"] == 3 and folder == tmp_path / "run1"
    assert (folder / "checkpoint.pt").exists()


def test_an_unfinished_training_of_another_kind_moves_aside(tmp_path, capsys):
    unfinished(tmp_path / "run1", OTHER)
    assert claim.claim(tmp_path / "run1", OWN) == (None, None, tmp_path / "run1")
    assert not (tmp_path / "run1").exists() and (tmp_path / ".backup" / "run1.1" / "checkpoint.pt").exists()
    told = f"{tmp_path}/run1: holds another training (options, data or code differ); moved to {tmp_path}/.backup/run1.1"
    assert capsys.readouterr().out == f"{told}\n"


def test_a_finished_training_of_another_kind_stays_until_the_new_one_is_finished(tmp_path, capsys):
    finished(tmp_path / "run1", training={"srand": 2})
    place = tmp_path / ".run1.new"
    assert claim.claim(tmp_path / "run1", OWN) == (None, None, place)
    assert "run1: holds another training (options, data or code differ); it stays until" in capsys.readouterr().out
    unfinished(place)
    done, state, folder = claim.claim(tmp_path / "run1", OWN)
    assert done is None and state["best_epoch"] == 3 and folder == place
    assert read_description(tmp_path / "run1")["training"] == {"srand": 2}
    assert finished(place) == tmp_path / "run1" and not place.exists()
    assert f"run1: the earlier training is now {tmp_path}/.backup/run1.1" in capsys.readouterr().out
    assert [path.name for path in (tmp_path / "run1").glob("checkpoint.pt")] == []
    assert read_description(tmp_path / "run1")["training"] == {"srand": 1}
    assert read_description(tmp_path / ".backup" / "run1.1")["training"] == {"srand": 2}


def test_a_training_killed_between_its_end_and_its_name_gets_its_name(tmp_path):
    finished(tmp_path / "run1", training={"srand": 2})
    finished(tmp_path / "other")
    (tmp_path / "other").rename(tmp_path / ".run1.new")
    done, _, folder = claim.claim(tmp_path / "run1", OWN)
    assert done["training"] == {"srand": 1} and folder == tmp_path / "run1"
    assert read_description(folder)["training"] == {"srand": 1} and (tmp_path / ".backup" / "run1.1").exists()


@pytest.mark.parametrize("whole", [True, False])
def test_beside_a_finished_training_too_another_kind_moves_aside(tmp_path, whole):
    finished(tmp_path / "run1", training={"srand": 2})
    finished(tmp_path / "other", training={"srand": 3}) if whole else unfinished(tmp_path / "other", OTHER)
    (tmp_path / "other").rename(tmp_path / ".run1.new")
    assert claim.claim(tmp_path / "run1", OWN) == (None, None, tmp_path / ".run1.new")
    assert (tmp_path / ".backup" / ".run1.new.1").exists() and not (tmp_path / ".run1.new").exists()
    assert (tmp_path / "run1" / "final.pt").exists()


def test_a_damaged_folder_moves_aside_with_a_warning(tmp_path, capsys):
    finished(tmp_path / "run1")
    (tmp_path / "run1" / "final.pt").write_bytes(b"cut")
    assert claim.claim(tmp_path / "run1", OWN) == (None, None, tmp_path / "run1")
    said = capsys.readouterr().err
    assert "final.pt: has the checksum" in said and f"moved to {tmp_path}/.backup/run1.1" in said
    unfinished(tmp_path / "run1", history=3)
    assert claim.claim(tmp_path / "run1", OWN) == (None, None, tmp_path / "run1")
    assert "checkpoint.pt: found no history of a training in it; remove it" in capsys.readouterr().err
    assert (tmp_path / ".backup" / "run1.2" / "checkpoint.pt").exists()


def test_files_that_a_killed_process_was_writing_are_removed(tmp_path):
    for folder in ("run1", ".run1.new"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / ".final.pt.tmp~").touch()
    claim.claim(tmp_path / "run1", OWN)
    assert not [*tmp_path.rglob("*.tmp*")]


def test_a_checkpoint_without_the_state_of_a_training_is_refused(tmp_path):
    write_tensors(tmp_path / "a.pt", {"model": {}, "optimizer": {}, "best": {}, "best_epoch": 1.0})
    missing = "description, history, best_ccc, best_epoch, far, srand, restarts"
    with pytest.raises(BadInput, match=f"a.pt: found no {missing} of a training in it; remove it to restart"):
        claim.read_state(tmp_path / "a.pt")
    for name, value in [
        ("history", [None]),
        ("history", [[0.1]]),
        ("history", [[0.1, "x"]]),
        ("restarts", [[1, "x"]]),
        ("srand", -1),
    ]:
        unfinished(tmp_path, **{name: value})
        with pytest.raises(BadInput, match=f"checkpoint.pt: found no {name} of a training in it; remove it"):
            claim.read_state(tmp_path / "checkpoint.pt")
    unfinished(tmp_path, history=[[1.0, 0.5]], restarts=[{"srand": 1, "reason": "x"}])
    assert claim.read_state(tmp_path / "checkpoint.pt")["description"] == OWN


def test_a_written_model_names_the_weights_it_belongs_to(tmp_path):
    place = finished(tmp_path / "run1")
    assert torch.equal(read_tensors(place / "final.pt")["weight"], torch.ones(2))
    assert read_description(place)["weights"].startswith("sha256 ")
    (tmp_path / ".new").mkdir()
    assert claim.finish(str(tmp_path / ".new")) == tmp_path / ".new"  # no name between the two
    (tmp_path / ".a.new").mkdir()
    assert claim.finish(tmp_path / ".a.new") == tmp_path / "a" and claim.new_name("x/run2") == ".run2.new"
