"""The ceiling, checked against a direct computation on three raters and two recordings."""

import json
import re

import numpy as np
import pytest
from conftest import write_wav

from cer.data.corpus import Recording, write_recordings
from cer.scoring import gold_standard
from cer.scoring.metrics import ccc, pcc, rmse
from local.paper import ceiling

RATERS = ["FM1", "FM2", "FF1"]
MEASURES = {"ccc": ccc, "pcc": pcc, "rmse": rmse}


def ratings(seed, raters=3):
    """Traces that agree in part, with a level each: (R, T), already float32 as an archive holds them."""
    random = np.random.default_rng(seed)
    traces = (
        random.uniform(-0.3, 0.3, 26) + random.uniform(-0.2, 0.2, (raters, 26)) + random.uniform(-0.3, 0.3, (raters, 1))
    )
    return traces.astype(np.float32).astype(np.float64)


@pytest.fixture
def data(tmp_path):
    """Two recordings in dev, one in test."""
    for name, keys in (("dev", ("P1", "P2")), ("test", ("P3",))):
        recordings = [Recording(key, key, write_wav(tmp_path / f"{key}.wav", range(16000))) for key in keys]
        for recording in recordings:
            recording.ratings = {"arousal": ratings(int(recording.id[1]))}
        write_recordings(tmp_path / "data" / name, recordings, 0.04, RATERS)
    return tmp_path / "data"


def run(data):
    ceiling.main([str(data), str(data.parent / "exp")])
    return json.loads((data.parent / "exp" / "ceiling.json").read_text())


def fails(data):
    with pytest.raises(SystemExit) as error:
        run(data)
    assert not (data.parent / "exp").exists()
    return str(error.value)


def direct(seeds, rater, centred):
    """A rater's scores: {measure: (concatenated, mean of the recordings)}."""
    own = [ratings(seed)[rater] for seed in seeds]
    gold = [gold_standard.avec(ratings(seed)[[r for r in range(3) if r != rater]]) for seed in seeds]
    if centred:
        own = [trace - trace.mean() + other.mean() for trace, other in zip(own, gold, strict=True)]
    return {
        name: (measure(np.concatenate(gold), np.concatenate(own)),
               np.mean([measure(y, x) for y, x in zip(gold, own, strict=True)]))
        for name, measure in MEASURES.items()
    }  # fmt: skip


@pytest.mark.parametrize(("traces", "centred"), [("as they are", False), ("centred", True)])
def test_each_rater_is_scored_against_the_gold_standard_of_the_others(data, traces, centred):
    record = next(one for one in run(data) if (one["set"], one["traces"]) == ("dev", traces))
    assert record["target"] == "arousal" and record["recordings"] == 2 and list(record["raters"]) == RATERS
    expected = [direct((1, 2), rater, centred) for rater in range(3)]
    for name in MEASURES:
        for k, key in enumerate((name, f"{name}_per_recording")):
            values = [one[name][k] for one in expected]
            assert [record["raters"][rater][key] for rater in RATERS] == pytest.approx(values)
            assert record["mean"][key] == pytest.approx(np.mean(values))
            assert record["std"][key] == pytest.approx(np.std(values, ddof=1))


def test_the_table_has_a_line_a_set_and_target(data, capsys):
    plain = run(data)[0]
    values = [one["ccc"] for one in plain["raters"].values()]
    assert capsys.readouterr().out == f"{data.parent}/exp/ceiling.json: raters FM1, FM2, FF1\n"
    text = (data.parent / "exp" / "sections" / "70-ceiling.md").read_text()
    lines = [line for line in text.splitlines() if line.startswith("|")]
    mean = f"{plain['mean']['ccc']:.3f} ± {plain['std']['ccc']:.3f}"
    assert lines[2].startswith(f"| dev | arousal | 2 | {mean} | {min(values):.3f} to {max(values):.3f} |")
    assert lines[3].startswith("| test | arousal | 1 |") and len(lines) == 4 and "FM1, FM2, FF1" in text


def test_a_rater_who_is_the_others_gold_standard_reaches_1(tmp_path):
    same = np.tile(ratings(1)[:1], (3, 1))
    one = Recording("P1", "P1", write_wav(tmp_path / "P1.wav", range(16000)), ratings={"arousal": same})
    write_recordings(tmp_path / "data" / "dev", [one], 0.04, RATERS)
    for record in run(tmp_path / "data"):
        assert record["mean"]["ccc"] == pytest.approx(1) and record["mean"]["rmse"] == pytest.approx(0, abs=1e-9)


