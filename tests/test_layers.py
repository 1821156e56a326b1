"""Layers and solvers of the related work's systems, against slow and plain computations."""

import kaldi_native_fbank
import numpy as np
import pytest
import torch

from cer.base.errors import BadInput
from cer.features.fbank import Features as Fbank
from cer.models import architecture, layers
from cer.models.layers import cepstra, regression, windows
from cer.models.layers.long_filter import LongFilter


@pytest.mark.parametrize("width", [1, 2, 31, 512, 2048])
@pytest.mark.parametrize("outputs", [1, 3])
def test_a_long_filter_is_a_convolution_with_its_gradients(width, outputs):
    torch.manual_seed(0)
    layer, x = LongFilter(3, outputs, width), torch.randn(3000, 3)
    grad = torch.randn(3000, outputs, dtype=torch.float64)
    weight, bias = (p.detach().double().requires_grad_() for p in layer.parameters())
    padded = torch.nn.functional.pad(x.double().T, (layer.before, layer.after))
    expected = torch.nn.functional.conv1d(padded, weight.permute(2, 1, 0), bias).T
    expected.backward(grad)
    y = layer(x)
    y.backward(grad.float())
    for ours, theirs in [(y, expected), (layer.weight.grad, weight.grad), (layer.bias.grad, bias.grad)]:
        assert (ours - theirs).abs().max() <= 1e-6 * theirs.abs().max()


def test_spectra_serve_for_rows_and_a_filter_of_nothing_is_refused():
    layer, x = LongFilter(4, 2, 40), torch.randn(777, 4)
    assert torch.equal(layer(layer.spectra(x)), layer(x))
    first, second = layer.spectra(x), layer.spectra(x + 1)
    copy = first.clone()
    copy.copy_(second)
    assert torch.equal(layer(copy), layer(second)) and torch.equal(layer(first), layer(x))
    assert first.shape == second.shape != layer.spectra(x[:776]).shape
    with pytest.raises(BadInput, match="filter of 0 rows"):
        LongFilter(4, 2, 0)


def test_stacked_filters_are_as_many_single_ones():
    stack, x = architecture("single")(4, filter_width=9, num_filters=2), torch.randn(100, 4)
    for n in range(2):
        one = architecture("single")(4, filter_width=9)
        one.filter.weight.data, one.filter.bias.data = (
            stack.filter.weight.data[..., n : n + 1],
            stack.filter.bias.data[n],
        )
        assert torch.allclose(one(x), stack(x)[:, n], atol=1e-6)


@pytest.mark.parametrize("width", [1, 2, 5, 8, 40])
def test_functionals_are_those_of_each_window(width):
    x = torch.randn(30, 3, dtype=torch.float64)
    before, after = windows.reach(width)
    cuts = [x[max(0, t - before) : t + after + 1] for t in range(30)]
    mean, deviation = windows.moments(x, width).chunk(2, 1)
    low, high = windows.extremes(x, width).chunk(2, 1)
    assert torch.allclose(mean, torch.stack([cut.mean(0) for cut in cuts]))
    assert torch.allclose(deviation, torch.stack([cut.std(0, correction=0) for cut in cuts]), atol=1e-7)
    assert torch.equal(low, torch.stack([cut.amin(0) for cut in cuts]))
    assert torch.equal(high, torch.stack([cut.amax(0) for cut in cuts]))
    lines = [np.polyfit(np.arange(len(cut)), cut, 1)[0] if len(cut) > 1 else np.zeros(3) for cut in cuts]
    assert np.allclose(windows.slope(x, width), lines, atol=1e-6)


