"""cer/training/steps.py: gradient steps and predictions; on a GPU CUDA graphs that compute the same."""

import contextlib
import copy
import subprocess
import sys

import pytest
import torch
from conftest import ROOT
from test_device import needs_card

from cer.models import build
from cer.scoring.metrics import ccc
from cer.training import steps
from cer.training.adam import Adam
from cer.training.steps import Graphs, Steps, steps_of


def utterance(rows=60, columns=4, seed=0, device="cpu"):
    random = torch.Generator().manual_seed(seed)
    return [torch.randn(*size, generator=random).to(device) for size in ((rows, columns), (rows,))]


def network(arch="downup", device="cpu", **options):
    torch.manual_seed(1)
    return build(arch, 4, options).to(device)


def test_a_step_is_one_of_adam_on_one_minus_the_ccc():
    model, (inputs, targets) = network(width=4), utterance()
    model.unused = torch.nn.Parameter(torch.ones(2))  # without a gradient: the penalty leaves it, too
    other = copy.deepcopy(model)
    found = steps_of(model, learning_rate=0.01, l2=0.1)
    assert type(found) is Steps
    adam = torch.optim.Adam(other.parameters(), lr=0.01, weight_decay=0.1, fused=True)
    for _ in range(3):
        adam.zero_grad()
        loss = 1 - ccc(targets[:50], other(inputs)[:50])
        loss.backward()
        adam.step()
        assert found.step(inputs, targets[:50]) == loss
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), other.parameters(), strict=True))
    assert torch.equal(found.outputs(inputs), model(inputs)) and not found.outputs(inputs).requires_grad


A_STEP = """
import sys, torch, cer.bin.train
from cer.models import build
from cer.training.steps import steps_of

steps_of(build("downup", 4, {}), learning_rate=0.1).step(torch.ones(99, 4), torch.ones(99))
assert "torch._dynamo" not in sys.modules
"""


def test_a_training_starts_without_pytorchs_compiler():
    """torch.optim.Adam imports it: as much time again as all other imports of a training."""
    subprocess.run([sys.executable, "-c", A_STEP], cwd=ROOT, check=True)


def test_a_checkpoint_continues_and_one_of_other_parameters_is_refused():
    model, (inputs, targets) = network(width=4), utterance()
    here = steps_of(model, learning_rate=0.01, l2=0.0)
    here.step(inputs, targets)
    state, again = copy.deepcopy(here.optimizer.state), network(width=4)
    again.load_state_dict(model.state_dict())
    there = steps_of(again, learning_rate=0.01, l2=0.0)
    there.optimizer.load(state)
    assert there.step(inputs, targets) == here.step(inputs, targets)
    assert all(torch.equal(a, b) for a, b in zip(model.parameters(), again.parameters(), strict=True))
    with pytest.raises(ValueError, match="found exp_avg of other sizes than the 20 parameters"):
        there.optimizer.load(state | {"exp_avg": state["exp_avg"][:-1]})


@pytest.fixture
def graphs(monkeypatch):
    """Graphs on the CPU: a "graph" is a call that trains the network, as the calls before a recording do."""

    def recorded(self, function, places):
        self.recorded = getattr(self, "recorded", 0) + 1
        return Again(function, places), places, Result()

    monkeypatch.setattr(Graphs, "_recorded", recorded)

    class Result:
        value = None

        def clone(self):
            return self.value.clone()

    class Again:
        def __init__(self, function, places):
            self.function, self.places, self.result = function, places, None

        def replay(self):
            Result.value = self.function(*self.places)

    return lambda model: Graphs(model, Adam(model.parameters(), learning_rate=0.01))


def test_there_is_one_graph_for_each_length_and_beyond_a_number_none(graphs, monkeypatch):
    monkeypatch.setattr(steps, "LENGTHS", 2)
    model, other = network(width=4), network(width=4)
    found, plain, places = graphs(model), steps_of(other, learning_rate=0.01, l2=0.0), []
    for seed, rows in enumerate((60, 50, 60, 40, 50, 40)):
        inputs, targets = utterance(rows, seed=seed)
        assert found.step(inputs, targets) == plain.step(inputs, targets)
        assert torch.equal(found.outputs(inputs), plain.outputs(inputs))
        places.append([weights.grad.data_ptr() for weights in model.parameters()])
    assert all(each == places[0] for each in places)  # graphs write the gradients where they were
    assert [(name, *map(tuple, shapes)) for name, *shapes in found._graphs] == [
        ("step", (60, 4), (60,)), ("outputs", (60, 4)), ("step", (50, 4), (50,)), ("outputs", (50, 4))
    ]  # fmt: skip
    assert found.recorded == 4  # each of them once


