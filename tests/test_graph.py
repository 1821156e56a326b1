"""Each part of an exported graph against the recipe's own code for it, or scipy's."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d, median_filter
from test_export import STEPS, make_model
from torch import nn

from cer.data import cmvn, frames
from cer.export import graph
from cer.export.exported import Exported
from cer.system import labels

RNG = np.random.default_rng(2)
X = RNG.standard_normal(40).astype(np.float32)


@pytest.mark.parametrize("length", [1, 2, 7, 40])
@pytest.mark.parametrize("size", [1, 2, 3, 8, 11, 51])
def test_the_median_is_scipys(length, size):
    expected = median_filter(X[:length], size, mode="nearest")
    assert graph.median(torch.from_numpy(X[:length]), size).tolist() == expected.tolist()


@pytest.mark.parametrize("length", [1, 2, 7, 40])
@pytest.mark.parametrize("sigma", [0.1, 0.5, 1.0, 2.6, 20.0])
def test_smoothing_is_scipys(length, sigma):
    expected = gaussian_filter1d(X[:length], sigma, mode="nearest")
    np.testing.assert_allclose(graph.smooth(torch.from_numpy(X[:length]), sigma).numpy(), expected, atol=1e-6)


@pytest.mark.parametrize("rows", [0, 1, -1, 3, -3, 7, -7, 99, -99])
def test_moving_is_the_recipes(rows):
    expected = labels.later(X[:7], rows)
    assert graph.later(torch.from_numpy(X[:7]), rows).tolist() == expected.tolist()


@pytest.mark.parametrize("means, variances", [(True, True), (True, False), (False, False)])
def test_normalising_is_the_recipes(means, variances):
    features = RNG.normal(12, 3, (50, 4)).astype(np.float32)
    features[:, 2] = 8  # a constant column stays finite
    expected = cmvn.apply(features, cmvn.statistics([features]), norm_means=means, norm_vars=variances)
    found = graph.Cmvn(means, variances)(torch.from_numpy(features))
    assert found.dtype == torch.float32
    np.testing.assert_allclose(found.numpy(), expected, atol=2e-6)


@pytest.mark.parametrize("frames_, factor", [(1, 4), (3, 4), (4, 4), (5, 4), (9, 2), (6, 1)])
def test_stacking_is_the_recipes(frames_, factor):
    features = RNG.standard_normal((frames_, 3)).astype(np.float32)
    found = graph.Stack(factor)(torch.from_numpy(features))
    assert np.array_equal(found.numpy(), frames.stack(features, factor))


@pytest.mark.parametrize(
    "arch, kind, size",
    [("dilated", "samples", 9000), ("dilated", "features", 77), ("dilated", "normalised", 77),
     ("downup", "features", 9), ("single", "features", 99), ("linear_statistics", "features", 99),
     ("svr", "features", 9), ("blstm", "features", 30), ("end_to_end", "samples", 9000)],
)  # fmt: skip
def test_a_whole_system_predicts_what_the_recipe_does(tmp_path, monkeypatch, arch, kind, size):
    monkeypatch.setattr(graph, "Lstm", lambda lstm: lstm)  # ONNX's operator does not run in torch
    exported = Exported(make_model(tmp_path, arch, steps=STEPS), kind)
    whole = graph.Whole(exported.ensemble, kind, exported.front_end, exported.computed).eval()
    x = exported.noise(size)
    np.testing.assert_allclose(whole(torch.from_numpy(x)).numpy(), exported.recipe(x), atol=2e-5)


def test_the_models_of_the_recipe_stay_as_they_are(tmp_path):
    ensemble = Exported(make_model(tmp_path, "blstm", 1), "features").ensemble
    whole = graph.Whole(ensemble, "features")
    kinds = [{type(layer) for layer in model.modules()} for model in (whole.models[0], ensemble.models[0])]
    assert graph.Lstm in kinds[0] and nn.LSTM not in kinds[0] and nn.LSTM in kinds[1] and graph.Lstm not in kinds[1]
    assert not any(weights.requires_grad for weights in whole.parameters())
    assert all(weights.requires_grad for weights in ensemble.models[0].parameters())