def test_what_is_missing_is_named_with_its_cure(data, tmp_path):
    assert "found no */ratings/*.scp" in (message := fails(tmp_path / "none")) and "run stage 0" in message
    (data / "dev" / "ratings" / "raters").write_text("FM1 FM2\n")
    assert "arousal.scp: P1: found 3 traces and the raters FM1, FM2, expected" in fails(data)
    (data / "dev" / "ratings" / "raters").unlink()
    assert "raters: cannot be read" in fails(data)


def test_only_rows_count_that_a_rater_and_others_rated(tmp_path):
    traces = [ratings(1, 4), ratings(2, 4)]
    traces[0][0, :10] = np.nan
    traces[0][1:, 20:] = np.nan  # rows that nobody else rated
    traces[1][0] = np.nan
    for each in traces:
        each[3] = np.nan  # rated nothing anywhere
    recordings = [
        Recording(f"P{n}", f"P{n}", write_wav(tmp_path / f"P{n}.wav", range(16000)), ratings={"arousal": each})
        for n, each in enumerate(traces, start=1)
    ]
    write_recordings(tmp_path / "data" / "dev", recordings, 0.04, [*RATERS, "FF2"])
    plain, centred = run(tmp_path / "data")
    assert [*plain["raters"]] == RATERS
    own = traces[0][0, 10:20]
    levels = [traces[0][r, :20].mean() for r in (1, 2)]  # of all rows that both rated
    w = ccc(traces[0][1, :20], traces[0][2, :20])
    gold = (traces[0][1:3, 10:20] - np.array(levels)[:, None]).mean(axis=0) + np.average(levels, weights=[w, w])
    assert plain["raters"]["FM1"]["ccc"] == pytest.approx(ccc(gold, own))
    moved = own - own.mean() + gold.mean()
    assert centred["raters"]["FM1"]["rmse"] == pytest.approx(rmse(gold, moved))


@pytest.mark.parametrize("raters, shared", [(2, 0), (2, 1), (1, 13)])
def test_raters_who_share_a_row_at_most_have_no_ceiling(data, capsys, raters, shared):
    apart = ratings(1, raters)
    apart[0, :13], apart[1:, 13 + shared :] = np.nan, np.nan
    one = Recording("P1", "P1", data.parent / "P1.wav", ratings={"arousal": apart})
    write_recordings(data / "dev", [one], 0.04, RATERS[:raters])
    assert [record["set"] for record in run(data)] == ["test", "test"]
    assert "dev/ratings/arousal.scp: found no two raters who rated the same rows" in capsys.readouterr().err
    write_recordings(data / "test", [one], 0.04, RATERS[:raters])
    assert run(data) == []
    assert "\nNo two raters rated the same rows.\n" in (data.parent / "exp/sections/70-ceiling.md").read_text()


def test_a_gold_standard_that_cannot_be_weighted_is_warned_of_once(data, capsys):
    traces = {"arousal": np.random.default_rng(1).uniform(-0.3, 0.3, (6, 26))}  # no two agree
    both = [Recording(key, key, data.parent / "P3.wav", ratings=traces) for key in ("P3", "P4")]
    write_recordings(data / "test", both, 0.04, [*RATERS, "FF2", "FF3", "FM3"])
    run(data)
    (warned,) = [line for line in capsys.readouterr().err.splitlines() if "raters agree too little" in line]
    assert re.search(r"test/ratings/arousal.scp: P3, without \w+: .* plain mean \(and \d more like this\)$", warned)


def test_raters_far_from_the_others_or_constant_are_warned_of_in_one_line(data, capsys):
    traces = ratings(1, 4)
    traces[0], traces[1] = 5, traces[1] + 5
    one = Recording("P3", "P3", data.parent / "P3.wav", ratings={"arousal": traces})
    write_recordings(data / "test", [one], 0.04, [*RATERS, "FF2"])
    run(data)
    (warned,) = [line for line in capsys.readouterr().err.splitlines() if "constant" in line or "outside" in line]
    assert "arousal.scp: FM1: P3: predictions are constant; its CCC is 0 (and " in warned


def test_a_rater_who_shares_a_row_each_with_two_who_share_none_makes_no_ceiling(data, capsys):
    traces = ratings(1)
    traces[0, 2:] = traces[1, 0] = traces[2, 1] = np.nan
    traces[1, 2:10] = traces[2, 10:] = np.nan
    one = Recording("P1", "P1", data.parent / "P1.wav", ratings={"arousal": traces})
    write_recordings(data / "dev", [one], 0.04, RATERS)
    assert [record["set"] for record in run(data)] == ["test", "test"]
    assert "dev/ratings/arousal.scp: found no two raters who rated the same rows" in capsys.readouterr().err
