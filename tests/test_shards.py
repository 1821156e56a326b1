"""cer/prediction/shards.py: predictions of many recordings; what is finished is not predicted again."""

import csv
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from cer.base import facts
from cer.base.errors import BadInput
from cer.bin import collect_recordings
from cer.data.datadir import Archive
from cer.prediction import shards


@pytest.fixture
def job(tmp_path, monkeypatch):
    """Predict recordings, which are texts here, three a shard: job(ids) -> (ids that were predicted, failures)."""
    monkeypatch.setattr(shards, "SIZE", 3)
    monkeypatch.setattr(shards, "FEW", 4)
    monkeypatch.setattr("cer.data.predictions.FEW", 4)
    (tmp_path / "in").mkdir()
    for n in range(9):
        (tmp_path / "in" / f"r{n}").write_text(f"{n}")
    return partial(work, tmp_path)


def work(place, ids, models="these", targets=("arousal", "valence"), out=None, **options):
    predicted, failed, out = [], {}, Path(out or place / "out")

    def predict(key, path):
        predicted.append(key)
        text = path.read_text()
        if text == "bad":
            raise BadInput("no sound\nat all")
        return {target: np.float32([text, 0.5]) for target in targets}

    table = {f"r{n}": place / "in" / f"r{n}" for n in ids}
    about = {"number": len(table), "csv": "auto"} | options
    folder = shards.Folder(out, targets, 0.04, {"made with": models}, **about)
    for one in shards.chunks(table, folder.size):
        failed |= folder.finish(one, predict)
    found = shards.collect(out, table, about["csv"], 1, failed)
    assert found == [key for key in table if key not in failed]
    for target in targets:
        archive = Archive(out / f"{target}.scp")
        assert all(archive[key][:, 0].tolist() == [float(table[key].read_text()), 0.5] for key in found)
    return "".join(key[1] for key in predicted), failed


def files(place):
    return sorted(path.relative_to(place / "out").as_posix() for path in (place / "out").rglob("*") if path.is_file())


def rows(place):
    found = []
    for path in sorted((place / "out" / "tables").iterdir()):
        with path.open(newline="") as file:
            head, *lines = csv.reader(file)
        assert head == ["id", "time", "arousal", "valence"]
        found += [line[:3] for line in lines]
    return sorted(found)


def test_few_recordings_have_a_csv_and_an_archive_each(job, tmp_path):
    assert job(range(4)) == ("0123", {}) and job(range(4)) == ("", {})
    assert [name for name in files(tmp_path) if "3" in name] == [
        ".done/r3.done", "arousal/r3.ark", "arousal/r3.scp", "csv/r3.csv", "valence/r3.ark", "valence/r3.scp",
    ]  # fmt: skip


def test_many_are_joined_in_shards_with_a_table_each(job, tmp_path):
    assert job(range(8)) == ("01234567", {}) and job(range(8)) == ("", {})
    assert len(files(tmp_path)) == 2 + 3 * (1 + 1 + 2 * 2)
    assert rows(tmp_path) == [[f"r{n}", time, f"{y:.6f}"] for n in range(8) for time, y in (("0", n), ("0.04", 0.5))]


def test_a_killed_job_goes_on_with_the_recordings_that_are_missing(job, tmp_path, monkeypatch):
    job(range(8))
    whole = {name: (tmp_path / "out" / name).read_bytes() for name in files(tmp_path)}
    (tmp_path / "out").rename(tmp_path / "before")
    write, calls, stop = shards.writing_archive, [], []

    def killed(*arguments):
        calls.append(arguments)
        if len(calls) == stop[-1]:
            raise KeyboardInterrupt
        return write(*arguments)

    monkeypatch.setattr(shards, "writing_archive", killed)
    predicted = ""
    for number in (6, 2, 3, 4, 0):  # in r2; while a shard is joined, and again; in the next one
        calls.clear()
        stop.append(number)
        try:
            predicted += job(range(8))[0]
        except KeyboardInterrupt:
            predicted += "|"
    assert predicted.startswith("||||") and {*predicted[4:]} <= {*"34567"}
    assert {name: (tmp_path / "out" / name).read_bytes() for name in files(tmp_path)} == whole


