import re
import types

import numpy as np
import pytest
import torch
from conftest import make_data_dir, write_archive
from test_train import train

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.tables import write_table
from cer.data import datadir
from cer.data.plausible import Range
from cer.models.layers import windows
from cer.scoring.metrics import ccc
from cer.system import labels
from cer.system.labels import Edges, Labels, later
from cer.system.rows import Rows
from cer.system.utterances import Utterances
from cer.training.delay import Delay, fit_labels


def utterances(data):
    return Utterances(data, Rows.of_features(data, norm_means=True, norm_vars=True), "arousal")


def make_late(directory, seed=0):
    """A data directory of slow labels, a feature's mean over 2 s, whose annotators are 50 rows (2 s) late."""
    make_data_dir(directory, utterances=8, rows=1500, seed=seed)
    features = datadir.Archive(directory / "feats.scp")
    slow = {key: np.convolve(x[:, 0], np.ones(200) / 10, "same")[::4] for key, x in features.items()}
    write_archive(directory, "arousal", {key: later(y, 50)[:, None].astype("f") for key, y in slow.items()})
    return directory


def test_targets_are_the_labels_of_later_and_the_delay_is_undone():
    labels, y = Labels(1.0, 2.0, delay=2), np.array([1.0, 3.0, 5.0, 7.0, 9.0])
    assert labels.targets(y).tolist() == [2, 3, 4, 4, 4] and labels.targets(y).dtype == np.float32
    assert Labels(1.0, 2.0, 2, "mask").targets(y).tolist() == [2, 3, 4]
    assert labels.predictions(labels.targets(y)).tolist() == [5, 5, 5, 7, 9]
    assert Labels(1.0, 2.0).predictions(Labels(1.0, 2.0).targets(y)).tolist() == y.tolist()
    assert Labels(0.0, 1.0, 9).targets(y).tolist() == 5 * [9]


def test_moving_in_time_repeats_the_ends_and_never_makes_zeros():
    y = np.array([1.0, 2.0, 3.0])
    assert later(y, 1).tolist() == [1, 1, 2] and later(y, -1).tolist() == [2, 3, 3]
    assert (
        later(y, 0).tolist() == [1, 2, 3] and later(y, 7).tolist() == [1, 1, 1] and later(y, -7).tolist() == [3, 3, 3]
    )


def test_rows_of_several_values_move_together():
    y = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])
    assert later(y, 2).tolist() == [[1, 5], [1, 5], [1, 5]] and later(y, -1).tolist() == [[2, 6], [3, 7], [3, 7]]


def surveyed(*labels):
    """Utterances P0, P1 ... with these labels."""
    labels = [np.array(one, np.float32) for one in labels]
    return types.SimpleNamespace(
        ids=[f"P{n}" for n in range(len(labels))], survey=lambda: types.SimpleNamespace(labels=labels)
    )


@pytest.mark.parametrize("delay, short", [(0, []), (1, ["P1"]), (2, ["P0", "P1"]), (9, ["P0", "P1", "P2"])])
def test_utterances_no_longer_than_the_delay_are_too_short(delay, short):
    assert Labels(0.0, 1.0, delay).too_short(surveyed([1, 2], [3], [4, 5, 6])) == short


def test_the_range_of_labels_is_that_of_all_utterances_or_three_deviations_of_an_earlier_version():
    assert Range.of(surveyed([0.5, -0.25], [0.75], [0.0, 0.25])) == Range(-0.25, 0.75)
    about = {"labels": {"mean": 0.5, "deviation": 0.25}}
    assert Range.of_model(about) == Range(-0.25, 1.25)
    assert Range.of_model(about | {"label_range": [-1.0, 0.5]}) == Range(-1.0, 0.5)


@pytest.mark.parametrize("furthest", [-1258.0, 3.5, np.nan, -np.inf])
def test_outputs_outside_three_times_the_range_are_far_and_the_furthest_is_named(furthest):
    bounds, plausible = Range(-1.0, 0.5), [-2.5, 0.0, 2.0]
    assert not bounds.far(np.array(plausible)).any() and bounds.complaint(np.array(plausible)) is None
    values = np.array([*plausible, 2.0001, furthest, -2.5001])
    assert bounds.far(values).tolist() == [False] * 3 + [True] * 3
    assert bounds.complaint(values) == (
        f"3 of 6 outputs are outside -2.5 to 2, three times the labels' range; the furthest is {furthest:.4g}"
    )


