"""cer/training/train.py on utterances in memory and made-up scores on dev: what is kept, told and made once more."""

import types

import numpy as np
import pytest
import torch
from test_model_folder import DESCRIPTION
from test_network import Told

from cer.base.errors import BadInput
from cer.models import architecture
from cer.scoring.metrics import ccc
from cer.system.labels import Labels
from cer.system.model_folder import read_description
from cer.system.tensors import read_tensors, write_tensors
from cer.training import claim, steps
from cer.training import train as training

ABOUT = {name: value for name, value in DESCRIPTION.items() if name != "result"}
FINE = [np.zeros(120), np.zeros(80)]
FAR = [np.where(np.arange(120) < 3, 1e4, 0.0), np.zeros(80)]  # 1.5 % of the outputs


class Training:
    """A training of a small network; scores: on dev, or (score, outputs), epoch by epoch, the last one for all more."""

    def __init__(self, folder, monkeypatch, scores, arch="dnn", labels=None, **options):
        self.folder, self.seeds, self.modes, self.drawn, self.weights = folder, [], [], [], []
        self.arch, self.scores, self.labels = arch, list(scores), labels or Labels(0.0, 1.0)
        self.sets, self.options = (Told([30, 20, 10, 25]), Told([200])), options
        for module in (training, steps):
            monkeypatch.setattr(module, "evaluate", self.evaluate)

    def new_model(self, seed):
        self.seeds.append(seed)
        torch.manual_seed(seed)
        model = architecture(self.arch)(4, **({"width": 3, "dropout": 0.5} if self.arch == "dnn" else {}))
        model.register_forward_pre_hook(lambda *_: self.modes.append(model.training))
        return model

    def evaluate(self, model, prepared, labels, outputs=None):
        if len(prepared) > 1:
            return 0.75, None  # the training set, after a solution
        model.eval()
        self.drawn.append(torch.initial_seed())
        self.weights.append({name: value.clone() for name, value in model.state_dict().items()})
        found = self.scores[0] if len(self.scores) == 1 else self.scores.pop(0)
        return found if isinstance(found, tuple) else (found, FINE)

    def run(self, **extra):
        options = {"learning_rate": 0.01, "max_epochs": 9, "patience": 2} | self.options
        return training.train(
            self.new_model, *self.sets, self.labels, self.folder, ABOUT, {"made": "here"} | extra, **options
        )


@pytest.fixture
def begin(tmp_path, monkeypatch):
    return lambda scores, name="run1", **options: Training(tmp_path / name, monkeypatch, scores, **options)


def test_the_weights_of_the_best_epoch_are_kept_with_what_tells_of_them(begin, tmp_path):
    one = begin([0.1, 0.3, 0.3, 0.2])
    result = one.run()
    assert result == {
        "best_epoch": 2, "epochs": 4, "dev_ccc": 0.3, "srand": 1, "restarts": [], "learnt": True,
    }  # fmt: skip
    kept, described = read_tensors(tmp_path / "run1" / "final.pt"), read_description(tmp_path / "run1")
    assert all(torch.equal(kept[name], value) for name, value in one.weights[1].items())
    labels = np.concatenate(one.sets[0].survey().labels)
    assert described["label_range"] == [labels.min(), labels.max()]
    assert described["result"] == result and described["made"] == "here" and described["arch"] == "dnn"
    assert one.seeds == [1] and set(one.modes) == {True} and len(one.modes) == 4 * 4


def test_a_finished_training_is_told_and_not_made_again(begin, capsys, tmp_path):
    result = begin([0.5]).run()
    again = begin([0.1])
    assert again.run() == result and again.seeds == []
    said = capsys.readouterr().out
    assert said.endswith(f"{tmp_path}/run1: trained already (dev CCC 0.5000); remove it to train again\n")


def test_the_log_tells_an_epochs_time_and_the_time_to_the_end(begin, capsys, monkeypatch, tmp_path):
    seconds = iter(range(0, 1000, 3))
    monkeypatch.setattr("cer.training.epochs.time", types.SimpleNamespace(monotonic=lambda: next(seconds)))
    begin([0.1, 0.2, 0.15, 0.12, 0.11, 0.1], patience=3, max_epochs=6).run()
    lines = capsys.readouterr().out.splitlines()
    told = [
        ("dev CCC 0.1000 (best 0.1000 in epoch 1), loss ", "; 3.00 s an epoch, 9 s to the end unless it improves"),
        ("dev CCC 0.2000 (best 0.2000 in epoch 2), loss ", "; 3.00 s an epoch, 9 s to the end unless it improves"),
        ("dev CCC 0.1500 (best 0.2000 in epoch 2), loss ", "; 3.00 s an epoch, 6 s to the end unless it improves"),
        ("dev CCC 0.1200 (best 0.2000 in epoch 2), loss ", "; 3.00 s an epoch, 3 s to the end unless it improves"),
        ("dev CCC 0.1100 (best 0.2000 in epoch 2), loss ", "; 3.00 s an epoch, 0 s to the end unless it improves"),
    ]
    for number, (line, (begins, end)) in enumerate(zip(lines, told, strict=True), 1):
        name = "/".join([*tmp_path.parts[-2:], "run1"])  # the dev CCC fits a narrow terminal's status line
        assert line.startswith(f"{name}: epoch {number} of at most 6: {begins}") and line.endswith(end)


