"""Convolution, max pooling and transposed convolution over time, for short filters."""

import torch
from torch import nn
from torch.nn import functional

from cer.base.errors import BadInput


class Conv(nn.Module):
    """Convolution over time that keeps the length: x: (T, inputs) -> (T, outputs), zeros beyond both ends.

    Output t sees inputs t - before ... t + after, a dilation apart. It is computed as one matrix product a filter tap
    on shifted views of x, which on a CPU takes about 0.6 of the time of nn.Conv1d. Initialised as nn.Conv1d is.
    """

    def __init__(self, inputs, outputs, filter_width, dilation=1):
        """filter_width: taps; dilation: rows between taps (1: neighbours, "a factor of zero" in Section 5.1)."""
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
    """y[t] = bias + sum_k x[t - before + k dilation] weight[k], and its gradients, without copies of x a tap."""

    @staticmethod
    def forward(ctx, x, weight, bias, dilation, before, after):
        padded = functional.pad(x, (0, 0, before, after)) if before + after else x
        ctx.save_for_backward(padded, weight)
        ctx.dilation, ctx.before = dilation, before
        y = torch.addmm(bias, padded[: x.shape[0]], weight[0])
        for k in range(1, len(weight)):
            y.addmm_(padded[k * dilation : k * dilation + x.shape[0]], weight[k])
        return y

    @staticmethod
    def backward(ctx, grad_y):
        padded, weight = ctx.saved_tensors
        rows = len(grad_y)
        taps = [slice(k * ctx.dilation, k * ctx.dilation + rows) for k in range(len(weight))]
        grad_weight = torch.stack([padded[tap].T @ grad_y for tap in taps])
        grad_x = None
        if ctx.needs_input_grad[0]:
            grad_padded = torch.zeros_like(padded)
            for tap, weight_k in zip(taps, weight, strict=True):
                grad_padded[tap].addmm_(grad_y, weight_k.T)
            grad_x = grad_padded[ctx.before : ctx.before + rows]
        return grad_x, grad_weight, grad_y.sum(0), None, None, None


class MaxPool(nn.Module):
    """Max pooling over time: x: (T, C) -> (ceil(T / factor), C); output j sees factor rows from j factor on."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        """x: (T, C) -> (ceil(T / factor), C)."""
        groups = (x.shape[0] + self.factor - 1) // self.factor
        missing = groups * self.factor - x.shape[0]
        if torch.compiler.is_exporting() or missing:  # an exported graph serves every length
            x = functional.pad(x, (0, 0, 0, missing), value=-torch.inf)
        return _LargestOfGroup.apply(x.reshape(groups, self.factor, x.shape[1]))


class _LargestOfGroup(torch.autograd.Function):
    """groups: (T, factor, C) -> (T, C). The gradient goes to every row that equals the largest.

    torch.maximum would share it among equal rows, at several passes over memory. Nearly all equal rows are zeros after
    relu, where what they receive is multiplied by 0; two equal floats by chance are too rare to matter.
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
        return torch.where(groups == largest[:, None], grad[:, None], 0)


class TransposedConv(nn.Module):
    """Transposed convolution over time, Section 5.2: x: (T, inputs) -> (T factor, outputs).

    A filter that is a whole multiple of the stride is an ordinary convolution with factor x outputs channels whose
    channels are then laid out in time. Other lengths are refused: they overlap unevenly and leave a comb in the output.
    """

    def __init__(self, inputs, outputs, filter_width, factor):
        """filter_width: output rows that one input row reaches; factor: the stride s."""
        super().__init__()
        if filter_width % factor:
            raise BadInput(f"found an upsampling filter of {filter_width}, expected a multiple of the factor {factor}")
        self.factor = factor
        self.conv = Conv(inputs, factor * outputs, filter_width // factor)

    def forward(self, x):
        """x: (T, inputs) -> (T factor, outputs)."""
        return self.conv(x).reshape(x.shape[0] * self.factor, -1)
