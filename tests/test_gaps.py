"""Labels with gaps: a label that is NaN is one that nobody gave. Whatever learns or measures leaves its row out."""

import copy
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from conftest import make_data_dir, write_archive
from scipy.io import wavfile
from test_labels import make_late
from test_train import train

from cer.base.errors import BadInput
from cer.bin import predict as predict_program
from cer.data import frames
from cer.data.corpus import Recording, write_recordings
from cer.data.datadir import Archive, labels_of
from cer.data.plausible import Range
from cer.models import build
from cer.models.layers import regression
from cer.prediction import postprocess
from cer.scoring import scores
from cer.scoring.metrics import ccc
from cer.system.labels import Labels
from cer.system.network import Prepared, parts
from cer.system.rows import Rows
from cer.system.utterances import Utterances
from cer.training.delay import fit_labels
from cer.training.steps import one_pass, steps_of

RANDOM = np.random.default_rng(0)
ROWS = Rows(4, 0.01, 4, True, True)


def with_gaps(values, *gaps):
    """A copy with NaN from each first row to before each last one."""
    values = values.copy()
    for first, last in gaps:
        values[first:last] = np.nan
    return values


@pytest.fixture
def gaps(tmp_path):
    """Sets train and dev of three utterances, whose labels have gaps at the start, in the middle and at the end."""
    for seed, name in enumerate(("train", "dev")):
        make_data_dir(tmp_path / name, seed=seed)
        labels = {
            key: with_gaps(y, (0, 20), (90, 130), (180, 201))
            for key, y in labels_of(tmp_path / name, "arousal").items()
        }
        write_archive(tmp_path / name, "arousal", labels)
    return tmp_path


def test_rows_in_gaps_are_not_compared():
    labels, predictions = RANDOM.standard_normal((2, 100, 1))
    p, y = frames.pair_labelled(predictions[:99], with_gaps(labels, (10, 20)), "P16")
    there = np.r_[0:10, 20:99]
    assert np.array_equal(y, labels[there]) and np.array_equal(p, predictions[there])
    assert frames.pair_labelled(predictions, labels, "P16")[0] is not None
    with pytest.raises(BadInput, match="P16: all its labels are missing"):
        frames.pair_labelled(predictions, np.full((100, 1), np.nan), "P16")


def test_what_lies_between_gaps_is_a_stretch():
    values = with_gaps(np.arange(12.0), (0, 2), (5, 6), (7, 9))
    assert [part.tolist() for part in frames.stretches(values)] == [[2, 3, 4], [9, 10, 11]]  # 6 stands alone
    assert [len(part) for part in frames.stretches(np.arange(12.0))] == [12] and not frames.stretches(values[:2])


def test_labels_may_have_gaps_and_features_may_not(gaps):
    assert np.isnan(labels_of(gaps / "dev", "arousal")["P00"]).sum() == 81
    feats = dict(Archive(gaps / "dev" / "feats.scp"))
    feats["P01"][3, 2] = np.nan
    write_archive(gaps / "dev", "feats", feats)
    with pytest.raises(BadInput, match=r"feats\.scp: P01: found nan"):
        Archive(gaps / "dev" / "feats.scp")["P01"]


@pytest.mark.parametrize("values, good", [([0, np.nan, 1], True), ([np.nan] * 3, False), ([0, np.inf, 1], False)])
def test_a_recording_has_one_label_at_least_and_no_infinite_one(tmp_path, values, good):
    wavfile.write(tmp_path / "P1.wav", 8000, np.ones(960, np.int16))
    one = Recording("P1", "P1", tmp_path / "P1.wav", {"arousal": np.array(values)})
    if good:
        write_recordings(tmp_path / "data", [one], 0.04)
        assert np.array_equal(labels_of(tmp_path / "data", "arousal")["P1"][:, 0], values, equal_nan=True)
    else:
        with pytest.raises(BadInput, match="P1: arousal: found .* expected finite numbers, and nan in gaps"):
            write_recordings(tmp_path / "data", [one], 0.04)


def test_a_step_learns_from_the_labelled_rows_alone():
    torch.manual_seed(1)
    model, inputs = build("downup", 4, {"width": 4}), torch.randn(60, 4)
    other, targets = copy.deepcopy(model), torch.randn(50)
    rows = torch.tensor([*range(10), *range(30, 50)])
    adam = torch.optim.Adam(other.parameters(), lr=0.01)
    loss = 1 - ccc(targets[rows], other(inputs)[rows])
    loss.backward()
    adam.step()
    assert steps_of(model, learning_rate=0.01).step(inputs, targets[rows], rows) == pytest.approx(loss.item())
    assert all(torch.allclose(a, b, atol=1e-7) for a, b in zip(model.parameters(), other.parameters(), strict=True))


def test_scale_and_range_are_those_of_the_labels_that_are_there(gaps):
    data = Utterances(gaps / "train", ROWS, "arousal")
    there = np.concatenate([y[~np.isnan(y)] for y in data.survey().labels])
    labels = fit_labels(data)
    assert (labels.mean, labels.deviation) == pytest.approx((there.mean(), there.std()), rel=1e-5)
    assert Range.of(data) == Range(there.min(), there.max())