def test_progress_is_the_mean_loss_and_the_score_of_each_epoch(begin, tmp_path):
    one = begin([0.25, 0.125], arch="blstm", labels=Labels(0.5, 2.0, delay=3), learning_rate=1e-12)
    one.run()
    losses = []
    for rows, labels in list.__iter__(one.sets[0]):
        torch.manual_seed(1)
        outputs = architecture("blstm")(4)(torch.from_numpy(rows)).detach().double().numpy()
        losses.append(1 - ccc(np.append(labels[3:], [labels[-1]] * 3).astype(float) / 2 - 0.25, outputs))
    lines = (tmp_path / "run1" / "progress.csv").read_text().splitlines()
    assert lines[0] == "epoch,train_loss,dev_ccc" and len(lines) == 4
    for number, (line, score) in enumerate(zip(lines[1:], ("0.250000", "0.125000", "0.125000"), strict=True), 1):
        epoch, loss, dev = line.split(",")
        assert epoch == str(number) and float(loss) == pytest.approx(np.mean(losses), abs=2e-6) and dev == score


def test_each_epoch_has_an_order_and_random_numbers_of_its_own_the_same_each_time(begin):
    orders, drawn = [], []
    for name, srand in (("a", 1), ("b", 1), ("c", 2)):
        one = begin([0.5], name, srand=srand, max_epochs=3, patience=9)
        one.run()
        numbers = [index for index, _ in one.sets[0].read]
        orders.append([tuple(numbers[n : n + 4]) for n in (0, 4, 8)])
        drawn.append(one.drawn)
        assert len(numbers) == 12 and all(sorted(order) == [0, 1, 2, 3] for order in orders[-1])
    assert orders[0] == orders[1] and drawn[0] == drawn[1]
    assert len({*orders[0], *orders[2]}) > 3 and len({*drawn[0], *drawn[2]}) == 6


def test_a_training_below_the_least_score_is_made_once_more_from_a_seed_far_away(begin, capsys, tmp_path):
    one = begin([0.04994, 0.01, 0.0, 0.05])
    result = one.run()
    reason = "the best dev CCC of 3 epochs is 0.0499, expected 0.05 or more"
    assert result["restarts"] == [{"srand": 1_000_001, "reason": reason}] and one.seeds == [1, 1_000_001]
    assert (result["srand"], result["learnt"], result["dev_ccc"], result["best_epoch"]) == (1_000_001, True, 0.05, 1)
    said = f"{tmp_path}/run1: {reason}; training once more from another seed, 1000001\n"
    assert capsys.readouterr().err.endswith(said)


def test_one_that_fails_again_is_marked(begin):
    result = begin([0.01], srand=7).run()
    reason = "the best dev CCC of 3 epochs is 0.0100, expected 0.05 or more"
    assert result["restarts"] == [{"srand": 1_000_007, "reason": reason}] and result["srand"] == 1_000_007
    assert (result["learnt"], result["reason"], result["diverged"]) == (False, reason, False)


@pytest.mark.parametrize("epochs, learnt", [(1, None), (2, False)])
def test_before_its_patience_is_over_nobody_can_tell(begin, capsys, tmp_path, epochs, learnt):
    result = begin([0.01], max_epochs=epochs).run()
    assert result["learnt"] is learnt and len(result["restarts"]) == (learnt is False)
    said = f"{tmp_path}/run1: dev CCC 0.0100: too few epochs to tell whether it learns" in capsys.readouterr().err
    assert said == (learnt is None)


def test_an_epoch_with_too_many_outputs_far_from_the_labels_is_not_chosen(begin, capsys):
    two = [np.where(np.arange(200) < 2, 1e4, 0.0)]  # 1 %
    assert begin([(0.4, FAR), (0.2, two), 0.1], "a").run()["best_epoch"] == 2
    first, second, third, *_ = capsys.readouterr().out.splitlines()
    assert "(best -inf in epoch 0)" in first and "improves; not chosen: 3 of 200 outputs are outside" in first
    assert second.endswith("unless it improves") and third.endswith("unless it improves")


@pytest.mark.parametrize("initial, kept", [(0.02, 0.02), (np.nan, 0.0)])
def test_without_an_epoch_that_can_be_used_the_initial_weights_are_kept(begin, tmp_path, initial, kept):
    one = begin([(0.4, FAR)] * 4 + [initial])
    result = one.run()
    assert result["reason"].startswith(
        "no epoch of 2 can be used: in the last one, on dev, 3 of 200 outputs are outside"
    )
    assert (result["diverged"], result["learnt"], result["dev_ccc"], result["best_epoch"]) == (True, False, kept, 0)
    weights = read_tensors(tmp_path / "run1" / "final.pt")
    assert all(torch.equal(weights[name], value) for name, value in one.new_model(1_000_001).state_dict().items())


