"""Every architecture, by its interface alone: a new file in cer/models/ is tested here without a line changed."""

import math

import pytest
import torch

from cer.errors import BadInput
from cer.models import architecture, architectures, layers, prepare

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


def test_max_pool_takes_the_largest_of_each_group_and_of_the_rest():
    x = torch.tensor([[1.0], [5.0], [2.0], [-3.0], [-4.0]])
    assert layers.MaxPool(3)(x).tolist() == [[5.0], [-3.0]]
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
