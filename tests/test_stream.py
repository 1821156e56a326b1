"""Streams: for every way to cut a recording into pieces, the result is the whole recording's."""

from functools import partial

import numpy as np
import pytest
import torch

from cer.base import stream
from cer.base.stream import Chain, Each, Later, Window
from cer.data import frames
from cer.features.fbank import BLOCK
from cer.features.fbank import Features as Fbank
from cer.models import architecture
from cer.prediction import postprocess
from cer.sound import resample as resampling
from cer.sound.resample import resample
from cer.system.labels import later

RNG = np.random.default_rng(1)


def pieces(rows, size):
    """The rows in pieces of `size`, or of sizes that change (0)."""
    sizes = [size or n for n in (1, 7, 200, 3, 64)] * len(rows)
    ends = [end for end in np.cumsum(sizes) if end < len(rows)]
    return np.split(rows, ends)


def through(stage, rows, size):
    return stream.join([*[stage.push(piece) for piece in pieces(rows, size)], stage.finish()])


def windowed(architecture_, **options):
    torch.manual_seed(0)
    model = architecture(architecture_)(3, **options).eval()

    def outputs(rows):
        with torch.inference_mode():
            return model(
                model.prepare(torch.from_numpy(rows)) if hasattr(model, "prepare") else torch.from_numpy(rows)
            ).numpy()

    return outputs, (*model.receptive_field(),), getattr(model, "period", 1)


@pytest.mark.parametrize("size", [1, 5, 100, 0])
@pytest.mark.parametrize(
    "arch, options",
    [
        ("dilated", {"num_layers": 5, "width": 8, "filter_width": 3, "activation": "tanh"}),
        ("downup", {"num_layers": 3, "width": 8, "factor": 3, "filter_width": 5, "activation": "tanh"}),
        ("downup", {"num_layers": 2, "width": 8, "factor": 4, "upsampling_filter_width": 8, "activation": "tanh"}),
        ("single", {"filter_width": 50}),
        ("dnn", {}),
        ("linear_statistics", {"window": 20}),
        ("svr", {"window": 21}),
    ],
)
@pytest.mark.parametrize("rows", [1, 2, 80, 333])
def test_networks_give_for_pieces_what_they_give_for_the_whole(arch, options, rows, size):
    outputs, (before, after), period = windowed(arch, **options)
    x = RNG.standard_normal((rows, 3)).astype(np.float32)
    found = through(Window(outputs, before, after, period=period), x, size)
    assert rows < 80 or outputs(x).std() > 1e-3  # a network that says nothing would pass anything
    np.testing.assert_allclose(found, outputs(x), atol=1e-6)
    assert len(found) == rows


def test_a_reach_that_is_too_small_shows():
    outputs, (before, after), period = windowed("dilated", num_layers=5, width=8, filter_width=3, activation="tanh")
    x = RNG.standard_normal((333, 3)).astype(np.float32)
    found = through(Window(outputs, before, after - 1, period=period), x, 5)
    assert np.abs(found - outputs(x)).max() > 1e-5


@pytest.mark.parametrize("size", [160, 1000, 50_000])
@pytest.mark.parametrize("rates", [(44100, 16000), (8000, 16000), (48000, 16000)])
def test_resampling_in_pieces(rates, size):
    rate, new = rates
    x = (1000 * RNG.standard_normal(30_011)).astype(np.float32)
    convert = partial(resample, rate=rate, new_rate=new)
    np.testing.assert_array_equal(through(resampling.stage(rate, new), x, size), convert(x))


@pytest.mark.parametrize("at_once", [1, BLOCK])
@pytest.mark.parametrize("snip_edges", [True, False])
@pytest.mark.parametrize("samples", [5000, 90_001, 100_320])
def test_features_in_pieces(samples, snip_edges, at_once):
    fbank = Fbank(dither=0.0, snip_edges=snip_edges)
    x = (1000 * RNG.standard_normal(samples)).astype(np.float32)
    whole = fbank(x, 16000)
    if at_once == BLOCK:
        np.testing.assert_array_equal(through(fbank.stream(16000), x, 16000), whole)
    np.testing.assert_allclose(through(fbank.stream(16000, at_once), x, 333), whole, atol=1e-4)
    assert through(fbank.stream(16000, at_once), x[:79], 0) is None  # no frame


def test_stacking_in_pieces():
    x = RNG.standard_normal((103, 5)).astype(np.float32)
    stack = partial(frames.stack, factor=4)
    np.testing.assert_array_equal(through(Window(stack, 0, 0, period=4, out=1), x, 0), stack(x))


@pytest.mark.parametrize("size", [1, 3, 100])
@pytest.mark.parametrize("delay", [0, 4, -4, 30, -30])
def test_moving_in_pieces(delay, size):
    x = RNG.standard_normal((20, 2)).astype(np.float32)
    expected = np.stack([later(column, delay) for column in x.T], axis=1)
    np.testing.assert_array_equal(through(Later(delay), x, size), expected)


@pytest.mark.parametrize("size", [1, 10, 500])
def test_post_processing_in_pieces(size):
    steps = [
        {"step": "median", "value": 11}, {"step": "centre", "value": 0.1}, {"step": "scale", "value": [1.5, 0.2]},
        {"step": "shift", "value": -7}, {"step": "gaussian", "value": 6.3},
    ]  # fmt: skip
    x = RNG.standard_normal(400)
    found = through(Chain(postprocess.stages(steps)), x, size)
    np.testing.assert_allclose(found, postprocess.apply(steps, [x])[0], rtol=1e-12)


