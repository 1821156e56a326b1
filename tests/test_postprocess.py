import json
import tracemalloc

import numpy as np
import pytest
from conftest import make_data_dir
from test_train import train

from cer.base.errors import BadInput
from cer.bin import fit_postprocess, predict, score
from cer.data.datadir import Archive
from cer.prediction import postprocess
from cer.scoring.metrics import ccc
from cer.system.labels import later

TIME = np.arange(2000) * 0.04


def gold(phase):
    return 0.2 + 0.1 * np.sin(TIME / 3 + phase)


def values_of(fitted):
    return {each["step"]: each["value"] for each in fitted["steps"]}


def test_the_chain_undoes_offset_scale_spikes_and_delay():
    random, labels = np.random.default_rng(0), [gold(0), gold(1)]
    spikes = [np.where(random.random(2000) < 0.1, 5.0, 0.0) for _ in labels]
    predictions = [later(3 * y - 1 + spike, 30) for y, spike in zip(labels, spikes, strict=True)]
    fitted = postprocess.fit("chain", [*zip(labels, predictions, strict=True)], 0.04)
    found = values_of(fitted)
    assert [each["step"] for each in fitted["steps"]] == ["median", "centre", "scale", "shift"]
    assert found["scale"][0] == pytest.approx(1 / 3, rel=0.1) and abs(found["shift"] + 30) <= 2
    after = postprocess.apply(fitted["steps"], predictions)
    assert ccc(np.concatenate(labels), np.concatenate(after)) == pytest.approx(fitted["ccc_after"])
    assert fitted["ccc_before"] < 0.2 and fitted["ccc_after"] > 0.98


def test_the_ccc_of_a_fit_is_that_of_all_rows_wherever_they_lie():
    """Sums about an origin, where labels and predictions are far from 0 and from each other."""
    random = np.random.default_rng(0)
    for offset in (0, 1e4, -1e6):
        labels = [offset + gold(n)[: 500 + 300 * n] for n in range(5)]
        predictions = [2 - offset + random.normal(0.3 * (y - offset), 0.1) for y in labels]
        fitted = postprocess.fit("chain", [*zip(labels, predictions, strict=True)], 0.04)
        both = predictions, postprocess.apply(fitted["steps"], predictions)
        before, after = (ccc(np.concatenate(labels), np.concatenate(each)) for each in both)
        assert (fitted["ccc_before"], fitted["ccc_after"]) == (pytest.approx(before), pytest.approx(after))
        assert values_of(fitted)["centre"] == pytest.approx(2 * offset, abs=3)


def test_recordings_are_gone_through_again_for_each_step_and_not_kept():
    class Pairs:
        rounds = 0

        def __iter__(self):
            self.rounds += 1
            return ((gold(n), later(3 * gold(n), 5)) for n in range(60))

    pairs = Pairs()
    tracemalloc.start()
    fitted = postprocess.fit("chain", pairs, 0.04)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(fitted["steps"]) >= 2 and pairs.rounds == 6  # the longest, the CCC before, four steps
    assert peak < 40 * 2000 * 8  # of 60 recordings


def test_labels_that_are_all_missing_cannot_be_fitted_to():
    with pytest.raises(BadInput, match="found no label that is a number in any recording, expected some to fit to"):
        postprocess.fit("chain", [(np.full(9, np.nan), np.zeros(9))], 0.04)


def test_a_step_that_does_not_help_is_left_out():
    fitted = postprocess.fit("chain", [(gold(0), gold(0))], 0.04)
    assert fitted["steps"] == [] and fitted["ccc_after"] == fitted["ccc_before"] == pytest.approx(1)


def test_smoothing_takes_noise_away_and_keeps_the_ends():
    noisy = gold(0) + np.random.default_rng(0).normal(0, 0.1, 2000)
    fitted = postprocess.fit("gaussian", [(gold(0), noisy)], 0.04)
    after = postprocess.apply(fitted["steps"], [noisy])[0]
    assert fitted["ccc_after"] > 0.95 > fitted["ccc_before"] and abs(after[0] - 0.2) < 0.1
    constant = postprocess.apply(fitted["steps"], [np.full(50, 0.3)])[0]
    assert np.allclose(constant, 0.3)


@pytest.mark.filterwarnings("error")
def test_constant_predictions_and_short_recordings_are_no_accident():
    fitted = postprocess.fit("chain", [(gold(0)[:5], np.full(5, 0.1))], 0.04)
    assert np.isfinite(fitted["ccc_after"]) and "scale" not in values_of(fitted)
    with pytest.raises(BadInput, match="--method=kalman: expected one of chain, gaussian"):
        postprocess.fit("kalman", [(gold(0), gold(0))], 0.04)