def test_ridge_finds_the_weights_of_a_line_and_shrinks_them():
    torch.manual_seed(0)
    parts = [torch.randn(200, 3) * torch.tensor([1.0, 10.0, 0.1]) + 5 for _ in range(2)]
    examples = [(x, x @ torch.tensor([1.0, -0.2, 30.0]) + 2) for x in parts]
    output = torch.nn.Linear(3, 1)
    regression.ridge(output, examples, 0.0)
    assert torch.allclose(output.weight[0], torch.tensor([1.0, -0.2, 30.0]), rtol=1e-3)
    assert output.bias.item() == pytest.approx(2, abs=0.01)
    regression.ridge(output, examples, 1.0)
    x, y = (torch.cat(part) for part in zip(*examples, strict=True))
    scale = x.std(0, correction=0)
    centred = (x - x.mean(0)) / scale
    expected = torch.linalg.solve(centred.T @ centred / len(x) + torch.eye(3), centred.T @ (y - y.mean()) / len(x))
    assert torch.allclose(output.weight[0], expected / scale, rtol=1e-3)


def test_the_support_vector_regression_predicts_what_scikit_learns_does():
    from sklearn.svm import LinearSVR

    torch.manual_seed(3)
    x = torch.randn(300, 4) * torch.tensor([3.0, 3.0, 3.0, 0.05]) + 1
    y = x @ torch.tensor([0.3, 0.0, -0.1, 0.2]) + 0.1 * torch.randn(300)
    output = torch.nn.Linear(4, 1)
    regression.support_vector(output, [(x, y)], cost=0.1, epsilon=0.1, every=2)
    part = ((x - x[::2].mean(0)) / x[::2].std(0)).double().numpy()
    svr = LinearSVR(C=0.1, epsilon=0.1, max_iter=2000, random_state=3).fit(part[::2], y[::2].double().numpy())
    assert np.allclose(output(x)[:, 0].detach(), svr.predict(part), atol=1e-4)


def solved(examples, **options):
    """The weights and the bias of a support vector regression."""
    output = torch.nn.Linear(3, 1)
    regression.support_vector(output, examples, cost=0.1, epsilon=0.1, **options)
    return [*output.weight[0].tolist(), output.bias.item()]


def test_of_very_many_rows_fewer_are_taken_and_the_log_says_how_many(monkeypatch, capsys):
    torch.manual_seed(0)
    examples = [(torch.randn(rows, 3), torch.randn(rows)) for rows in (100, 1, 30, 71)]
    few = solved(examples, every=12)  # 9 + 1 + 3 + 6 rows
    assert "of at most 2000 iterations, 19 rows, every 12th" in capsys.readouterr().out
    monkeypatch.setattr(regression, "MOST", 19)
    assert solved(examples, every=3) == solved(examples, every=12) == few
    monkeypatch.setattr(regression, "MOST", 18)
    assert solved(examples, every=12) == solved(examples, every=24) != few
    capsys.readouterr()
    monkeypatch.setattr(regression, "MOST", 1)  # each utterance keeps its first row
    solved(examples, every=1)
    assert "4 rows, every 128th" in capsys.readouterr().out


def test_a_seed_too_large_for_scikit_learn_counts_from_0_again():
    torch.manual_seed(0)
    examples = [(torch.randn(50, 3), torch.randn(50))]
    found = []
    for seed in (5, 2**32 + 5):
        torch.manual_seed(seed)
        found.append(solved(examples, every=1))
    assert found[0] == found[1]


def test_cepstra_are_kaldis():
    samples = np.random.default_rng(0).normal(0, 1000, 16000).astype(np.float32)
    options = kaldi_native_fbank.MfccOptions()
    options.frame_opts.dither, options.mel_opts.num_bins, options.use_energy = 0.0, 40, False
    theirs = kaldi_native_fbank.OnlineMfcc(options)
    theirs.accept_waveform(16000, samples)
    theirs.input_finished()
    expected = np.stack([theirs.get_frame(n) for n in range(theirs.num_frames_ready)])
    log_mel = Fbank(num_mel_bins=40, dither=0.0)(samples, 16000)
    assert np.allclose(cepstra.mfcc(torch.from_numpy(log_mel), 13), expected, atol=2e-3)