def test_the_delay_is_found_on_the_training_set(tmp_path, capsys):
    found = fit_labels(utterances(make_late(tmp_path / "late")), label_delay="search")
    assert abs(found.delay * 0.04 - 2.0) <= 0.4
    assert "on left-out speakers" in capsys.readouterr().out


def test_a_speaker_is_left_out_with_all_of_his_utterances(tmp_path, monkeypatch):
    data, asked = make_late(tmp_path / "late"), []
    alone = fit_labels(utterances(data), label_delay="search").delay
    write_table(data / "utt2spk", {f"P{n:02d}": f"P{n // 4:02d}" for n in range(8)})
    stats = dict(datadir.Archive(data / "cmvn.scp"))
    write_archive(data, "cmvn", {key: stats[key] for key in ("P00", "P01")})
    monkeypatch.setattr(labels.np.linalg, "solve", lambda a, b, solve=np.linalg.solve: asked.append(a) or solve(a, b))
    assert abs(fit_labels(utterances(data), label_delay="search").delay - alone) <= 20
    assert all((each == asked[0]).all() for each in asked[:4]) and (asked[4] != asked[0]).any()
    write_table(data / "utt2spk", {f"P{n:02d}": "P00" for n in range(8)})
    with pytest.raises(BadInput, match="needs 2 speakers or more"):
        fit_labels(utterances(data), label_delay="search")


def make_short(data, key="P01", rows=1):
    """Cut an utterance to so many rows."""
    for name, length in (("feats", 4 * rows), ("arousal", rows)):
        matrices = dict(datadir.Archive(data / f"{name}.scp"))
        write_archive(data, name, matrices | {key: matrices[key][:length]})


def test_a_short_utterance_costs_the_search_and_the_delay_itself_only(tmp_path, small, capsys):
    data = make_late(tmp_path / "late")
    make_short(data)
    assert abs(fit_labels(utterances(data), label_delay="search").delay * 0.04 - 2.0) <= 1.2
    assert "left out of the search for the label delay: 1 utterance of 8 s or less: P01" in capsys.readouterr().err
    make_short(small / "train", rows=20)
    found = train(small, small / "run1", "--label-delay=0.8", "--max-epochs=1")
    assert found["labels"]["delay"] == 20 and found["train"]["utterances"] == 2
    assert "left out: 1 utterance no longer than the label delay of 0.80 s: P01" in capsys.readouterr().err
    assert train(small, small / "run2", "--label-delay=0.76", "--max-epochs=1")["train"]["utterances"] == 3
    assert "label delay of" not in capsys.readouterr().err


def test_scale_and_delay_of_a_training_set(small):
    data = utterances(small / "train")
    gold = np.concatenate([y for _, y in data])
    found = fit_labels(data, label_delay="1.2", delay_edges="mask")
    assert (found.delay, found.edges) == (30, "mask")
    assert (found.mean, found.deviation) == pytest.approx((gold.mean(), gold.std()), rel=1e-5)
    assert fit_labels(data).delay == 0


@pytest.mark.parametrize("option", ["8", "1e9"])
def test_a_delay_as_long_as_the_longest_utterance_is_refused(small, option):
    with pytest.raises(
        BadInput, match=rf"--label-delay={option}: expected none, search, or seconds from 0 to less than 8"
    ):
        fit_labels(utterances(small / "train"), label_delay=option)


def test_edges_are_repeated_or_masked():
    assert kinds.parse(Edges, "mask") == "mask"
    with pytest.raises(ValueError, match="found 'masks', expected repeat or mask"):
        kinds.parse(Edges, "masks")


def test_constant_labels_and_a_search_on_one_utterance_are_refused(tmp_path):
    data = make_data_dir(tmp_path / "one", utterances=1)
    with pytest.raises(BadInput, match="needs 2 speakers or more"):
        fit_labels(utterances(data), label_delay="search")
    write_archive(data, "arousal", {"P00": np.ones((200, 1), "f")})
    with pytest.raises(BadInput, match="all labels are 1; there is nothing to learn"):
        fit_labels(utterances(data))


