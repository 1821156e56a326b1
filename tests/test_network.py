"""cer/system/network.py: reading a trained network, its inputs in memory, and the evaluation of a set."""

import threading
import tracemalloc
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from test_model_folder import DESCRIPTION

from cer.base.errors import BadInput
from cer.models import architecture, build
from cer.scoring.metrics import ccc
from cer.system import network
from cer.system.labels import Labels
from cer.system.network import Prepared, evaluate
from cer.system.utterances import Memory, Survey
from cer.training import claim

LABELS = Labels(1.0, 2.0, delay=1)


class Told(list):
    """Utterances in a list, or as if each of them was read from a file; `read`: which were, and by which thread."""

    def __init__(self, lengths, in_memory=True, size=0, columns=4):
        random = np.random.default_rng(0)
        super().__init__(tuple(random.normal(size=n).astype("f") for n in ((rows, columns), rows)) for rows in lengths)
        self.in_memory, self.memory, self.read = in_memory, Memory(size), []
        self.rows = SimpleNamespace(label_shift=0.5)

    def survey(self):
        return Survey([labels for _, labels in list.__iter__(self)], sum(map(len, self)), "0")

    def __getitem__(self, index):
        self.read.append((index, threading.current_thread() is threading.main_thread()))
        return super().__getitem__(index)


def numbers(told):
    return [index for index, _ in told.read]


def test_a_network_is_read_as_it_was_written_for_prediction_without_dropout(tmp_path):
    model = build("dnn", 16, DESCRIPTION["options"] | {"dropout": 0.5})
    options = {"options": DESCRIPTION["options"] | {"dropout": 0.5}}
    claim.write_model(tmp_path, model.state_dict(), DESCRIPTION | options)
    found, rows, description = network.read_model(tmp_path)
    assert not found.training and rows.input_dim == 16 and description["arch"] == "dnn"
    assert all(torch.equal(value, model.state_dict()[name]) for name, value in found.state_dict().items())


def test_a_folder_without_a_network_or_with_one_that_cannot_be_is_named(tmp_path):
    with pytest.raises(
        BadInput, match=rf"{tmp_path}: found no final.pt and model.json; run stage 3 \(steps/train.sh\)"
    ):
        network.read_model(tmp_path)
    claim.write_model(tmp_path, {}, DESCRIPTION | {"arch": "downup", "options": {"upsampling_filter_width": 7}})
    with pytest.raises(BadInput, match="model.json: found an upsampling filter of 7, expected .*; remove its folder"):
        network.read_model(tmp_path)
    claim.write_model(tmp_path, {}, DESCRIPTION)
    with pytest.raises(BadInput, match="final.pt: 'layers.0.weight': found nothing"):
        network.read_model(tmp_path)


@pytest.mark.parametrize("size, kept", [(0, 0), (10 * 8 * 4 - 1, 0), (10 * 8 * 4, 1), (20 * 8 * 4, 2)])
def test_prepared_inputs_are_kept_as_far_as_memory_goes(size, kept):
    model, told = architecture("linear_statistics")(4, window=3), Told([10, 10, 10], size=size)
    prepared = Prepared(model, told)
    first = [prepared[n] for n in range(3)]
    again = [prepared[n] for n in range(3)]
    assert len(prepared) == 3 and numbers(told) == [0, 1, 2, *range(kept, 3)]
    assert [a is b for a, b in zip(first, again, strict=True)] == [n < kept for n in range(3)]
    for inputs, (rows, _) in zip(first, list.__iter__(told), strict=True):
        assert torch.equal(inputs, model.prepare(torch.from_numpy(rows)))


def test_prepared_parts_of_a_long_recording_are_not_kept():
    told = Told([10, 20], size=10**6)
    prepared = Prepared(architecture("linear_statistics")(4, window=3), told, partial(network.parts, most=10))
    assert [prepared[n] is prepared[n] for n in range(3)] == [True, False, False]
    assert told.memory.left == 10**6 - 10 * 8 * 4


