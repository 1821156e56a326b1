"""Convolution, max pooling and transposed convolution over time, for short filters."""

import torch
from torch import nn
from torch.nn import functional

from cer.base.errors import BadInput
from cer.models.layers.activations import activation as activation_called


class Conv(nn.Module):
    """Zero-padded convolution over time that keeps the length: x: (T, inputs) -> (T, outputs).

    Output t depends on inputs t - before ... t + after, in steps of the dilation. The code computes one matrix product
    per filter tap on shifted views of x, in about 0.7 of the time of nn.Conv1d on a CPU. Initialised like nn.Conv1d.
    """

    def __init__(self, inputs, outputs, filter_width, dilation=1, activation=None):
        """filter_width: taps; dilation: rows between taps (1: adjacent rows, "a factor of zero" in Section 5.1).

        activation: the name of a function of each output, relu or tanh; None: none. Raises BadInput for another name,
        and for numbers below 1.
        """
        super().__init__()
        if min(inputs, outputs, filter_width, dilation) < 1:
            raise BadInput(f"found {inputs=}, {outputs=}, {filter_width=}, {dilation=}, expected at least 1 each")
        self.dilation, self.activation = dilation, activation and activation_called(activation)
        reach = (filter_width - 1) * dilation
        self.before, self.after = reach // 2, reach - reach // 2
        bound = (inputs * filter_width) ** -0.5
        self.weight = nn.Parameter(torch.empty(filter_width, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def forward(self, x):
        """x: (T, inputs) -> (T, outputs)."""
        if torch.compiler.is_exporting():  # a graph writes no tensor in parts
            padded, rows = functional.pad(x, (0, 0, self.before, self.after)), x.shape[0]
            taps = (padded[k * self.dilation :][:rows] @ weight for k, weight in enumerate(self.weight))
            y = self.bias + sum(taps)
            return self.activation.plain(y) if self.activation else y
        return _ShiftedProducts.apply(x, self.weight, self.bias, self.dilation, self.before, self.activation)


class _ShiftedProducts(torch.autograd.Function):
    """y[t] = activation(bias + sum_k x[t - before + k dilation] weight[k]), where x is 0 outside; and its gradients.

    Neither x nor its gradient is padded or copied: each tap multiplies the rows that it has.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, dilation, before, activation):
        ctx.taps = [_tap(len(x), k * dilation - before) for k in range(len(weight))]
        weights, middle = weight.unbind(), _middle(ctx.taps)
        y = bias.expand(len(x), -1).clone() if middle is None else torch.addmm(bias, x, weights[middle])
        for k, (of_x, of_y) in enumerate(ctx.taps):
            if k != middle:
                y[of_y].addmm_(x[of_x], weights[k])
        if activation:
            activation.in_place(y)
        ctx.activation = activation
        ctx.save_for_backward(x, weight, y if activation else None)
        return y

    @staticmethod
    def backward(ctx, grad):
        x, weight, y = ctx.saved_tensors
        if ctx.activation:
            grad = ctx.activation.gradient(grad, y)
        middle, grad_x, grad_weight = _middle(ctx.taps), None, torch.empty_like(weight)
        for k, (of_x, of_y) in enumerate(ctx.taps):
            x_k, grad_k = (x, grad) if k == middle else (x[of_x], grad[of_y])
            torch.mm(x_k.T, grad_k, out=grad_weight[k])
        if ctx.needs_input_grad[0]:
            weights = weight.mT.unbind()
            grad_x = torch.zeros_like(x) if middle is None else grad @ weights[middle]
            for k, (of_x, of_y) in enumerate(ctx.taps):
                if k != middle:
                    grad_x[of_x].addmm_(grad[of_y], weights[k])
        return grad_x, grad_weight, grad.sum(0), None, None, None


def _tap(rows, offset):
    """Return the slices of x and of y that a tap uses, which adds x[t + offset] to y[t]."""
    shared = max(0, rows - abs(offset))
    early, late = slice(0, shared), slice(rows - shared, rows)
    return (late, early) if offset >= 0 else (early, late)


def _middle(taps):
    """Return the number of the tap that adds x[t] to y[t], so with all rows; None if there is none."""
    return next((k for k, (of_x, of_y) in enumerate(taps) if of_x == of_y), None)


class MaxPool(nn.Module):
    """Max pooling over time: x: (T, C) -> (ceil(T / factor), C); output j is the maximum of rows from j factor on."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        """x: (T, C) -> (ceil(T / factor), C)."""
        groups = (x.shape[0] + self.factor - 1) // self.factor
        missing = groups * self.factor - x.shape[0]
        if torch.compiler.is_exporting() or missing:  # an exported graph must work for any length
            x = functional.pad(x, (0, 0, 0, missing), value=-torch.inf)
        return _LargestOfGroup.apply(x.reshape(groups, self.factor, x.shape[1]))


class _LargestOfGroup(torch.autograd.Function):
    """groups: (T, factor, C) -> (T, C). Every row that equals the maximum receives the full gradient.

    The gradient of torch.maximum would divide it among equal rows, with several passes over memory.
    """

    @staticmethod
    def forward(ctx, groups):
        largest = groups[:, 0]
        for row in range(1, groups.shape[1]):
            largest = torch.maximum(largest, groups[:, row])
        ctx.save_for_backward(groups, largest)
        return largest

    @staticmethod
    def backward(ctx, grad):
        groups, largest = ctx.saved_tensors
        # grad where the difference is not below 0: a sixth of the time of torch.where
        every = grad[:, None].expand_as(groups).reshape(groups.shape)
        return torch.ops.aten.threshold_backward(every, groups - largest[:, None], -torch.finfo(grad.dtype).tiny)


class TransposedConv(nn.Module):
    """Transposed convolution over time, Section 5.2: x: (T, inputs) -> (T factor, outputs).

    If the filter length is a multiple of the stride, this is an ordinary convolution with factor * outputs channels,
    reshaped into time. Raises BadInput for other lengths: they overlap unevenly, which causes checkerboard artefacts.
    """

    def __init__(self, inputs, outputs, filter_width, factor, activation=None):
        """filter_width: filter length, output rows; factor: the stride s; activation: as Conv's."""
        super().__init__()
        if filter_width % factor:
            raise BadInput(f"found an upsampling filter of {filter_width}, expected a multiple of the factor {factor}")
        self.factor = factor
        self.conv = Conv(inputs, factor * outputs, filter_width // factor, activation=activation)

    def forward(self, x):
        """x: (T, inputs) -> (T factor, outputs)."""
        return self.conv(x).reshape(x.shape[0] * self.factor, -1)
