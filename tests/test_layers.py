"""Layers and solvers of the related work's systems, against slow and plain computations."""

import kaldi_native_fbank
import numpy as np
import pytest
import torch

from cer.errors import BadInput
from cer.fbank import Fbank
from cer.models import architecture
from cer.models.layers import cepstra, regression, windows
from cer.models.layers.long_filter import LongFilter
from cer.models.sparse_coding import sparse_codes


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
    x = torch.randn(300, 4) * 3 + 1
    y = x @ torch.tensor([0.3, 0.0, -0.1, 0.2]) + 0.1 * torch.randn(300)
    output = torch.nn.Linear(4, 1)
    regression.support_vector(output, [(x, y)], cost=0.1, epsilon=0.1, every=2)
    part = ((x - x[::2].mean(0)) / x[::2].std(0)).double().numpy()
    svr = LinearSVR(C=0.1, epsilon=0.1, max_iter=2000, random_state=3).fit(part[::2], y[::2].double().numpy())
    assert np.allclose(output(x)[:, 0].detach(), svr.predict(part), atol=1e-4)


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


def test_sparse_codes_are_the_lassos():
    from sklearn.linear_model import Lasso

    torch.manual_seed(0)
    dictionary, x = torch.nn.functional.normalize(torch.randn(12, 6)), torch.randn(5, 6)
    lasso = Lasso(alpha=0.2 / 6, fit_intercept=False, tol=1e-6).fit(dictionary.T.numpy(), x.T.numpy())
    assert np.allclose(sparse_codes(x, dictionary, 0.2, 2000), lasso.coef_, atol=1e-3)