def test_shifted_deltas_are_differences_of_frames_to_come():
    x = torch.arange(40.0)[:, None] ** 2
    y = cepstra.shifted_deltas(x, window=1, num_blocks=3, block_shift=4)
    assert y.shape == (40, 4)
    assert y[10].tolist() == [100.0, 11.0**2 - 9**2, 15.0**2 - 13**2, 19.0**2 - 17**2]
    assert y[39].tolist() == [39.0**2, 39.0**2 - 38**2, 0, 0]


@pytest.mark.parametrize("width, dilation", [(1, 1), (2, 1), (2, 4), (3, 1), (3, 8), (7, 2)])
def test_conv_is_torchs_convolution_with_equal_gradients(width, dilation):
    conv = layers.Conv(3, 5, width, dilation).double()
    x = torch.randn(30, 3, dtype=torch.float64, requires_grad=True)
    padded = torch.nn.functional.pad(x.T, (conv.before, conv.after))
    expected = torch.nn.functional.conv1d(padded, conv.weight.permute(2, 1, 0), conv.bias, dilation=dilation).T
    assert torch.allclose(conv(x), expected)
    assert torch.autograd.gradcheck(conv, x)
    gradients = [torch.autograd.grad((y * y).sum(), [x, *conv.parameters()]) for y in (conv(x), expected)]
    assert all(torch.allclose(*pair) for pair in zip(*gradients, strict=True))


@pytest.mark.parametrize("name, function", [("relu", torch.relu), ("tanh", torch.tanh)])
def test_the_activation_of_a_conv_is_torchs_in_value_and_gradient(name, function):
    torch.manual_seed(0)
    plain, conv = layers.Conv(3, 5, 3).double(), layers.Conv(3, 5, 3, activation=name).double()
    conv.load_state_dict(plain.state_dict())
    x = 40 * torch.randn(30, 3, dtype=torch.float64, requires_grad=True)  # tanh reaches its ends
    expected = function(plain(x))
    assert torch.allclose(conv(x), expected, atol=1e-12)
    gradients = [
        torch.autograd.grad((y * y).sum(), [x, *layer.parameters()])
        for y, layer in ((conv(x), conv), (expected, plain))
    ]
    assert all(torch.allclose(*pair, atol=1e-12) for pair in zip(*gradients, strict=True))
    assert (conv.float()(x.float()) - function(plain.float()(x.float()))).abs().max() < 5e-7


