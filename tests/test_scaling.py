"""local/benchmark/scaling.py: exponents, the room on the disk, and that it runs on little data."""

import json

import pytest

from local.benchmark import growth, scaling

STEPS = ["CMVN", "training", "prediction", "scoring"]
ALL = {
    "utterances": ["features", *STEPS, "collection", "statistics", "report"],
    "minutes": ["features", *STEPS, "collection", "statistics", "report"],
    "hours": STEPS,
    "systems": ["scoring", "collection", "statistics", "report"],
}


def test_exponents_are_between_neighbouring_sizes():
    assert scaling.exponents([1, 10, 1000], [2, 20, 2e5]) == pytest.approx([1, 2])


def run(names, sizes, monkeypatch, tmp_path, capsys):
    for name in names:
        words, *_, need = growth.SIZES[name]
        monkeypatch.setitem(scaling.SIZES, name, (words, sizes[name], sizes[name], sizes[name], need))
    monkeypatch.setattr(growth, "LONG", 50)
    scaling.main([f"{tmp_path}/scaling", *names, "--quick"])
    record = json.loads((tmp_path / "scaling.json").read_text())
    assert {name: list(steps) for name, steps in record["growing"].items()} == {name: ALL[name] for name in names}
    for name, steps in record["growing"].items():
        for one in steps.values():
            assert one["sizes"] == sizes[name] and min(one["megabytes"]) > 5 and min(one["cpu"]) > 0
            assert [*map(len, one["exponents"].values())] == 3 * [len(sizes[name]) - 1]
    assert (tmp_path / "scaling.png").stat().st_size > 1000
    assert capsys.readouterr().out.count("\n| ") == 2 + sum(len(ALL[name]) for name in names)


@pytest.mark.slow
def test_it_runs_on_systems(monkeypatch, tmp_path, capsys):
    run(["systems"], {"systems": [2, 3]}, monkeypatch, tmp_path, capsys)


@pytest.mark.slow
def test_it_runs_on_recordings_and_on_features(monkeypatch, tmp_path, capsys):
    sizes = {"utterances": [2], "minutes": [0.2], "hours": [0.001]}
    run([*sizes], sizes, monkeypatch, tmp_path, capsys)


def test_a_disk_that_is_too_small_is_told_before_the_work(monkeypatch, tmp_path):
    monkeypatch.setattr(scaling, "SPARE", 1e15)
    with pytest.raises(SystemExit, match=r"utterances: found 0 GB to use, expected 0\.117; name another folder"):
        scaling.main([f"{tmp_path}/scaling", f"--dir={tmp_path}"])


def test_a_place_that_cannot_be_written_is_told_before_the_work(monkeypatch, tmp_path):
    monkeypatch.setattr(scaling, "measure", lambda *_: pytest.fail("measured"))
    (tmp_path / "scaling.json").mkdir()
    with pytest.raises(SystemExit, match="scaling.json: found a folder, expected the name of a file to write"):
        scaling.main(["--quick", f"{tmp_path}/scaling", "hours"])


@pytest.mark.parametrize(
    "words, said",
    [(["sets"], "found sets, expected some of utterances"), (["--quick", "--full"], "expected one of them")],
)
def test_what_is_asked_for_must_be_clear(words, said, tmp_path):
    with pytest.raises(SystemExit, match=said):
        scaling.main([f"{tmp_path}/scaling", *words])