@pytest.mark.parametrize("arch", ["downup", "linear_statistics", "svr"])
def test_a_network_learns_from_labels_with_gaps_and_is_scored_where_there_are_labels(gaps, arch):
    options = (
        ["--learning-rate=0.01"]
        if arch == "downup"
        else [f"--arch={arch}", "--window=10", *(["--every=1"] if arch == "svr" else [])]
    )
    result = train(gaps, gaps / "run1", *options)["result"]
    assert result["dev_ccc"] > 0.05
    predict_program.main([str(gaps / "dev"), str(gaps / "run1"), str(gaps / "out")])
    labels, predicted = labels_of(gaps / "dev", "arousal"), Archive(gaps / "out" / "output.1.scp")
    pairs = [frames.pair_labelled(predicted[key], labels[key], key) for key in labels]
    p, y = (np.concatenate([pair[n][:, 0] for pair in pairs]).astype(float) for n in (0, 1))
    assert len(y) == 3 * 120 and result["dev_ccc"] == pytest.approx(ccc(y, p), abs=1e-5)
    assert scores.score(labels, predicted)["ccc"] == pytest.approx(ccc(y, p))


def test_a_part_of_a_long_utterance_in_which_nobody_rated_is_no_step(gaps):
    steps, labels = [], Labels(0.0, 1.0)
    utterances = Utterances(gaps / "train", ROWS, "arousal")
    prepared = Prepared(build("downup", 16, {"width": 4}), utterances, partial(parts, most=20))
    told = SimpleNamespace(model=torch.nn.Linear(1, 1), step=lambda x, y, rows: steps.append((len(x), y, rows)) or 0.5)
    assert one_pass(told, prepared, labels, np.random.default_rng(0)) == 0.5
    assert len(prepared) == 3 * 10 and len(steps) == 3 * 7
    assert {rows for rows, _, _ in steps} == {20} and not any(y.isnan().any() for _, y, _ in steps)
    assert sum(len(y) for _, y, _ in steps) == 3 * 120


@pytest.mark.parametrize("arch", ["linear_stacking", "svr"])
def test_what_is_solved_is_solved_without_the_rows_in_gaps(arch):
    torch.manual_seed(0)
    model = build(arch, 3, {"every": 1} if arch == "svr" else {})
    x, y = torch.randn(300, 3), torch.randn(300)
    rows = torch.tensor([*range(100), *range(150, 300)])
    ready = model.prepare(x) if hasattr(model, "prepare") else x
    gapped = y.clone()
    gapped[100:150] = torch.nan
    model.fit([(ready, gapped)])
    found = model(ready)
    design = model._stack(x) if arch == "linear_stacking" else ready
    other = copy.deepcopy(model)
    torch.manual_seed(0)
    if arch == "svr":
        regression.support_vector(other.output, [(design[rows], y[rows])], **other.settings)
    else:
        regression.ridge(other.output, [(design[rows], y[rows])], other.penalty)
    assert torch.allclose(found, other(ready), atol=1e-5) and found.isfinite().all()


def test_the_delay_is_found_in_labels_with_gaps(tmp_path):
    data = make_late(tmp_path / "late")
    whole = fit_labels(Utterances(data, ROWS, "arousal"), label_delay="search").delay
    labels = {key: with_gaps(y, (100, 160), (300, 320)) for key, y in labels_of(data, "arousal").items()}
    write_archive(data, "arousal", labels)
    assert abs(fit_labels(Utterances(data, ROWS, "arousal"), label_delay="search").delay - whole) <= 10


def test_an_utterance_without_any_label_is_left_out_and_named(gaps, capsys):
    for name in ("train", "dev"):
        labels = dict(labels_of(gaps / name, "arousal"))
        labels["P01"][:] = np.nan
        write_archive(gaps / name, "arousal", labels)
    assert train(gaps, gaps / "run1", "--max-epochs=1")["train"]["utterances"] == 2
    said = capsys.readouterr().err
    assert all(f"{name}: left out: 1 utterance with only nan in arousal.scp: P01" in said for name in ("train", "dev"))


def test_a_score_is_that_of_the_labelled_rows():
    labels = {"P16": RANDOM.standard_normal((100, 1)), "P17": RANDOM.standard_normal((80, 1))}
    predictions = {key: y + RANDOM.standard_normal(y.shape) for key, y in labels.items()}
    gapped = {"P16": with_gaps(labels["P16"], (0, 60)), "P17": labels["P17"]}
    cut = [
        {key: values[60:] if key == "P16" else values for key, values in one.items()} for one in (labels, predictions)
    ]
    assert scores.score(gapped, predictions) == scores.score(*cut)


@pytest.mark.parametrize("method", postprocess.METHODS)
def test_post_processing_is_fitted_to_the_labelled_rows(method):
    gold = np.sin(np.arange(600) / 40)
    spoilt = 0.5 * gold + 0.2 + 0.2 * RANDOM.standard_normal(600)
    whole = postprocess.fit(method, [(gold, spoilt)], 0.04)
    gapped = postprocess.fit(method, [(with_gaps(gold, (100, 110), (400, 405)), spoilt)], 0.04)
    assert [one["step"] for one in gapped["steps"]] == [one["step"] for one in whole["steps"]]
    assert gapped["ccc_after"] == pytest.approx(whole["ccc_after"], abs=0.01)