def test_memory_stays_bounded():
    stage = Window(lambda x: x, 10, 10, chunk=100)
    for _ in range(1000):
        stage.push(np.zeros(50, np.float32))
    assert len(stage._kept) < 300


def test_nothing_comes_of_nothing():
    assert Chain([Window(lambda x: x, 1, 1), Each(lambda x: x), Later(2), Later(-2)]).finish() is None


def test_a_windows_function_sees_no_more_than_its_reach_and_gives_no_less_than_a_chunk():
    """Before 2, after 3, chunks of 2: rows, and what the function was given for them, by hand."""
    seen = []
    stage = Window(lambda rows: seen.append(rows.tolist()) or rows, 2, 3, chunk=2)
    rows = np.arange(12)
    assert stage.push(rows[:4]) is None and seen == []  # row 0 is known, one of a chunk of two
    assert stage.push(rows[4:5]).tolist() == [0, 1]
    assert stage.push(rows[5:6]) is None
    assert stage.push(rows[6:10]).tolist() == [2, 3, 4, 5, 6]
    assert stage.push(rows[10:12]).tolist() == [7, 8]
    assert stage.finish().tolist() == [9, 10, 11]
    assert seen == [[*range(5)], [*range(10)], [*range(5, 12)], [*range(7, 12)]]


@pytest.mark.parametrize(
    "period, out, lengths",
    [
        (6, 2, [0, 0, 1, 0, 0, 1]),  # a row of the output for three of the input
        (6, 4, [0, 0, 2, 0, 0, 2]),
        (4, 4, [1, 1, 1, 1, 1, 1]),
        (2, 4, [2, 2, 2, 2, 2, 2]),
        (4, 1, [0, 0, 0, 1, 0, 0]),
    ],
)
def test_output_comes_as_soon_as_it_makes_whole_rows(period, out, lengths):
    def function(rows):  # the output row n starts at the input row n period / out
        return rows[(np.arange(len(rows) * out // period) * period) // out]

    stage = Window(function, 0, 0, period=period, out=out)
    outputs = [stage.push(np.array([n])) for n in range(6)]
    assert [0 if one is None else len(one) for one in outputs] == lengths
    whole = function(np.arange(6)).tolist()
    assert [*stream.join([*outputs, stage.finish()])] == whole


def test_units_and_chunks_hold_output_back():
    stage = Window(lambda rows: rows, 0, 0, unit=4)
    assert [stage.push(np.arange(n)) is None for n in (3, 1, 3, 1)] == [True, False, True, False]
    assert Window(lambda rows: rows, 0, 0).push(np.arange(1)).tolist() == [0]
    assert stage.finish() is None  # nothing is left, which is not an array of no rows


@pytest.mark.parametrize(
    "delay, outputs, rest",
    [
        (0, [[1, 2], [3]], None),
        (1, [[1, 1], [2]], None),
        (3, [[1, 1], [1]], None),
        (-1, [[2], [3]], [3]),
        (-2, [None, [3]], [3, 3]),
        (-3, [None, None], [3, 3, 3]),
        (-5, [None, None], [3, 3, 3]),
    ],
)
def test_rows_come_later_or_earlier_and_ends_are_repeated(delay, outputs, rest):
    stage = Later(delay)
    found = [stage.push(np.array(rows)) for rows in ([1, 2], [3])]
    assert [one if one is None else one.tolist() for one in found] == outputs
    left = stage.finish()
    assert (left if left is None else left.tolist()) == rest
    assert stage.after == max(0, -delay)


def test_a_chain_passes_on_what_is_known_and_then_what_is_left():
    chain = Chain([Window(lambda x: 10 * x, 0, 1), Each(lambda x: x + 1), Later(-1)])
    assert chain.push(np.array([1])) is None  # the window waits for a row, and then the last stage does
    assert chain.push(np.array([2])) is None
    assert chain.push(np.array([3])).tolist() == [21]
    assert chain.finish().tolist() == [31, 31]


def test_rows_are_held_until_there_are_more_than_a_number_of_them():
    hold = stream.Hold(3)
    assert [hold.push(np.arange(n)) for n in (2, 1)] == [None, None]
    assert hold.push(np.array([5])).tolist() == [0, 1, 0, 5]
    assert hold.push(np.array([6])).tolist() == [6] and hold.finish() is None
    short = stream.Hold(3)
    assert short.push(np.arange(3)) is None and short.finish().tolist() == [0, 1, 2]
    assert stream.Hold(3).finish() is None


def test_a_function_of_the_whole_gets_all_of_it_at_the_end():
    stage = stream.Whole(lambda rows: rows[::-1])
    assert stage.finish() is None and stage.push(np.array([1, 2])) is None and stage.push(np.array([3])) is None
    assert stage.finish().tolist() == [3, 2, 1]


def test_pieces_are_joined_but_for_those_that_are_none():
    assert stream.join([]) is None and stream.join([None, None]) is None
    assert stream.join([None, np.array([1])]).tolist() == [1]