@pytest.mark.parametrize("method", ["chain", "gaussian"])
def test_a_recording_of_one_row_costs_the_others_nothing(method):
    random = np.random.default_rng(0)
    labels, predictions = [gold(0), gold(1)], [3 * later(gold(n), 30) + random.normal(0, 0.1, 2000) for n in (0, 1)]
    pairs, one = [*zip(labels, predictions, strict=True)], np.full(1, 0.2)
    fitted, short = (postprocess.fit(method, each, 0.04) for each in (pairs, [*pairs, (one, one)]))
    assert [each["step"] for each in short["steps"]] == [each["step"] for each in fitted["steps"]] != []
    assert short["ccc_after"] == pytest.approx(fitted["ccc_after"], abs=0.01)
    assert [len(one) for one in postprocess.apply(short["steps"], [*predictions, np.full(1, 0.2)])] == [2000, 2000, 1]


@pytest.fixture
def system(small):
    """A model folder of two runs with predictions for its training and dev set."""
    for run in (1, 2):
        train(small, small / "model" / f"run{run}", f"--srand={run}", "--max-epochs=5")
    for name in ("train", "dev"):
        predict.main([str(small / name), str(small / "model"), str(small / "model" / f"predict_{name}")])
        folder = small / "model" / f"predict_{name}"
        (folder / "output.scp").write_text((folder / "output.1.scp").read_text())
    return small


@pytest.mark.parametrize("fitted_on", ["train", "dev"])
def test_what_was_fitted_is_stored_and_applied_unchanged_to_other_data(system, fitted_on, capsys):
    new = system / "new"
    new.mkdir()
    for run in ("run1", "run2"):
        (new / run).symlink_to(f"../model/{run}")
    arguments = [system / fitted_on, system / "model" / f"predict_{fitted_on}", new]
    fit_postprocess.main(["--method=chain", *map(str, arguments)])
    fitted = json.loads((new / "postprocess.json").read_text())
    assert fitted["fitted_on"] == fitted_on and fitted["ccc_after"] > fitted["ccc_before"]
    assert ("optimistic" in capsys.readouterr().err) == (fitted_on == "dev")
    make_data_dir(system / "own", labels=False, seed=5)
    for model in ("model", "new"):
        predict.main([str(system / "own"), str(system / model), str(system / f"out_{model}")])
    for folder in (".", "run1"):
        plain, changed = (Archive(system / f"out_{model}" / folder / "output.1.scp") for model in ("model", "new"))
        for key in plain:
            expected = postprocess.apply(fitted["steps"], [plain[key][:, 0]])[0]
            assert np.allclose(changed[key][:, 0], expected, atol=1e-5)
    predict.main([str(system / "dev"), str(new), str(new / "predict_dev")])
    for folder in (".", "run1", "run2"):
        path = new / "predict_dev" / folder
        (path / "output.scp").write_text((path / "output.1.scp").read_text())
    score.main(["--system=new", "--set=dev", str(system / "dev"), str(new / "predict_dev")])
    text = (new / "predict_dev" / "score.txt").read_text()
    assert f"post-processing (chain, fitted on {fitted_on})" in text and ("optimistic" in text) == (fitted_on == "dev")


def tried(monkeypatch, name, rows, shift=0.04):
    """The values that a fit tries for one step, on a recording of so many rows."""
    values = []
    monkeypatch.setitem(postprocess.METHODS, "one", (name,))
    monkeypatch.setitem(postprocess.STEPS, name, lambda p, value: values.append(value) or p)
    y = np.arange(float(rows))
    assert postprocess.fit("one", [(y, y + 1)], shift)["steps"] == []  # what does not help is not kept
    return values


def test_medians_of_0_4_to_20_seconds_are_tried(monkeypatch):
    found = tried(monkeypatch, "median", 1000)
    assert len(found) == 25 and found[0] == 11 and found[-1] == 501 and all(rows % 2 for rows in found)
    sides = [(rows - 1) / 2 for rows in found]
    assert sides == pytest.approx([5 * 50 ** (n / 24) for n in range(25)], abs=0.5)
    assert [tried(monkeypatch, "median", 1000, 0.1)[n] for n in (0, -1)] == [5, 201]


def test_gaussians_of_40_ms_to_10_seconds_are_tried_where_they_are_shorter_than_the_recording(monkeypatch):
    expected = [250 ** (n / 24) for n in range(25)]  # deviations in rows
    assert tried(monkeypatch, "gaussian", 1000) == pytest.approx(expected)
    assert tried(monkeypatch, "gaussian", 1001, 0.01) == pytest.approx([4 * rows for rows in expected])
    assert len(tried(monkeypatch, "gaussian", 251)) == 25 and len(tried(monkeypatch, "gaussian", 250)) == 24
    assert len(tried(monkeypatch, "median", 501)) == 25 and len(tried(monkeypatch, "median", 500)) == 24


@pytest.mark.parametrize(
    "rows, shift, limit", [(1000, 0.04, 250), (1000, 0.1, 100), (251, 0.04, 250), (250, 0.04, 249)]
)
def test_shifts_of_up_to_10_seconds_either_way_are_tried(monkeypatch, rows, shift, limit):
    assert tried(monkeypatch, "shift", rows, shift) == [*range(-limit, 0), *range(1, limit + 1)]