def test_scores_that_are_no_numbers_end_a_training(begin):
    result = begin([0.3, np.nan, np.inf]).run()
    again = result["restarts"][0]["reason"]
    assert again.startswith("the loss is ") and again.endswith(
        ", the dev CCC nan in epoch 2; lower --learning-rate (is 0.01)"
    )
    assert "the dev CCC inf in epoch 1; " in result["reason"] and result["diverged"] and result["epochs"] == 0


@pytest.mark.parametrize("score, learnt", [(0.3, True), (0.01, False), (np.nan, False)])
def test_what_is_solved_is_solved_once(begin, tmp_path, score, learnt):
    one = begin([score], arch="linear_statistics", labels=Labels(0.5, 2.0, delay=3, edges="mask"))
    seen, fit = [], architecture("linear_statistics").fit
    one.new_model = lambda seed: type("Model", (architecture("linear_statistics"),), {
        "fit": lambda self, examples: (seen.append([[*examples], [*examples]]), fit(self, examples), None)[-1]
    })(4, window=3)  # fmt: skip
    result = one.run()
    assert result["learnt"] is learnt and result["restarts"] == []
    for examples in seen[0]:
        for (inputs, targets), (rows, labels) in zip(examples, list.__iter__(one.sets[0]), strict=True):
            assert len(inputs) == len(rows) and targets.tolist() == ((labels[3:] - 0.5) / 2).tolist()
    if np.isnan(score):
        assert len(seen) == 1 and result["reason"] == "the loss is 0.25, the dev CCC nan in epoch 1"
    else:
        assert (tmp_path / "run1" / "progress.csv").read_text().endswith(f"\n1,0.250000,{score:.6f}\n")
        assert len(seen) == 1 and result["epochs"] == 1


def test_a_killed_training_goes_on_where_its_checkpoint_is(begin, capsys, tmp_path, monkeypatch):
    written = []
    monkeypatch.setattr(
        training.tensors, "write_tensors", lambda path, state: written.append(write_tensors(path, state))
    )
    real, one = claim.write_model, begin([0.1, 0.3, 0.2])
    monkeypatch.setattr(claim, "write_model", lambda *_: None)  # as if killed before the end
    one.run()
    assert len(written) == 4  # after each epoch
    monkeypatch.setattr(claim, "write_model", real)
    path = tmp_path / "run1" / "checkpoint.pt"
    whole = read_tensors(path)
    assert len(whole["history"]) == 4 and whole["description"] == ABOUT
    state = whole["optimizer"]
    for wrong in (
        {},
        {"state": {}, "param_groups": []},  # as torch.optim keeps it
        state | {"step": None},
        state | {"step": [1] * len(state["step"])},
        state | {"step": 1},
        state | {"exp_avg": [torch.ones(7), *state["exp_avg"][1:]]},
        state | {"exp_avg": [*state["exp_avg"], torch.ones(7)]},
    ):
        write_tensors(path, whole | {"optimizer": wrong})
        with pytest.raises(BadInput, match=r"checkpoint.pt: its optimizer does not fit \(.*\); remove it to restart"):
            begin([0.1]).run()
    write_tensors(path, whole | {"best": {}})
    with pytest.raises(BadInput, match="checkpoint.pt: 'layers.0.weight': found nothing"):
        begin([0.1]).run()
    write_tensors(path, whole | {"model": {}})
    with pytest.raises(BadInput, match="checkpoint.pt: 'layers.0.weight': found nothing"):
        begin([0.1]).run()
    write_tensors(path, whole | {"history": whole["history"][:3]})
    capsys.readouterr()
    two = begin([0.2])
    assert two.run() == {
        "best_epoch": 2, "epochs": 4, "dev_ccc": 0.3, "srand": 1, "restarts": [], "learnt": True,
    }  # fmt: skip
    first, second, *rest = capsys.readouterr().out.splitlines()
    assert first == f"{tmp_path}/run1: going on after epoch 3"
    assert "run1: epoch 4 of at most 9: dev CCC " in second and not rest
    assert len((tmp_path / "run1" / "progress.csv").read_text().splitlines()) == 5
    kept = read_tensors(tmp_path / "run1" / "final.pt")
    assert all(torch.equal(kept[name], value) for name, value in one.weights[1].items())


def test_on_a_gpu_a_second_passes_between_two_checkpoints(begin, monkeypatch):
    devices, clock, written = iter([torch.device("cuda")]), iter(np.arange(99) * 0.4), []
    monkeypatch.setattr(training, "device_of", lambda model: next(devices, torch.device("cpu")))
    monkeypatch.setattr(training, "time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(training.tensors, "write_tensors", lambda path, state: written.append(len(state["history"])))
    begin([0.5], patience=9, max_epochs=7).run()
    assert written == [3, 6]  # due a second after the last one was written: at 1.2 s (until 1.6 s), at 2.8 s
