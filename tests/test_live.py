"""cer/prediction/live.py: what is printed of a stream, and when, for recognizers that tests make up."""

import io
import os
import signal
import sys
import types

import numpy as np
import pytest

from cer.base.errors import BadInput
from cer.data.plausible import Range
from cer.prediction import live


class Recognizer:
    """Predicts one value for 4 samples, `after` values late: those given, and zeros from then on."""

    shift = 0.04

    def __init__(self, values, after=0, low=-1.0, high=1.0):
        self.values, self.after, self.given, self.asked = values, after, 0, []
        self.ensemble, self.heard = types.SimpleNamespace(range=Range(low, high)), 0

    def live(self, *how):
        self.asked.append(how)
        return self

    def push(self, samples):
        self.heard += len(samples)
        return self.until(self.heard // 4 - self.after)

    def finish(self):
        return self.until(self.heard // 4)

    def until(self, end):
        values = np.array([*self.values, *[0.0] * 9999])[self.given : max(end, self.given)]
        self.given += len(values)
        return values if len(values) else None


def listener(rate=100, **models):
    return live.Listener(models, rate, True, 0.2)


def test_a_line_is_the_mean_of_a_targets_models_once_all_know_it(capsys):
    quick, slow, other = (
        Recognizer([0.25, 0.5, 1.0]),
        Recognizer([0.75, 0.5, 0.0], after=1),
        Recognizer([0.1, 0.2, 0.3], 2),
    )
    one = listener(arousal=[quick, slow], valence=[other])
    assert quick.asked == slow.asked == other.asked == [(100, True, 0.2)]
    for expected in ("", "", "0,0.500000,0.100000\n", "0.04,0.500000,0.200000\n"):
        one.hear(np.zeros(4))
        assert capsys.readouterr() == (expected, "")
    one.end()
    printed = capsys.readouterr()
    assert printed.out == "0.08,0.500000,0.300000\n0.12,0.000000,0.000000\n"
    assert printed.err == "predict_live: 0.16 s heard, 4 predictions\n"


def test_lines_reach_a_pipe_at_once(monkeypatch):
    pipe = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(pipe))
    listener(joy=[Recognizer([0.5])]).hear(np.zeros(4))
    assert pipe.getvalue() == b"0,0.500000\n"


@pytest.mark.parametrize("rate", [100, 50])
def test_every_ten_seconds_the_delay_and_the_slowest_step_are_told(monkeypatch, capsys, rate):
    clock = iter(np.cumsum([0, 0.25, 9, 0.5, 9, 0.125, 9, 0.0625, 9, 0.03125, 9, 0.25]).tolist())
    monkeypatch.setattr(live, "time", types.SimpleNamespace(monotonic=lambda: next(clock)))
    monkeypatch.setattr(Recognizer, "shift", 4 / rate)
    one = listener(rate, joy=[Recognizer([], after=25)])
    told = []
    for seconds in (5, 4.96, 0.04, 9.96, 0.04, 5):
        one.hear(np.zeros(round(seconds * rate)))
        told.append(capsys.readouterr().err.replace("predict_live: ", ""))
    behind = f"{25 * 4 / rate:.2f}"
    assert told == [
        "", "", f"heard 10.0 s; output is {behind} s behind; computing took 0.500 s at most\n", "",
        f"heard 20.0 s; output is {behind} s behind; computing took 0.062 s at most\n", "",
    ]  # fmt: skip


def test_outputs_far_from_the_labels_are_told_once_for_each_target(capsys):
    one = listener(arousal=[Recognizer([0.0, 0.0, 9.0, 9.0, 9.0])], valence=[Recognizer([0.0, 0.0, 0.0, 0.0, -7.0])])
    for _ in range(5):
        one.hear(np.zeros(4))
    first, second = capsys.readouterr().err.splitlines()
    assert first.startswith("predict_live: WARNING arousal at 0.08 s: 1 of 1 outputs are outside -3 to 3, three times")
    assert second.startswith("predict_live: WARNING valence at 0.16 s: 1 of 1 outputs") and first.endswith(
        "; reported once"
    )


@pytest.fixture
def ctrl_c():
    """SIGINT as a program of Python takes it; a process of pytest's may not."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.usefixtures("ctrl_c")
@pytest.mark.parametrize("ends", [BadInput("truncated"), KeyboardInterrupt()])
def test_what_was_heard_is_printed_however_the_stream_ends(capsys, ends):
    def pieces():
        yield np.zeros(4)
        yield np.zeros(4)
        raise ends

    with pytest.raises(type(ends)):
        live.listen(pieces(), listener(arousal=[Recognizer([0.25, 0.5, 1.0], after=2)]))
    assert capsys.readouterr().out == "0,0.250000\n0.04,0.500000\n"
    live.listen([np.zeros(4)], listener(arousal=[Recognizer([0.25], after=2)]))
    assert capsys.readouterr().out == "0,0.250000\n" and signal.getsignal(signal.SIGINT) is signal.default_int_handler


@pytest.mark.usefixtures("ctrl_c")
def test_ctrl_c_does_not_cut_a_step_in_two(capsys):
    class Interrupted(Recognizer):
        def push(self, samples):
            os.kill(os.getpid(), signal.SIGINT)
            return super().push(samples)

    one = listener(arousal=[Interrupted([0.25, 0.5])], valence=[Recognizer([0.1, 0.2], after=1)])
    with pytest.raises(KeyboardInterrupt):
        live.listen([np.zeros(4), np.zeros(4)], one)
    assert capsys.readouterr().out == "0,0.250000,0.100000\n"