def test_a_short_window_learns_late_labels_when_told_of_the_delay(tmp_path):
    for n, name in enumerate(("train", "dev")):
        make_late(tmp_path / name, n)
    options = ["--arch=linear_statistics", "--window=50"]
    plain = train(tmp_path, tmp_path / "plain", *options)
    for edges in ("repeat", "mask"):
        told = train(tmp_path, tmp_path / edges, *options, "--label-delay=2", f"--delay-edges={edges}")
        assert told["result"]["dev_ccc"] > plain["result"]["dev_ccc"] + 0.3 and told["labels"]["delay"] == 50


def searched(tmp_path, capsys, delay, rows=1000, noise=0.0):
    """Utterances whose labels come `delay` rows late, what the search found, the CCCs that it printed, its warning.

    The labels are what the search predicts from: a feature's mean over 4 s.
    """
    random = np.random.default_rng(0)
    data = utterances(make_data_dir(tmp_path, utterances=4, rows=rows))
    slow = {f"P{n:02d}": windows.moments(torch.from_numpy(x), 100)[:, 0].numpy() for n, (x, _) in enumerate(data)}
    made = {key: later(y, delay) + noise * random.standard_normal(len(y)) for key, y in slow.items()}
    write_archive(tmp_path, "arousal", {key: y[:, None].astype("f") for key, y in made.items()})
    capsys.readouterr()
    data = utterances(tmp_path)
    found = fit_labels(data, label_delay="search").delay
    printed = capsys.readouterr()
    best, without = map(float, re.search(r"CCC (-?[\d.]+), without: (-?[\d.]+)", printed.out).groups())
    return data, found, best, without, printed.err


def left_out_ccc(data, delay):
    """By scikit-learn: each utterance from the others, moments of four seconds, a penalty of 1 % of all rows."""
    from sklearn.linear_model import Ridge

    x = [windows.moments(torch.from_numpy(rows).double(), 100).numpy() for rows, _ in data]
    y = [np.concatenate([labels[delay:], [labels[-1]] * delay]) for _, labels in data]
    every = np.concatenate(x)
    x, predicted = [(part - every.mean(0)) / every.std(0) for part in x], []
    for n, part in enumerate(x):
        others = [m for m in range(len(x)) if m != n]
        ridge = Ridge(alpha=0.01 * len(every), tol=1e-12).fit(*(np.concatenate([z[m] for m in others]) for z in (x, y)))
        own = ridge.predict(part)
        predicted.append(np.concatenate([[own[0]] * delay, own])[: len(own)])
    return ccc(np.concatenate([labels for _, labels in data]).astype(float), np.concatenate(predicted))


def test_the_search_is_a_ridge_regression_on_the_others(tmp_path, capsys):
    data, found, best, without, said = searched(tmp_path, capsys, 50, noise=0.05)
    assert found == 50 and said == ""
    assert best == pytest.approx(left_out_ccc(data, 50), abs=6e-4)
    assert without == pytest.approx(left_out_ccc(data, 0), abs=6e-4) and without < best - 0.1


@pytest.mark.parametrize("delay, found, warned", [(0, 0, False), (12, 10, False), (195, 195, False), (210, 200, True)])
def test_the_search_goes_by_fifths_of_seconds_to_eight_and_warns_at_the_end(tmp_path, capsys, delay, found, warned):
    _, rows, _, _, said = searched(tmp_path, capsys, delay)
    assert rows == found and ("which says little" in said) == warned