def test_inputs_that_need_no_preparation_take_no_memory_of_their_own():
    told = Told([10, 10], size=10**6)
    prepared = Prepared(architecture("dnn")(4), told)
    assert all(torch.equal(prepared[1], torch.from_numpy(list.__getitem__(told, 1)[0])) for _ in range(2))
    assert numbers(told) == [1, 1] and told.memory.left == 10**6


def test_on_a_gpu_all_inputs_are_kept_in_half_of_its_free_memory(monkeypatch):
    model, told = architecture("dnn")(4), Told([10, 10], size=10**6)
    with monkeypatch.context() as gpu:
        gpu.setattr(network, "device_of", lambda model: torch.device("cuda"))
        gpu.setattr(torch.cuda, "mem_get_info", lambda: (2 * 10 * 4 * 4 + 1, 10**9))
        prepared = Prepared(model, told)
    for _ in range(2):
        assert [len(prepared[n]) for n in range(2)] == [10, 10]
    assert numbers(told) == [0, 1, 1] and told.memory.left == 10**6


ORDER = [2, 0, 1, 3]


@pytest.mark.parametrize("order", [ORDER, [1]])
def test_utterances_outside_memory_are_read_ahead_in_the_order_that_is_asked_for(order):
    told = Told([10, 20, 30, 40], in_memory=False)
    going, waited = Prepared(architecture("dnn")(4), told).in_order(order), threading.Event()
    sizes = [len(next(going))]
    for _ in range(100):
        if len(told.read) == min(2, len(order)):  # the next one is read before it is asked for
            break
        waited.wait(0.01)
    assert numbers(told) == order[:2] and not any(main for _, main in told.read)
    sizes += map(len, going)
    assert sizes == [10 * (index + 1) for index in order] and numbers(told) == order


def test_what_is_in_memory_is_taken_by_the_thread_that_asks():
    for told, arch in [(Told([10] * 4), "dnn"), (Told([10] * 4, in_memory=False, size=10**6), "linear_statistics")]:
        prepared = Prepared(architecture(arch)(4), told)
        if not told.in_memory:
            assert len([*prepared.in_order(ORDER)]) == 4 and numbers(told) == ORDER
            told.read.clear()
        assert len([*prepared.in_order(ORDER)]) == 4
        assert told.read == ([(index, True) for index in ORDER] if told.in_memory else [])


def test_a_set_is_evaluated_as_one_recording_in_the_labels_units():
    model, told = architecture("dnn")(4, dropout=0.5).train(), Told([30, 50])
    found, predictions = evaluate(model, Prepared(model, told), LABELS)
    assert not model.training  # so that no unit is left out
    with torch.no_grad():
        outputs = [model(torch.from_numpy(rows)).numpy() for rows, _ in list.__iter__(told)]
    expected = np.concatenate([1 + 2 * np.concatenate([y[:1], y[:-1]]) for y in outputs])  # a row later
    assert [len(one) for one in predictions] == [30, 50] and np.concatenate(predictions) == pytest.approx(expected)
    gold, predicted = (np.concatenate(each).astype(np.float64) for each in (told.survey().labels, predictions))
    assert isinstance(found, float) and found == ccc(gold, predicted)  # to the last bit
    other, _ = evaluate(model, Prepared(model, told), LABELS, lambda inputs: torch.arange(float(len(inputs))))
    values = np.concatenate([1 + 2 * np.concatenate([[0], np.arange(n - 1)]) for n in (30, 50)])
    assert other == pytest.approx(ccc(gold, values.astype(float)))


