"""Convolution, max pooling and transposed convolution over time, for short filters."""

import torch
from torch import nn
from torch.nn import functional

from cer.base.errors import BadInput


class Conv(nn.Module):
    """Zero-padded convolution over time that keeps the length: x: (T, inputs) -> (T, outputs).

    Output t depends on inputs t - before ... t + after, in steps of the dilation. The code computes one matrix product
    per filter tap on shifted views of x, in about 0.6 of the time of nn.Conv1d on a CPU. Initialised like nn.Conv1d.
    """

    def __init__(self, inputs, outputs, filter_width, dilation=1):
        """filter_width: taps; dilation: rows between taps (1: adjacent rows, "a factor of zero" in Section 5.1)."""
        super().__init__()
        if min(inputs, outputs, filter_width, dilation) < 1:
            raise BadInput(f"found {inputs=}, {outputs=}, {filter_width=}, {dilation=}, expected at least 1 each")
        self.dilation = dilation
        reach = (filter_width - 1) * dilation
        self.before, self.after = reach // 2, reach - reach // 2
        bound = (inputs * filter_width) ** -0.5
        self.weight = nn.Parameter(torch.empty(filter_width, inputs, outputs).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))

    def forward(self, x):
        """x: (T, inputs) -> (T, outputs)."""
        return _ShiftedProducts.apply(x, self.weight, self.bias, self.dilation, self.before, self.after)


class _ShiftedProducts(torch.autograd.Function):
    """y[t] = bias + sum_k x[t - before + k dilation] weight[k], where x is 0 outside; and its gradients.

    Neither x nor its gradient is padded or copied: each tap multiplies the rows that it has.
    """

    @staticmethod
    def forward(ctx, x, weight, bias, dilation, before, after):
        if torch.compiler.is_exporting():  # a graph writes no tensor in parts
            padded = functional.pad(x, (0, 0, before, after))
            return bias + sum(padded[k * dilation :][: x.shape[0]] @ weight[k] for k in range(len(weight)))
        taps = [_tap(len(x), k * dilation - before) for k in range(len(weight))]
        ctx.save_for_backward(x, weight)
        ctx.taps = taps
        of_x, of_y, _, without = taps[0]
        y = x.new_empty(len(x), len(bias))
        y[without] = bias
        torch.addmm(bias, x[of_x], weight[0], out=y[of_y])
        for (of_x, of_y, *_), weight_k in zip(taps[1:], weight[1:], strict=True):
            y[of_y].addmm_(x[of_x], weight_k)
        return y

    @staticmethod
    def backward(ctx, grad_y):
        x, weight = ctx.saved_tensors
        grad_weight = torch.stack([x[of_x].T @ grad_y[of_y] for of_x, of_y, *_ in ctx.taps])
        grad_x = None
        if ctx.needs_input_grad[0]:
            of_x, of_y, without, _ = ctx.taps[0]
            grad_x = torch.empty_like(x)
            grad_x[without] = 0
            torch.mm(grad_y[of_y], weight[0].T, out=grad_x[of_x])
            for (of_x, of_y, *_), weight_k in zip(ctx.taps[1:], weight[1:], strict=True):
                grad_x[of_x].addmm_(grad_y[of_y], weight_k.T)
        return grad_x, grad_weight, grad_y.sum(0), None, None, None


def _tap(rows, offset):
    """Return the rows of a tap that adds x[t + offset] to y[t]: slices of x and of y, and the other rows of each."""
    shared = max(0, rows - abs(offset))
    early, late = slice(0, shared), slice(rows - shared, rows)
    after, before = slice(shared, rows), slice(0, rows - shared)
    return (late, early, before, after) if offset >= 0 else (early, late, after, before)


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

    def __init__(self, inputs, outputs, filter_width, factor):
        """filter_width: filter length, output rows; factor: the stride s."""
        super().__init__()
        if filter_width % factor:
            raise BadInput(f"found an upsampling filter of {filter_width}, expected a multiple of the factor {factor}")
        self.factor = factor
        self.conv = Conv(inputs, factor * outputs, filter_width // factor)

    def forward(self, x):
        """x: (T, inputs) -> (T factor, outputs)."""
        return self.conv(x).reshape(x.shape[0] * self.factor, -1)