@pytest.mark.parametrize("device, kind", [("cpu", Steps), ("cuda", Graphs)])
def test_on_a_gpu_steps_are_graphs(monkeypatch, device, kind):
    monkeypatch.setattr(steps, "device_of", lambda model: torch.device(device))
    found = steps_of(network(width=4), learning_rate=0.25, l2=0.5)
    assert type(found) is kind and found.optimizer.options == {"lr": 0.25, "weight_decay": 0.5}


def test_prepared_inputs_have_graphs_too(graphs):
    (rows, targets), (others, _) = utterance(60), utterance(60, seed=1)
    model = build("single", 4, {"filter_width": 8})
    found = graphs(model)
    for each in (rows, others):
        inputs = model.prepare(each)
        assert torch.equal(found.outputs(inputs), model(inputs))
        found.step(inputs, targets)
    assert found.recorded == 2 and len(found._graphs) == 2


def test_what_a_recording_changes_is_undone(graphs):
    model, (inputs, targets) = network(width=4), utterance()
    found = graphs(model)
    before = copy.deepcopy(model.state_dict())
    state = found._state()
    Steps.step(found, inputs, targets)
    assert not all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    found._restore(state)
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(value.any() for values in found.optimizer.state.values() for value in values)


class Stream:
    def __init__(self, name, events):
        self.name, self.events = name, events

    def wait_stream(self, other):
        self.events.append(f"{self.name} waits for {other.name}")


def test_a_graph_is_recorded_after_two_calls_on_a_stream_of_their_own_that_leave_nothing(monkeypatch):
    events, pools, step = [], [], Steps.step

    @contextlib.contextmanager
    def on(name):
        events.append(f"{name} begins")
        yield
        events.append(f"{name} ends")

    class Graph:
        def pool(self):
            return "the pool"

        def replay(self):
            events.append("replay")

    fakes = {
        "Stream": lambda: Stream("side", events), "current_stream": lambda: Stream("main", events),
        "stream": lambda stream: on(stream.name), "graph": lambda graph, pool, **_: pools.append(pool) or on("graph"),
        "CUDAGraph": Graph, "get_rng_state": torch.get_rng_state, "set_rng_state": torch.set_rng_state,
    }  # fmt: skip
    for name, fake in fakes.items():
        monkeypatch.setattr(torch.cuda, name, fake)
    monkeypatch.setattr(Steps, "step", lambda *given: events.append("step") or step(*given))
    Steps.step.__name__ = "step"
    model = network("dnn", width=4, dropout=0.5).train()
    before, random = copy.deepcopy(model.state_dict()), torch.get_rng_state()
    found = Graphs(model, Adam(model.parameters(), learning_rate=0.01))
    found.step(*utterance())
    found.step(*utterance(seed=1))
    first = ["side waits for main", "side begins", "step", "step", "side ends", "main waits for side"]
    recorded = [*first, "graph begins", "step", "graph ends", "replay"]
    assert events == [*recorded, "replay"] and pools == [None]
    found.step(*utterance(50))
    assert events == [*recorded, "replay", *recorded] and pools == [None, "the pool"]  # they share their memory
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert not any(value.any() for values in found.optimizer.state.values() for value in values)
    assert torch.equal(torch.get_rng_state(), random)


@needs_card
@pytest.mark.parametrize("arch", ["dilated", "downup", "single", "blstm", "dnn"])
def test_on_a_card_graphs_compute_what_single_steps_compute(arch):
    one, two = network(arch, "cuda"), network(arch, "cuda")
    found = steps_of(one, learning_rate=0.01, l2=0.0)
    plain = Steps(two, Adam(two.parameters(), learning_rate=0.01))
    assert type(found) is Graphs
    for seed, rows in enumerate((400, 300, 400, 300)):
        inputs, targets = utterance(rows, seed=seed, device="cuda")
        torch.manual_seed(seed)
        loss = found.step(inputs, targets)
        torch.manual_seed(seed)
        assert torch.allclose(loss, plain.step(inputs, targets), atol=1e-5)
        assert torch.allclose(found.outputs(inputs), plain.outputs(inputs), atol=1e-4)


@needs_card
def test_on_a_card_lengths_beyond_the_bound_are_computed_without_graphs_and_alike(monkeypatch):
    monkeypatch.setattr(steps, "LENGTHS", 1)
    one, two = network(device="cuda"), network(device="cuda")
    found = steps_of(one, learning_rate=0.01, l2=0.0)
    plain = Steps(two, Adam(two.parameters(), learning_rate=0.01))
    for seed, rows in enumerate((400, 300, 200, 400, 300, 200)):
        inputs, targets = utterance(rows, seed=seed, device="cuda")
        assert torch.allclose(found.step(inputs, targets), plain.step(inputs, targets), atol=1e-5)
        assert torch.allclose(found.outputs(inputs), plain.outputs(inputs), atol=1e-4)
    assert len(found._graphs) == 2  # of the first length: a step and a prediction