def test_only_what_changed_is_predicted_again(job, tmp_path):
    job(range(8))
    (tmp_path / "in" / "r4").write_text("40")
    assert job(range(8)) == ("4", {}) and ["r4", "0", "40.000000"] in rows(tmp_path) and len(rows(tmp_path)) == 16
    table = next((tmp_path / "out" / "tables").iterdir())
    table.write_text("edited")
    assert job(range(8)) == ("", {}) and len(rows(tmp_path)) == 16
    archive = sorted((tmp_path / "out" / "arousal" / "shards").glob("*.ark"))[0]
    archive.write_bytes(archive.read_bytes()[:-1])
    assert len(job(range(8))[0]) in (2, 3)  # all of a shard
    assert job(range(8), models="others")[0] == "01234567"
    assert job(range(8), models="others", resume=False)[0] == "01234567"


def test_the_current_folder_does_not_matter(job, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert job(range(8), out="out")[0] == "01234567" and job(range(8))[0] == ""
    monkeypatch.chdir(tmp_path / "in")
    assert job(range(8), out="../out")[0] == ""


def test_a_recording_that_fails_costs_only_itself_and_is_tried_again(job, tmp_path):
    (tmp_path / "in" / "r1").write_text("bad")
    (tmp_path / "in" / "r7").unlink()
    predicted, failed = job(range(8))
    assert (
        predicted == "01234567"
        and failed["r1"] == "no sound at all"
        and failed["r7"] == f"{tmp_path}/in/r7: No such file or directory"
    )
    (tmp_path / "in" / "r1").write_text("1")
    (tmp_path / "in" / "r7").write_text("7")
    assert job(range(8)) == ("17", {}) and len(rows(tmp_path)) == 16


@pytest.mark.parametrize("number", [4, 8])
def test_an_earlier_prediction_of_a_recording_that_fails_now_is_not_named(job, tmp_path, number):
    job(range(number))
    (tmp_path / "in" / "r1").write_text("bad")
    assert job(range(number))[1].keys() == {"r1"}
    assert len(Archive(tmp_path / "out" / "valence.scp")) == number - 1
    (tmp_path / "in" / "r1").write_text("1")
    assert job(range(number))[1] == {} and len(Archive(tmp_path / "out" / "valence.scp")) == number


@pytest.mark.parametrize("when, number", [("arousal/r1", 4), ("arousal/r1", 8), ("arousal/shards", 8)])
def test_a_recording_that_changes_while_it_is_predicted_or_joined_is_predicted_again(
    job, tmp_path, monkeypatch, capsys, when, number
):
    write, changed = shards.writing_archive, []

    def changing(stem):
        if when in str(stem) and not changed:
            changed.append((tmp_path / "in" / "r1").write_text("1 "))
        return write(stem)

    monkeypatch.setattr(shards, "writing_archive", changing)
    predicted, failed = job(range(number))
    told, said = "the file changed while it was read; predict it again", capsys.readouterr().err
    assert predicted == "01234567"[:number]
    if when == "arousal/shards":
        assert failed == {} and f"{told}; its shard is joined by the next call" in said
    else:
        assert failed.keys() == {"r1"} and told in failed["r1"] and said == ""
    assert job(range(number)) == ("1", {}) and capsys.readouterr().err == ""
    assert number == 4 or len(files(tmp_path)) == 2 + 3 * (1 + 1 + 2 * 2)


def test_recordings_that_are_added_move_to_other_shards_without_being_predicted(job, tmp_path):
    job(range(1, 8))
    assert job(range(9)) == ("08", {})
    assert len(list((tmp_path / "out" / "tables").iterdir())) == 3 and len(rows(tmp_path)) == 18
    job(range(5))
    assert len(Archive(tmp_path / "out" / "arousal.scp")) == 9  # those of earlier calls stay


@pytest.mark.parametrize("number", [4, 8])
def test_earlier_predictions_of_other_models_are_told(job, tmp_path, capsys, number):
    job(range(number))
    job([0])
    assert capsys.readouterr().err == ""
    job([0, 2], models="others", resume=False)
    ids = ", ".join(f"r{n}" for n in range(1, number) if n != 2)
    assert f"out: earlier predictions of {ids[:18]}" in (said := capsys.readouterr().err) and "r2" not in said
    job(range(number), models="others")
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("number", [4, 8])
def test_a_target_that_is_no_longer_predicted_is_no_longer_named(job, tmp_path, number):
    job(range(number))
    fewer = {"models": "others", "targets": ["arousal"]}
    assert len(job(range(number), resume=False, **fewer)[0]) == number
    assert not (tmp_path / "out" / "valence.scp").exists()
    assert job(range(number + 1), **fewer) == (str(number), {})
    job(range(number + 1))
    assert len(Archive(tmp_path / "out" / "valence.scp")) == number + 1


def test_csvs_that_are_asked_for_later_need_no_prediction(job, tmp_path):
    job(range(8))
    assert job(range(8), csv="true") == ("", {}) and len(list((tmp_path / "out" / "csv").iterdir())) == 8
    assert job(range(3)) == ("", {}) and job(range(3), csv="false") == ("", {})


def test_a_folder_of_few_recordings_may_grow(job, tmp_path):
    job(range(4))
    assert job(range(8)) == ("4567", {}) and not list((tmp_path / "out" / "csv").iterdir())
    assert len(rows(tmp_path)) == 16


def test_recordings_of_which_nothing_is_heard_are_named(job, tmp_path, capsys):
    job(range(3))
    scp = tmp_path / "wav.scp"
    scp.write_text("".join(f"r{n} {tmp_path}/in/r{n}\n" for n in range(5)))
    # a name may hold what Python's splitlines takes for the end of a line
    (tmp_path / "out" / "failed.1").write_text("r3 a\u2028b\x0bc: no sound\n")
    failed = "2 of 5 recordings failed:\n  r3: a\u2028b\x0bc: no sound\n  no predictions yet of r4: a job"
    with pytest.raises(SystemExit, match=failed):
        collect_recordings.main([str(scp), str(tmp_path / "out")])
    assert f"predictions of 3 recordings are in {tmp_path}/out/tables" in capsys.readouterr().out


def test_finished_recordings_are_not_read_or_digested_more_than_once(job, tmp_path, monkeypatch):
    job(range(8))
    digest, digested = facts.digest, []
    monkeypatch.setattr(facts, "digest", lambda path: digested.append(str(path)) or digest(path))
    assert job(range(8))[0] == "" and max(map(digested.count, digested)) == 1


@pytest.mark.parametrize(
    "number, csv, size",
    [(100, "auto", 1), (101, "auto", 100), (3, "true", 1), (3, "false", 100), (101, "true", 100), (101, "false", 100)],
)
def test_shards_are_of_a_hundred_recordings_where_there_are_more_or_no_csvs(number, csv, size):
    assert shards.size_of_shards(number, csv) == size


def test_a_table_is_cut_into_chunks_that_are_named_after_their_recordings():
    table = {f"r{n}": n for n in range(7)}
    assert [[*one.items()] for one in shards.chunks(table, 3)] == [
        [("r0", 0), ("r1", 1), ("r2", 2)], [("r3", 3), ("r4", 4), ("r5", 5)], [("r6", 6)]
    ]  # fmt: skip
    assert [*shards.chunks({}, 3)] == []
    # sha256sum of the lines r0 and r1, without a line end after the last
    assert shards.shard({"r0": 0, "r1": 1}) == "shards/27c50177a315"
    assert len({shards.shard(keys) for keys in (["r0", "r1"], ["r1", "r0"], ["r0r1"], ["r0"], ["r\udc80"])}) == 5