@pytest.mark.parametrize(
    "name, wrong, value",
    [
        ("centre", lambda y: y - 0.75, 0.75),
        ("scale", lambda y: 0.2 + 4 * (y - 0.2), (0.25, 0.2)),
        ("shift", lambda y: later(y, 30), -30),
        ("shift", lambda y: later(y, -7), 7),
    ],
)
def test_a_step_alone_finds_what_was_done(monkeypatch, name, wrong, value):
    monkeypatch.setitem(postprocess.METHODS, "one", (name,))
    y = np.concatenate([gold(0), 0.4 - gold(0)])  # mean 0.2
    fitted = postprocess.fit("one", [(part, wrong(part)) for part in (y[:1800], y[1800:])], 0.04)
    assert fitted["method"] == "one" and [each["step"] for each in fitted["steps"]] == [name]
    assert fitted["steps"][0]["value"] == pytest.approx(value)
    assert fitted["ccc_after"] > fitted["ccc_before"] + 1e-3


def test_a_scale_keeps_the_mean_that_it_was_fitted_with():
    scaled = postprocess.apply([{"step": "scale", "value": (0.5, 3.0)}], [np.array([3.0, 5.0, 1.0])])
    assert scaled[0].tolist() == [3, 4, 2]
    assert postprocess.apply([{"step": "centre", "value": -2.0}], [np.array([3.0])])[0].tolist() == [1]


def test_smoothing_is_a_gaussian_up_to_four_deviations():
    click = np.zeros(101)
    click[50] = 1
    found = postprocess.apply([{"step": "gaussian", "value": 6.3}], [click])[0]
    distance = np.abs(np.arange(101) - 50)
    bell = np.where(distance <= 25, np.exp(-(distance**2) / (2 * 6.3**2)), 0)  # 4 x 6.3 is 25.2 rows
    assert found == pytest.approx(bell / bell.sum(), abs=1e-12)


@pytest.mark.parametrize(
    "step, value, reach",
    [
        ("median", 11, 5),
        ("median", 1, 0),
        ("gaussian", 6.3, 25),
        ("gaussian", 1.0, 4),
        ("gaussian", 0.4, 2),
        ("centre", 0.1, None),
        ("scale", (1.5, 0.2), None),
        ("shift", -7, None),
        ("shift", 3, None),
    ],
)
def test_a_stage_sees_as_far_as_its_filter(step, value, reach):
    [stage] = postprocess.stages([{"step": step, "value": value}])
    assert reach is None or (stage.before, stage.after) == (reach, reach)
    x = np.random.default_rng(0).normal(size=40)
    pieces = [stage.push(x[n : n + 1]) for n in range(40)] + [stage.finish()]
    found = np.concatenate([piece for piece in pieces if piece is not None])
    assert found == pytest.approx(postprocess.apply([{"step": step, "value": value}], [x])[0], abs=1e-12)


@pytest.mark.parametrize("fitted_on, end", [("train", ""), ("dev", "; figures of dev are optimistic")])
def test_a_fit_is_described_in_seconds_and_in_the_labels_units(fitted_on, end):
    values = {"median": 11, "centre": -0.25, "scale": [1.5, 0.2], "shift": -50, "gaussian": 6.25}
    steps = [{"step": step, "value": value} for step, value in values.items()]
    told = postprocess.describe({"method": "chain", "fitted_on": fitted_on, "steps": steps}, 0.04)
    done = "median 0.44 s, centre -0.250, scale 1.500, shift -2.00 s, gaussian 0.25 s"
    assert told == f"post-processing (chain, fitted on {fitted_on}): {done}{end}"
    nothing = postprocess.describe({"method": "gaussian", "fitted_on": fitted_on, "steps": []}, 0.04)
    assert nothing == f"post-processing (gaussian, fitted on {fitted_on}): nothing helped{end}"


def read(path, *steps):
    path.write_text(json.dumps({"method": "chain", "fitted_on": "train", "steps": [*steps]}))
    return postprocess.read(path)["steps"]


@pytest.mark.parametrize(
    "name, good, bad",
    [
        ("median", [1, 11], [0, 11.5, "11"]),
        ("centre", [-0.5, 2], [None, [1.0]]),
        ("scale", [[1.5, 0.25]], [1.5, [1.5], [1.5, 0.25, 1.0]]),
        ("shift", [-100_000, 0, 100_000], [-100_001, 100_001, 0.5]),
        ("gaussian", [0.1, 100_000], [0, -1.0, 100_000.5]),
        ("kalman", [], [1]),
    ],
)
def test_stored_steps_are_read_as_they_are_or_refused(tmp_path, name, good, bad):
    first, path = {"step": "centre", "value": 0.0}, tmp_path / "postprocess.json"
    for value in good:
        assert read(path, first, {"step": name, "value": value}) == [first, {"step": name, "value": value}]
    for value in bad:
        with pytest.raises(BadInput, match=r"postprocess.json: steps\[1\].*found .*expected .*; fit it again"):
            read(path, first, {"step": name, "value": value})