def test_max_pool_takes_the_largest_of_each_group_and_of_the_rest():
    x = torch.tensor([[1.0], [5.0], [2.0], [-3.0], [-4.0]])
    assert layers.MaxPool(3)(x).tolist() == layers.MaxPool(3)(x[:4]).tolist() == [[5.0], [-3.0]]
    x = torch.randn(11, 4, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(layers.MaxPool(3), x)


@pytest.mark.parametrize("width, factor", [(3, 3), (9, 3), (15, 3), (6, 2)])
def test_transposed_conv_is_torchs_transposed_convolution(width, factor):
    up = layers.TransposedConv(2, 4, width, factor)
    x = torch.randn(10, 2)
    taps, low = width // factor, up.conv.weight.reshape(width // factor, 2, factor, 4)
    filters = low.flip(0).permute(1, 3, 0, 2).reshape(2, 4, width)  # torch's layout: inputs, outputs, time
    whole = torch.nn.functional.conv_transpose1d(x.T[None], filters, stride=factor)[0].T
    start = up.conv.after * factor
    bias = up.conv.bias.reshape(factor, 4).repeat(10, 1)
    assert up(x).shape == (10 * factor, 4) and taps * factor == width
    assert torch.allclose(up(x), whole[start : start + 10 * factor] + bias, atol=1e-6)


def test_an_upsampling_filter_that_would_leave_a_comb_is_refused():
    with pytest.raises(BadInput, match="upsampling filter of 7, expected a multiple of the factor 3"):
        layers.TransposedConv(2, 4, 7, 3)


@pytest.mark.parametrize("sizes", [(0, 1, 1, 1), (1, 0, 1, 1), (1, 1, 0, 1), (1, 1, 1, 0)])
def test_a_convolution_of_nothing_is_refused_and_one_of_ones_is_none(sizes):
    with pytest.raises(BadInput, match="inputs=.*outputs=.*filter_width=.*dilation=.*expected at least 1 each"):
        layers.Conv(*sizes)
    one = layers.Conv(1, 1, 1)
    assert (one.before, one.after, one.dilation) == (0, 0, 1)
    x = torch.randn(5, 1)
    assert torch.allclose(one(x), x * one.weight[0] + one.bias)


@pytest.mark.parametrize("kind", [layers.Conv, LongFilter])
def test_initial_weights_are_those_of_torchs_convolution(kind):
    """Uniform within 1 / sqrt(inputs x taps): mean 0, deviation that bound / sqrt(3)."""
    torch.manual_seed(0)
    layer, bound = kind(50, 40, 8), 1 / 20
    for values, few in [(layer.weight, 0.01), (layer.bias, 0.35)]:
        assert -bound <= values.min() < (few - 1) * bound and (1 - few) * bound < values.max() <= bound
    assert layer.weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.02)
    assert layer.weight.mean().item() == pytest.approx(0, abs=bound / 50)


@pytest.mark.parametrize("taps, length", [(1, 256), (2, 256), (128, 256), (129, 512), (512, 1024), (2048, 4096)])
def test_blocks_are_the_least_power_of_two_that_holds_twice_the_filter(taps, length):
    layer, step = LongFilter(2, 1, taps), length - taps + 1
    for rows, count in [(1, 1), (step, 1), (step + 1, 2), (3 * step, 3)]:
        spectra = layer.spectra(torch.zeros(rows, 2))
        assert spectra.blocks.shape == (length // 2 + 1, count, 2)
        assert spectra.nbytes == 8 * (length // 2 + 1) * count * 2  # complex numbers of two times four bytes


class Together(torch.nn.Module):
    """What the layers that have code of their own for a graph make of the same rows."""

    def __init__(self):
        super().__init__()
        self.layers = torch.nn.ModuleList([layers.Conv(3, 2, 4, 2), layers.MaxPool(3), LongFilter(3, 2, 6)])

    def forward(self, x):
        *others, long = self.layers
        return [windows.extremes(x, 4), *(layer(x) for layer in others), long(long.spectra(x))]


def test_an_exported_graphs_layers_compute_the_same_at_any_length():
    together, any_length = Together().eval(), ({0: torch.export.Dim.DYNAMIC},)
    graph = torch.export.export(together, (torch.zeros(50, 3),), dynamic_shapes=any_length).module()
    for rows in (9, 10, 11, 200):
        x = torch.randn(rows, 3)
        for ours, theirs in zip(graph(x), together(x), strict=True):
            torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=0)


@pytest.mark.parametrize("width", [0, -1])
def test_a_window_of_no_rows_is_refused(width):
    with pytest.raises(BadInput, match=f"window of {width} rows, expected at least 1"):
        windows.reach(width)
    assert [windows.reach(rows) for rows in (1, 2, 3, 4)] == [(0, 0), (0, 1), (1, 1), (1, 2)]


def test_gradients_reach_the_rows_where_the_weights_stand_still():
    conv, x = layers.Conv(3, 2, 3).requires_grad_(False), torch.randn(9, 3, requires_grad=True)
    conv(x).sum().backward()
    inner = conv.weight.sum((0, 2)).expand(7, 3)  # every tap of every filter sees an inner row once
    assert torch.allclose(x.grad[1:-1], inner, atol=1e-6)
