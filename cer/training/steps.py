"""Gradient steps and predictions of a network during training: as they are on the CPU, as CUDA graphs on a GPU.

These networks are far too small to fill a GPU: it would wait for Python to launch each of its kernels. A CUDA graph
launches all kernels of a step at once, with the same results. A graph holds for inputs of one length, so utterances of
the first LENGTHS lengths get graphs, and others are computed as on the CPU.
"""

import torch

from cer.scoring.metrics import ccc
from cer.system.network import device_of, evaluate
from cer.training.adam import Adam

LENGTHS = 64  # graphs are made for so many different lengths of utterances at most, because each of them takes memory
WARM_UP = 2  # calls before a graph is recorded, in which libraries choose their kernels


def one_minus_ccc(targets, outputs):
    """Return the loss of Section 6.1: targets (T,), or of the first rows alone; outputs (T,) -> a scalar tensor."""
    return 1 - ccc(targets, outputs[: len(targets)])


def steps_of(model, *, learning_rate, l2=0.0, loss=one_minus_ccc):
    """Return the Steps of a model with an Adam optimizer of its own, or on a GPU its Graphs.

    loss: function (targets, outputs) -> a scalar tensor.
    """
    kind = Graphs if device_of(model).type == "cuda" else Steps
    return kind(model, Adam(model.parameters(), learning_rate=learning_rate, l2=l2), loss)


class Steps:
    """Gradient steps and predictions, computed directly."""

    FREED = True  # gradients are allocated anew in each step

    def __init__(self, model, optimizer, loss=one_minus_ccc):
        self.model, self.optimizer, self.loss = model, optimizer, loss

    def step(self, inputs, targets, rows=None):
        """Do one gradient step on an utterance; returns the loss, a scalar tensor.

        inputs: what the model takes, T rows; targets: what the loss takes; rows: the rows that have a target, integers,
        if not all or the first ones do.
        """
        self.model.zero_grad(set_to_none=self.FREED)
        outputs = self.model(inputs)
        loss = self.loss(targets, outputs if rows is None else outputs[rows])
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    @torch.no_grad()
    def outputs(self, inputs):
        """Predict an utterance: inputs of T rows -> outputs (T,)."""
        return self.model(inputs)


class Graphs(Steps):
    """The same on a GPU, one CUDA graph for each length of utterance."""

    FREED = False  # graphs write to the same memory each time

    def __init__(self, model, optimizer, loss=one_minus_ccc):
        super().__init__(model, optimizer, loss)
        self._graphs, self._pool = {}, None

    def step(self, inputs, targets, rows=None):
        """As Steps.step."""
        return self._call(super().step, inputs, targets, *([] if rows is None else [rows]))

    def outputs(self, inputs):
        """As Steps.outputs."""
        return self._call(super().outputs, inputs)

    def _call(self, function, *tensors):
        """Replay the graph of a function for tensors of these shapes, after recording it if there is none yet."""
        key = function.__name__, *(tensor.shape for tensor in tensors)
        if key not in self._graphs:
            if sum(name == key[0] for name, *_ in self._graphs) >= LENGTHS:
                return function(*tensors)
            self._graphs[key] = self._recorded(function, [tensor.clone() for tensor in tensors])
        graph, places, result = self._graphs[key]
        for place, tensor in zip(places, tensors, strict=True):
            place.copy_(tensor)
        graph.replay()
        return result.clone()  # the next replay overwrites the result

    def _recorded(self, function, places):
        """Record a graph; returns (graph, tensors that it reads, tensor that it writes).

        The calls before the recording train the network and draw random numbers: both are undone.
        """
        state, random = self._state(), torch.cuda.get_rng_state()
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(WARM_UP):
                function(*places)
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        # thread_local: another thread may be copying the next utterance to the GPU meanwhile
        with torch.cuda.graph(graph, pool=self._pool, capture_error_mode="thread_local"):
            result = function(*places)
        self._pool = self._pool or graph.pool()
        self._restore(state)
        torch.cuda.set_rng_state(random)
        return graph, places, result

    def _tensors(self):
        """List the tensors that a step changes in place: of the model and of the optimizer."""
        return [*self.model.state_dict().values(), *(one for values in self.optimizer.state.values() for one in values)]

    def _state(self):
        return [tensor.detach().clone() for tensor in self._tensors()]

    @torch.no_grad()
    def _restore(self, state):
        for tensor, earlier in zip(self._tensors(), state, strict=True):
            tensor.copy_(earlier)


class Examples:
    """Inputs and targets (T,) of the utterances or parts of a Prepared, except of parts in which nobody rated.

    Iterates over them as often as asked, as model.fit needs.
    """

    def __init__(self, prepared, labels, order):
        """order: their numbers."""
        self._prepared, self._labels, self._order = prepared, labels, order

    def __iter__(self):
        inputs, targets = self._prepared.in_order(self._order), self._prepared.targets(self._labels, self._order)
        for one, wanted in zip(inputs, map(torch.from_numpy, targets), strict=True):
            if not wanted.isnan().all():
                yield one, wanted


def one_pass(steps, prepared, labels, order):
    """One gradient step per utterance or part in random order, or one call of model.fit; returns the mean loss."""
    model = steps.model
    if hasattr(model, "fit"):
        with torch.no_grad():
            model.fit(Examples(prepared, labels, range(len(prepared))))
        return 1 - evaluate(model, prepared, labels)[0]
    model.train()
    losses, device = [], device_of(model)
    for inputs, targets in Examples(prepared, labels, prepared.shuffled(order)):
        rows, gaps = None, targets.isnan()
        if gaps.any():
            rows = (~gaps).nonzero().squeeze(1)
            targets, rows = targets[rows], rows.to(device)
        losses.append(steps.step(inputs, targets.to(device), rows))
    return sum(map(float, losses)) / len(losses)  # converted at the end: no GPU synchronisation at each step
