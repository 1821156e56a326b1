"""Every architecture, by its interface alone: a new file in cer/models/ is tested here without a line changed."""

import math

import numpy as np
import pytest
import torch

from cer.base.errors import BadInput
from cer.base.kinds import Span
from cer.models import architecture, architectures, build, check, in_rows, prepare, sparse_coding
from cer.models.layers import cepstra, regression, windows
from cer.models.sparse_coding import sparse_codes

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


UNEVEN = {"num_layers": 2, "filter_width": 2, "intermediate_filter_width": 4}  # filters reach less far back than on


@pytest.mark.parametrize(
    "name, options", [*((name, {}) for name in architectures() if name not in OTHER), ("downup", UNEVEN)]
)
def test_the_receptive_field_is_what_a_perturbed_input_reaches(name, options):
    torch.manual_seed(0)
    model = positive(small(name, **options))
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


@torch.no_grad()
@pytest.mark.parametrize("rows", [29, 30, 31, 89, 120])
def test_a_long_recording_passes_through_a_blstm_in_pieces(monkeypatch, rows):
    model, x = architecture("blstm")(8, num_layers=2, width=5).eval(), torch.randn(rows, 8)
    whole = model(x)
    monkeypatch.setattr("cer.models.blstm.PIECE", 30)
    monkeypatch.setattr(model.lstm, "forward", None if rows > 30 else model.lstm.forward)  # all rows are not asked for
    torch.testing.assert_close(model(x), whole, rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", architectures())
@pytest.mark.parametrize("rows", [1, 2, 80, 81, 82, 300])
def test_every_row_gets_one_prediction(name, rows):
    model = small(name)
    assert call(model, noise(name, rows)).shape == (rows,)


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


SIZES = [  # parameters, and rows before and after that a prediction sees, of the usual settings
    ("dilated", 160, (160 * 32 * 2 + 32) + 9 * (32 * 32 * 2 + 32) + 33, (511, 512)),
    (
        "downup",
        160,
        (160 * 32 * 3 + 32) + 3 * (32 * 32 * 3 + 32) + (32 * 32 + 32) + 4 * (32 * 96 * 3 + 96) + 33,
        (240, 240),
    ),
    ("dnn", 160, (160 * 64 * 13 + 64) + (64 * 64 + 64) + 65, (12, 12)),
    ("single", 160, 160 * 512 + 3, (255, 256)),
    ("blstm", 160, 2 * 4 * 28 * (160 + 28 + 2) + 57, (math.inf, math.inf)),
    (
        "end_to_end",
        640,
        (32 * 32 * 3 + 32) + (32 * 32 * 11 + 32) + 4 * 64 * (32 + 64 + 2) + 4 * 64 * 130 + 65,
        (126, 2),
    ),
    ("linear_stacking", 160, 21 * 160 + 1, (100, 100)),
    ("linear_statistics", 160, 2 * 160 + 1, (49, 50)),
    ("svr", 160, 5 * 160 + 1, (49, 50)),
    ("sparse_coding", 160, 2 * 100 + 1, (49 + 1, 50 + 5)),  # a frame back; (7 - 1) 3 + 1 frames on
]


@pytest.mark.parametrize("name, dim, parameters, field", SIZES, ids=[row[0] for row in SIZES])
def test_the_usual_settings_have_this_size_and_reach(name, dim, parameters, field):
    model = architecture(name)(dim)
    assert sum(parameter.numel() for parameter in model.parameters()) == parameters
    assert model.receptive_field() == field
    assert getattr(model, "period", 1) == {"downup": 81, "end_to_end": 125}.get(name, 1)
    assert hasattr(model, "front_end") == (name == "end_to_end")


@pytest.mark.parametrize("memory", [3, 512])
def test_cells_of_the_blstm_begin_with_time_scales_up_to_their_memory(memory):
    torch.manual_seed(0)
    model = architecture("blstm")(8, width=600, memory=memory)
    biases = {name: bias.detach() for name, bias in model.lstm.named_parameters() if "bias" in name}
    for name, bias in biases.items():
        entry, forget, *others = bias.chunk(4)  # torch's order of gates: input, forget, cell, output
        assert all((other == 0).all() for other in others)
        if "_hh" in name:
            assert (bias == 0).all()
        else:
            scale = 1 + forget.exp()
            assert torch.equal(entry, -forget) and scale.min() >= 2 - 1e-4 and scale.max() <= memory * (1 + 1e-4)
            assert scale.mean().item() == pytest.approx((2 + memory) / 2, rel=0.05)  # uniform
            assert scale.max() > 0.98 * memory
    assert len(biases) == 4


def test_cells_of_the_blstm_usually_remember_512_rows():
    given = []
    for options in ({}, {"memory": 512}):
        torch.manual_seed(0)
        given.append(architecture("blstm")(8, **options).parameters())
    assert all(torch.equal(*pair) for pair in zip(*given, strict=True))


@pytest.mark.parametrize("memory", [1, 2])
def test_a_memory_of_no_time_is_refused_and_0_keeps_torchs_initial_values(memory):
    with pytest.raises(BadInput, match=f"memory of {memory} rows, expected 3 or more, or 0"):
        architecture("blstm")(8, memory=memory)
    torch.manual_seed(0)
    model = architecture("blstm")(8, memory=0)
    torch.manual_seed(0)
    lstm = torch.nn.LSTM(8, 28, 1, bidirectional=True)
    assert all(torch.equal(*pair) for pair in zip(model.lstm.parameters(), lstm.parameters(), strict=True))


def conv1d(layer, x):
    padded = torch.nn.functional.pad(x.T[None], (layer.before, layer.after))
    filters = layer.weight.permute(2, 1, 0)
    return torch.nn.functional.conv1d(padded, filters, layer.bias, dilation=layer.dilation)


@pytest.mark.parametrize("rows", [1, 4, 5, 7, 10])
def test_end_to_end_is_convolutions_and_an_lstm_from_rest_in_each_segment(rows):
    torch.manual_seed(0)
    model, x = small("end_to_end", segment=5, width=6, cells=7), noise("end_to_end", rows)
    first = torch.nn.functional.max_pool1d(conv1d(model.first, x.reshape(20 * rows, 4)).relu(), 5)[0].T  # 2 ms to 10
    second = torch.nn.functional.max_pool1d(conv1d(model.second, first).relu(), 4)[0].T  # 10 ms to a row
    segments = [model.lstm(second[start : start + 5])[0] for start in range(0, rows, 5)]
    assert torch.allclose(model(x), model.output(torch.cat(segments))[:, 0], atol=1e-6)


def test_rows_that_cannot_be_cut_into_steps_are_refused():
    with pytest.raises(BadInput, match="rows of 90 samples, expected a multiple of 20"):
        architecture("end_to_end")(90)
    assert small("end_to_end", segment=1).receptive_field() == (2, 2)


@pytest.mark.parametrize("rows", [1, 8, 9, 10, 27])
def test_downup_is_pooled_convolutions_and_transposed_ones(rows):
    torch.manual_seed(0)
    model, x = small("downup", num_layers=2, width=5, intermediate_filter_width=3), noise("downup", rows)
    y = x
    for layer in model.down:
        y = torch.nn.functional.max_pool1d(conv1d(layer, y).relu(), 3, ceil_mode=True)[0].T
    y = conv1d(model.intermediate, y).relu()[0].T
    for layer in model.up:
        y = conv1d(layer.conv, y).relu()[0].T.reshape(3 * len(y), 5)
    assert torch.allclose(model(x), model.output(y)[:rows, 0], atol=1e-6)


def test_stacked_convolutions_are_these():
    torch.manual_seed(0)
    x = noise("dnn", 40)
    for model in (
        small("dilated", num_layers=3, filter_width=3, dilation=3, activation="tanh"),
        small("dnn", activation="tanh"),
    ):
        y = x
        for layer in model.layers:
            y = conv1d(layer, y).tanh()[0].T
        assert torch.allclose(model(x), model.output(y)[:, 0], atol=1e-6)
    assert [layer.dilation for layer in small("dilated", num_layers=3, dilation=3).layers] == [1, 3, 9]
    assert small("dnn", context=3, every=4).receptive_field() == (12, 12)


def test_dropout_leaves_out_its_share_while_training_only():
    model, x = small("dnn", dropout=0.25), noise("dnn", 100)
    assert model.dropout.p == 0.25 and small("dnn").dropout.p == 0
    assert not torch.equal(model(x), model(x)) and torch.equal(model.eval()(x), model(x))


def solved(name, **options):
    """A model that is solved for, rows, and targets that end before them, as masked ones do."""
    torch.manual_seed(0)
    model, x = small(name, **options), noise(name, 200)
    return model, x, torch.randn(190)


@pytest.mark.parametrize("penalty", [None, 0.5])
def test_linear_models_are_ridge_regressions_on_their_columns(penalty):
    given = {} if penalty is None else {"penalty": penalty}
    statistics, x, y = solved("linear_statistics", window=20, **given)
    models = [(statistics, x, y, windows.moments(x, 20))]
    for every, shifts in [(1, (-2, -1, 0, 1, 2)), (3, (-6, -3, 0, 3, 6))]:
        stacking, x, y = solved("linear_stacking", context=2, every=every, **given)
        columns = torch.cat([x[(torch.arange(200) + shift).clamp(0, 199)] for shift in shifts], 1)
        models.append((stacking, x, y, columns))
    for model, x, y, columns in models:
        model.fit([(prepare(model, x), y)])
        expected = torch.nn.Linear(columns.shape[1], 1)
        regression.ridge(expected, [(columns[:190], y)], penalty or 0.01)
        assert torch.allclose(call(model, x), expected(columns)[:, 0], atol=1e-5)


def test_svr_is_one_of_five_functionals_with_its_usual_settings():
    model, x, y = solved("svr", window=20)
    functionals = [function(x, 20) for function in (windows.moments, windows.extremes, windows.slope)]
    columns = torch.cat(functionals, 1)
    model.fit([(prepare(model, x), y)])
    expected = torch.nn.Linear(40, 1)
    regression.support_vector(expected, [(columns[:190], y)], cost=0.0001, epsilon=0.1, every=10)
    assert torch.allclose(call(model, x), expected(columns)[:, 0], atol=1e-6)


def test_sparse_codes_are_pooled_over_frames_and_windows():
    torch.manual_seed(0)
    options = {"frames": 2, "num_ceps": 3, "num_blocks": 2, "block_shift": 1, "atoms": 6, "alpha": 0.3, "window": 5}
    model, x, y = solved("sparse_coding", **options, iterations=7, every=2)
    model.fit([(x, y), (x[:50], y[:50])])
    found = cepstra.shifted_deltas(cepstra.mfcc(x.reshape(400, 4), 3), window=1, num_blocks=2, block_shift=1)
    both = torch.cat([found, model._cepstra(x[:50])])
    assert torch.allclose(model.scale, torch.stack([both.mean(0), both.std(0)]), atol=1e-5)
    codes = sparse_codes((found - model.scale[0]) / model.scale[1], model.dictionary, 0.3, 7).abs()
    pooled = [codes[2 * max(0, t - 2) : 2 * (t + 3)] for t in range(200)]
    columns = torch.stack([torch.cat([part.mean(0), part.amax(0)]) for part in pooled])
    assert torch.allclose(model(x), model.output(columns)[:, 0], atol=1e-5)
    expected = torch.nn.Linear(12, 1)
    parts = [(columns[:190], y), (model._pooled(x[:50]), y[:50])]
    regression.support_vector(expected, parts, cost=0.0001, epsilon=0.1, every=2)
    assert torch.allclose(model.output.weight, expected.weight, atol=1e-5)


def test_the_usual_settings_of_sparse_coding():
    model = architecture("sparse_coding")(160)
    assert (model.frames, model.num_ceps, model.window, model.alpha, model.iterations) == (4, 13, 100, 1.0, 20)
    assert model.dictionary.shape == (100, 13 * 8) and model.settings["every"] == 10
    assert (model.settings["cost"], model.settings["epsilon"]) == (0.0001, 0.1)
    assert architecture("sparse_coding")(8).num_ceps == 2  # no more than the energies of a frame
    with pytest.raises(BadInput, match="rows of 10 columns, expected a multiple of 4 frames"):
        architecture("sparse_coding")(10)


def test_the_single_filter_goes_through_tanh_and_a_line():
    model, x = small("single", filter_width=5, num_filters=2), noise("single", 30)
    model.factor.data, model.offset.data = torch.tensor([3.0, -2.0]), torch.tensor([0.25, -0.5])
    low, high = (model.filter(x)[:, n].tanh() for n in (0, 1))
    assert torch.allclose(call(model, x), torch.stack([0.25 + 3 * low, -0.5 - 2 * high], 1), atol=1e-5)


def test_sparse_codes_are_the_lassos():
    from sklearn.linear_model import Lasso

    torch.manual_seed(0)
    dictionary, x = torch.nn.functional.normalize(torch.randn(12, 6)), torch.randn(5, 6)
    lasso = Lasso(alpha=0.2 / 6, fit_intercept=False, tol=1e-6).fit(dictionary.T.numpy(), x.T.numpy())
    assert np.allclose(sparse_codes(x, dictionary, 0.2, 2000), lasso.coef_, atol=1e-3)


@pytest.mark.parametrize("iterations", [1, 2, 3, 6])
def test_sparse_codes_are_fistas_after_each_iteration(iterations):
    random = np.random.default_rng(0)
    d, x, alpha = random.normal(size=(12, 6)), random.normal(size=6), 0.2
    longest = np.linalg.eigvalsh(d @ d.T)[-1]  # Beck and Teboulle's L
    a = y = np.zeros(12)
    t = 1.0
    for _ in range(iterations):
        moved = y - d @ (y @ d - x) / longest
        a, before = np.sign(moved) * np.maximum(np.abs(moved) - alpha / longest, 0), a
        t, earlier = (1 + np.sqrt(1 + 4 * t * t)) / 2, t
        y = a + (earlier - 1) / t * (a - before)
    found = sparse_codes(torch.from_numpy(x[None]), torch.from_numpy(d), alpha, iterations)
    assert found[0].tolist() == pytest.approx(a.tolist(), abs=1e-9)


@pytest.mark.parametrize("most, drawn", [(1000, 100), (40, 40), (100, 100)])
def test_a_dictionary_is_learnt_from_frames_of_all_utterances_each_drawn_once(monkeypatch, most, drawn):
    from sklearn.decomposition import MiniBatchDictionaryLearning as Learner

    seen, learn = [], Learner.fit
    monkeypatch.setattr(Learner, "fit", lambda self, x: seen.append(x) or learn(self, x))
    monkeypatch.setattr(sparse_coding, "SAMPLE", most)
    torch.manual_seed(0)
    model = small("sparse_coding", frames=2, num_ceps=2, num_blocks=1, atoms=3, window=5)
    parts = [noise("sparse_coding", 30), noise("sparse_coding", 20)]
    model.fit([(x, torch.randn(len(x))) for x in parts])
    frames = torch.cat([model._cepstra(x) for x in parts])
    standard = ((frames - frames.mean(0)) / frames.std(0)).double().numpy()
    [found] = seen
    nearest = np.abs(found[:, None] - standard[None]).max(2)
    which = nearest.argmin(1).tolist()
    assert nearest.min(1).max() < 1e-5 and len(set(which)) == len(found) == drawn
    assert which != sorted(which) and max(which) >= 60 > min(which)  # shuffled, of both


def test_of_very_many_frames_a_dictionary_is_learnt_from_some(monkeypatch):
    monkeypatch.setattr(sparse_coding, "SAMPLE", 1)
    model = small("sparse_coding", frames=2, num_ceps=2, num_blocks=1, atoms=1, window=5)
    x = noise("sparse_coding", 251)  # 502 frames, more than 500 times those that are used
    model.fit([(x, torch.randn(251))])
    assert torch.isfinite(model(x)).all()


class Other(torch.nn.Module):
    """Outputs of any width."""

    def __init__(self, width=None):
        super().__init__()
        self.width = width

    def prepare(self, x):
        return x.T

    def forward(self, x):
        return x.T[:, : self.width] if self.width else x[0]


def test_an_architecture_with_outputs_of_another_shape_is_named_before_it_is_trained():
    check(Other(), "other", 4)
    with pytest.raises(BadInput, match=r"models/other.py: found outputs of shape \(50, 1\) for 50 rows"):
        check(Other(width=1), "other", 4)


LIMITS = [  # the largest network, a larger one, and what is too large about it; single has as many offsets as factors
    (("single", 24_999_997, {"filter_width": 1, "num_filters": 4}), ("single", 24_999_998), "more than 1e.08 weights"),
    (("end_to_end", 20, {"segment": 100_000}), ("end_to_end", 20, {"segment": 100_001}), "a period of 100001 rows"),
    (
        ("dilated", 1, {"num_layers": 1, "width": 1, "filter_width": 1_000_001}),
        ("dilated", 1, {"num_layers": 1, "width": 1, "filter_width": 1_000_002}),
        "a receptive field of 1000001 rows",
    ),
    (("linear_stacking", 19_999, {"context": 0}), ("linear_stacking", 20_000), "20001 weights to be solved for"),
]


@pytest.mark.parametrize("largest, larger, message", LIMITS, ids=[row[0][0] for row in LIMITS])
def test_a_network_may_be_as_large_as_the_limits_and_no_larger(largest, larger, message):
    arch, dim, options = largest
    with torch.device("meta"):  # which takes no memory
        assert isinstance(build(arch, dim, options), architecture(arch))
        arch, dim, options = (*larger, options)[:3]
        shown = " ".join(f"--{name.replace('_', '-')}={value}" for name, value in options.items()).replace(" ", ", ")
        expected = f"{arch} for rows of {dim} columns has {message}; expected a smaller network than {shown}"
        with pytest.raises(BadInput, match=f"^{expected}$"):
            build(arch, dim, options)


def test_a_network_is_built_with_its_options_and_what_is_not_solved_may_be_larger():
    assert build("dnn", 8, {"width": 5}).output.weight.shape == (1, 5, 1)
    assert sum(weights.numel() for weights in build("dnn", 160, {}).parameters()) > 20_000
    assert build("blstm", 8, {"memory": 0}).receptive_field() == (math.inf, math.inf)  # all rows are no limit
    with torch.device("meta"), pytest.raises(BadInput, match="more than 1e.08 weights"):
        build("blstm", 1_000_000, {"width": 100})


@pytest.mark.parametrize("shift, window", [(0.04, 100), (0.1, 40), (3.0, 1)])
def test_options_in_seconds_become_the_nearest_number_of_rows(shift, window):
    found = in_rows("svr", {"cost": 0.5, "window": Span(4.0), "every": 3}, shift)
    assert found == {"cost": 0.5, "window": window, "every": 3}


@pytest.mark.parametrize("seconds, rows", [(0.5, 0), (200_001.0, 100_000)])
def test_seconds_that_are_no_number_of_rows_are_refused(seconds, rows):
    if rows:
        assert in_rows("single", {"filter_width": Span(200_000.0)}, 2.0) == {"filter_width": rows}
        seconds, rows = 200_002.0, 100_001
    expected = "expected a whole number from 1 to 100000, or seconds, such as 8s"
    with pytest.raises(
        BadInput, match=f"--filter-width: found {seconds:g} s, which are {rows} rows of 2 s, {expected}"
    ):
        in_rows("single", {"filter_width": Span(seconds)}, 2.0)
