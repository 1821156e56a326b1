"""Every architecture, by its interface alone: a new file in cer/models/ is tested here without a line changed."""

import math

import pytest
import torch

from cer.errors import BadInput
from cer.models import architecture, architectures, prepare

DIM = {"end_to_end": 80}  # columns of the smallest rows that serve for a test; 8 for all others
OTHER = ("sparse_coding", "end_to_end", "blstm")  # a perturbation may fade, or the field has no end


def small(name, **options):
    return architecture(name)(DIM.get(name, 8), **options)


def noise(name, rows):
    return torch.randn(rows, DIM.get(name, 8))


def call(model, x):
    return model(prepare(model, x))


def positive(model):
    """Make every output grow with every input that it sees: positive weights that neither fade nor blow up."""
    for parameter in model.parameters():
        fan_in = parameter.numel() // parameter.shape[-1] if parameter.dim() > 1 else 1
        parameter.data = (1 + torch.rand(parameter.shape, dtype=torch.float64)) / fan_in
    return model.double().eval()


def reached(model, x, row):
    """The outputs that change when the input of one row grows."""
    with torch.inference_mode():
        before, x = call(model, x), x.clone()
        x[row] += 1
        change = (call(model, x) - before).abs()
        return torch.nonzero(change > 1e-12 * (1 + before.abs())).ravel().tolist()


@pytest.mark.parametrize("name", [name for name in architectures() if name not in OTHER])
def test_the_receptive_field_is_what_a_perturbed_input_reaches(name):
    torch.manual_seed(0)
    model = positive(small(name))
    before, after = model.receptive_field()
    rows, middle = before + after + 300, after + 150
    phases = range(middle - 41, middle + 41)  # each of the 81 places in the pooling's grid
    x = torch.rand(rows, 8, dtype=torch.float64) / 1e4  # extremes and slopes need rows that differ
    distances = [t - out for t in phases for out in reached(model, x, t)]
    assert (-min(distances), max(distances)) == (before, after)


@pytest.mark.parametrize("name", ["sparse_coding", "end_to_end"])
def test_the_receptive_field_holds_everything_that_a_perturbed_input_reaches(name):
    torch.manual_seed(0)
    model = small(name).double()
    before, after = model.receptive_field()
    rows = 2 * (before + after)
    distances = [t - out for t in range(after, rows, 37) for out in reached(model, noise(name, rows).double(), t)]
    assert min(distances) < 0 and all(-before <= distance <= after for distance in distances)


def test_an_unlimited_receptive_field_reaches_both_ends():
    model = small("blstm").double()
    assert model.receptive_field() == (math.inf, math.inf)
    x = noise("blstm", 400).double()
    assert all({0, 399} <= {*reached(model, x, row)} for row in (0, 200, 399))


@pytest.mark.parametrize("name", architectures())
@pytest.mark.parametrize("rows", [1, 2, 80, 81, 82, 300])
def test_every_row_gets_one_prediction(name, rows):
    model = small(name)
    assert call(model, noise(name, rows)).shape == (rows,) == (model.num_frames(rows),)


@pytest.mark.parametrize("name", architectures())
def test_every_parameter_learns(name):
    model = small(name)
    call(model, noise(name, 2000)).square().sum().backward()
    assert all(parameter.grad.abs().sum() > 0 for parameter in model.parameters())


def test_the_papers_settings_have_the_papers_shape():
    dilated, downup = architecture("dilated")(160), architecture("downup")(160)
    assert [layer.dilation for layer in dilated.layers] == [2**n for n in range(10)]
    assert sum(dilated.receptive_field()) + 1 == 1024
    assert sum(architecture("dilated")(160, filter_width=3).receptive_field()) + 1 == 2047
    assert len(downup.down) == len(downup.up) == 4 and downup.pool.factor == 3
    assert all(layer.weight.shape[-1] == 32 for layer in [*dilated.layers, *downup.down, downup.intermediate])


def test_an_unknown_architecture_names_those_there_are():
    with pytest.raises(BadInput, match="no such architecture; there are .*dilated.*downup"):
        architecture("lstm")
    with pytest.raises(BadInput, match="expected one of relu, tanh"):
        architecture("downup")(160, activation="selu")