@pytest.mark.parametrize("rows, last", [(60, 55), (61, 60), (200, 195), (201, 200), (300, 200)])
@pytest.mark.parametrize(
    "scores, best, warned",
    [
        ({}, 0, True),
        ({0: -0.1}, 5, True),
        ({15: 0.1}, 15, False),
        ({15: 0.1, 20: 0.1}, 15, False),
        ({10: 1e-9}, 10, False),
    ],
)
def test_the_best_of_the_delays_is_taken_and_doubtful_ones_are_told(
    tmp_path, capsys, monkeypatch, rows, last, scores, best, warned
):
    tried = []
    monkeypatch.setattr(
        "cer.training.delay._left_out", lambda *given: tried.append(given[-1]) or scores.get(given[-1], 0.0)
    )
    data = utterances(make_data_dir(tmp_path, utterances=2, rows=rows))
    assert fit_labels(data, label_delay="search").delay == best
    assert tried == [*range(0, last + 1, 5)]  # every 0.2 s up to 8 s, as long as every recording has a label left
    printed = capsys.readouterr()
    assert ("which says little" in printed.err) == warned
    assert (
        f"label delay: {best * 0.04:.2f} s (CCC {scores.get(best, 0):.3f}, without: {scores.get(0, 0):.3f}"
        in printed.out
    )


@pytest.mark.parametrize("seconds, rows", [("0", 0), ("0.02", 0), ("0.021", 1), ("7.96", 199), ("7.99", 200)])
def test_seconds_of_delay_are_the_nearest_rows(small, seconds, rows):
    assert fit_labels(utterances(small / "train"), label_delay=seconds).delay == rows


@pytest.mark.parametrize("most, every, used", [(1000, 1, 5), (999, 2, 3), (500, 2, 3), (499, 3, 2), (334, 3, 2)])
def test_of_very_many_rows_the_search_takes_one_utterance_in_a_few(tmp_path, capsys, monkeypatch, most, every, used):
    taken = []
    monkeypatch.setattr("cer.training.delay.MOST", most)
    monkeypatch.setattr("cer.training.delay._left_out", lambda *given: taken.append(given) or float(given[-1] == 5))
    data = utterances(make_data_dir(tmp_path, utterances=5, rows=200))
    gold = [labels for _, labels in data]
    assert fit_labels(data, label_delay="search").delay == 5
    _, _, labels, speakers, _ = taken[0]
    assert [y.tolist() for y in labels] == [y.tolist() for y in gold[::every]] and len(speakers) == used
    told = f"label delay: searched on {used} of 5 utterances, one in {every}\n"
    assert (told in capsys.readouterr().out) == (every > 1)


def test_of_long_utterances_the_search_takes_the_beginning_instead_of_few_of_them(tmp_path, capsys, monkeypatch):
    taken = []
    monkeypatch.setattr("cer.training.delay.MOST", 700)
    monkeypatch.setattr("cer.training.delay.CHUNK", 230)
    monkeypatch.setattr("cer.training.delay._left_out", lambda *given: taken.append(given) or float(given[-1] == 5))
    data = utterances(make_data_dir(tmp_path, utterances=3, rows=500))
    assert fit_labels(data, label_delay="search").delay == 5
    designs, _, labels, speakers, _ = taken[0]
    assert [y.tolist() for y in labels] == [gold[:230].tolist() for _, gold in data] and len(speakers) == 3
    assert {len(design) for design in designs} == {230} and "one in" not in capsys.readouterr().out


def test_utterances_no_longer_than_the_longest_delay_are_left_out_of_the_search(tmp_path, capsys, monkeypatch):
    taken = []
    monkeypatch.setattr("cer.training.delay._left_out", lambda *given: taken.append(given) or float(given[-1] == 5))
    data = make_data_dir(tmp_path, utterances=4, rows=300)
    make_short(data, "P00", rows=201)
    make_short(data, "P02", rows=200)  # eight seconds
    assert fit_labels(utterances(data), label_delay="search").delay == 5
    assert [len(y) for y in taken[0][2]] == [201, 300, 300]
    said = f"{data}: left out of the search for the label delay: 1 utterance of 8 s or less: P02\n"
    assert capsys.readouterr().err.endswith(said)


@pytest.mark.parametrize("options, fit", [
    (["none", "search", "2", "2.4", ".5", "1e-1"], True), (["soon", "-1", "nan", "2_4", "1e400", "", "2 s"], False),
])  # fmt: skip
def test_what_a_delay_may_be(options, fit):
    assert {kinds.fits(Delay, option) for option in options} == {fit}