def test_the_evaluation_of_many_hours_holds_their_predictions_and_little_else():
    told = Told([100_000] * 20, columns=1)
    model = architecture("linear_stacking")(1)
    prepared = Prepared(model, told)
    tracemalloc.start()
    evaluate(model, prepared, LABELS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 * 2_000_000  # bytes; in double precision at once, labels and predictions alone take so many


def test_one_utterance_is_predicted_in_the_labels_units_without_gradients():
    model, rows = (
        architecture("linear_statistics")(4, window=3),
        np.random.default_rng(1).normal(size=(9, 4)).astype("f"),
    )
    outputs = network.network_output(model, rows)
    with torch.no_grad():
        assert outputs == pytest.approx(model(model.prepare(torch.from_numpy(rows))).numpy())
    assert network.predict(model, rows, LABELS) == pytest.approx(1 + 2 * np.concatenate([outputs[:1], outputs[:-1]]))
    assert network.device_of(model) == torch.device("cpu")


def test_a_long_utterance_is_taken_in_parts_that_follow_each_other_and_is_read_once():
    told = Told([6, 7, 20, 12], in_memory=False)
    prepared = Prepared(architecture("dnn")(4), told, partial(network.parts, most=6))
    order = prepared.shuffled(np.random.default_rng(3))
    assert order != sorted(order) == [*range(len(prepared))]
    whole = np.random.default_rng(3).permutation(4)
    for of_whole in (order, order):
        told.read.clear()
        taken = [*prepared.in_order(of_whole)]
        assert numbers(told) == [*whole]
        assert np.array_equal(np.concatenate(taken), np.concatenate([list.__getitem__(told, n)[0] for n in whole]))
        gold = [LABELS.targets(list.__getitem__(told, n)[1]) for n in whole]
        assert np.array_equal(np.concatenate([*prepared.targets(LABELS, of_whole)]), np.concatenate(gold))
    assert [len(inputs) for inputs in prepared] == [6, 3, 4, 5, 5, 5, 5, 6, 6]


@pytest.mark.parametrize("arch", ["dnn", "single", "blstm", "downup", "linear_statistics"])
def test_a_long_utterance_is_evaluated_in_parts_to_the_same_result(arch, monkeypatch):
    lengths = [3000, 4310, 20]
    told, model = Told(lengths, in_memory=False), build(arch, 4, {"filter_width": 7} if arch == "single" else {}).eval()
    expected, of_whole = evaluate(model, Prepared(model, told), LABELS)
    monkeypatch.setattr(network, "CHUNK", 100)
    prepared = Prepared(model, told, partial(network.exact_parts, model))
    most, context = network.chunk(model), sum(model.receptive_field())
    told.read.clear()
    found, predictions = evaluate(model, prepared, LABELS)
    assert [len(one) for one in predictions] == lengths and numbers(told) == [0, 1, 2]
    assert found == pytest.approx(expected, abs=1e-6)
    assert np.concatenate(predictions) == pytest.approx(np.concatenate(of_whole), abs=1e-5)
    taken = [one.rows if arch == "single" else len(one) for one in prepared]
    if arch == "blstm":
        assert most is None and taken == lengths  # each output depends on all rows
    else:
        assert most == max(100, 8 * context) and len(taken) == sum(-(-length // most) for length in lengths) > 3
        assert max(taken) <= most + context + 2 * getattr(model, "period", 1)


def test_exact_parts_have_targets_of_their_own_rows_alone(monkeypatch):
    monkeypatch.setattr(network, "CHUNK", 3)
    model = architecture("dnn")(4, context=1, every=1)  # a row on each side; 16 rows at once
    told, labels = Told([40, 5]), Labels(1.0, 2.0, delay=2, edges="mask")  # the last two rows have no target
    prepared = Prepared(model, told, partial(network.exact_parts, model))
    found = [*prepared.targets(labels, range(4))]
    assert [len(one) for one in found] == [14, 15, 13, 3] and [len(one) for one in prepared] == [14, 15, 15, 5]
    assert [np.flatnonzero(np.isnan(one)).tolist() for one in found] == [[13], [0, 14], [0], []]
    whole = [labels.targets(gold) for gold in prepared.labels]
    own = np.concatenate([one[~np.isnan(one)] for one in found])
    assert np.array_equal(own, np.concatenate(whole))


def test_without_a_limit_utterances_are_taken_whole_in_the_same_order():
    told = Told([6, 7, 20])
    for cut in (None, partial(network.parts, most=20)):
        prepared = Prepared(architecture("dnn")(4), told, cut)
        assert prepared.shuffled(np.random.default_rng(5)) == [*np.random.default_rng(5).permutation(3)]
        assert all(np.array_equal(prepared[n], list.__getitem__(told, n)[0]) for n in range(3))
