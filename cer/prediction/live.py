"""Predictions for a live audio stream, one line per prediction on standard output."""

import signal
import sys
import time

import numpy as np

from cer.base.errors import BadInput
from cer.base.stream import join

REPORT = 10.0  # between status reports, seconds of audio


class Listener:
    """Predicts one stream with all models; prints a line as soon as all models have predicted its row."""

    def __init__(self, models, rate, own_cmvn, step):
        """models: target -> list of Recognizer; rate: Hz; own_cmvn, step: as in Recognizer.live."""
        self.stages = {target: [model.live(rate, own_cmvn, step) for model in each] for target, each in models.items()}
        self.shift, self.rate = next(iter(models.values()))[0].shift, rate
        self.known = {(target, n): None for target, each in models.items() for n in range(len(each))}
        self.ranges = {target: each[0].ensemble.range for target, each in models.items()}
        self.row, self.heard, self.reported, self.slowest = 0, 0, 0.0, 0.0

    def hear(self, samples):
        """Process the next samples (N,) of the stream. Raises BadInput for outputs that are no finite numbers."""
        begun = time.monotonic()
        self.heard += len(samples)
        self._take(lambda stage: stage.push(samples))
        self.slowest = max(self.slowest, time.monotonic() - begun)
        seconds = self.heard / self.rate
        if seconds - self.reported >= REPORT:
            behind = seconds - self.row * self.shift
            say(f"heard {seconds:.1f} s; output is {behind:.2f} s behind; computing took {self.slowest:.3f} s at most")
            self.reported, self.slowest = seconds, 0.0

    def end(self):
        """Print the remaining predictions at the end of the stream. Raises BadInput as hear() does."""
        self._take(lambda stage: stage.finish())
        say(f"{self.heard / self.rate:.2f} s heard, {self.row} predictions")

    def _take(self, output):
        for target, stages in self.stages.items():
            for n, stage in enumerate(stages):
                self.known[target, n] = join([self.known[target, n], output(stage)])
        if any(rows is None for rows in self.known.values()):
            return
        count = min(len(rows) for rows in self.known.values())
        means = [np.mean([self.known[target, n][:count] for n in range(len(stages))], 0)
                 for target, stages in self.stages.items()]  # fmt: skip
        for target, mean in zip(self.stages, means, strict=True):
            if not np.isfinite(mean).all():
                when = f"at {self.row * self.shift:.2f} s"
                raise BadInput(f"{target}: found outputs that are no finite numbers {when}; is the model right?")
            if target in self.ranges and (complaint := self.ranges[target].complaint(mean)):
                say(f"WARNING {target} at {self.row * self.shift:.2f} s: {complaint}; reported once")
                del self.ranges[target]
        for values in zip(*means, strict=True):
            print(f"{self.row * self.shift:.10g}", *(f"{value:.6f}" for value in values), sep=",")
            self.row += 1
        sys.stdout.flush()
        self.known = {key: rows[count:] for key, rows in self.known.items()}


def listen(pieces, listener):
    """Hear a stream, pieces of samples (N,), to its end; a truncated one, or one that Ctrl-C ends, as far as it came.

    Ctrl-C does not cut the processing of a piece in two. Raises what ended the stream: BadInput, KeyboardInterrupt.
    """
    busy = stopped = False

    def stop(*_):
        nonlocal stopped
        stopped = True
        if not busy:
            raise KeyboardInterrupt

    before = signal.getsignal(signal.SIGINT)
    try:
        if before is signal.default_int_handler:  # it is not ignored
            signal.signal(signal.SIGINT, stop)
        try:
            for samples in pieces:
                busy = True
                listener.hear(samples)
                busy = False
                if stopped:
                    raise KeyboardInterrupt
        finally:
            signal.signal(signal.SIGINT, before)
    except (BadInput, KeyboardInterrupt):
        listener.end()
        raise
    listener.end()


def say(text):
    """Print a status line on standard error."""
    print(f"predict_live: {text}", file=sys.stderr, flush=True)
