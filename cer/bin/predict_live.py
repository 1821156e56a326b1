"""Predict while one listens: a wav stream on standard input -> `time,<target>,...` lines on standard output.

Each line comes when the network has heard what it looks ahead, which is said on standard error, as is the latency.
"""

import sys
import time

import numpy as np
import torch

from cer.base.errors import BadInput, program
from cer.base.kinds import Seconds, Whole
from cer.base.options import Parser
from cer.base.stream import join
from cer.bin.predict_recordings import by_target
from cer.sound.audio import WavStream

REPORT = 10.0  # s of sound between two reports


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("models", nargs="+", help="model folders, e.g. one for arousal and one for valence")
    options.add_argument("--channel", type=Whole, help="which one, counted from 0 (default: the first, with a warning)")
    options.add_argument("--cmvn", choices=["own", "global"], default="own",
                         help="mean and variance: of what was heard, or the training set's (default: own)")  # fmt: skip
    options.add_argument("--step", type=Seconds, default=0.2, help="seconds predicted at once at least (default: 0.2)")
    values = options.parse(argv)
    models = by_target(values.models)
    stream = WavStream(sys.stdin.buffer, values.channel)
    listener = Listener(models, stream.rate, values)
    ahead = max(model.look_ahead(values.step) for each in models.values() for model in each)
    delay = max(model.ensemble.labels.delay * model.shift for each in models.values() for model in each)
    later = f"; the first {delay:.2f} s come together, up to so much later still" if delay else ""
    say(f"look-ahead {ahead:.2f} s: what is said of a moment comes so much later{later}")
    print("time", *models, sep=",", flush=True)
    try:
        for samples in stream.pieces():
            listener.hear(samples)
    except BadInput:  # a stream that was cut: what was heard is predicted to its end
        listener.end()
        raise
    listener.end()


class Listener:
    """Predictions of all models for one stream, a line as soon as all of them know its moment."""

    def __init__(self, models, rate, values):
        """models: target -> list of Recognizer; rate: Hz; values: of the program's options."""
        own = values.cmvn == "own"
        self.stages = {
            target: [model.live(rate, own, values.step) for model in each] for target, each in models.items()
        }
        self.shift, self.rate = next(iter(models.values()))[0].shift, rate
        self.known = {(target, n): None for target, each in models.items() for n in range(len(each))}
        self.ranges = {target: each[0].ensemble.range for target, each in models.items()}
        self.row, self.heard, self.reported, self.slowest = 0, 0, 0.0, 0.0

    def hear(self, samples):
        """samples: (N,), the next ones."""
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
        """The stream has ended: say the rest."""
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
            if target in self.ranges and (complaint := self.ranges[target].complaint(mean)):
                say(f"WARNING {target} at {self.row * self.shift:.2f} s: {complaint}; said once")
                del self.ranges[target]
        for values in zip(*means, strict=True):
            print(f"{self.row * self.shift:.10g}", *(f"{value:.6f}" for value in values), sep=",")
            self.row += 1
        sys.stdout.flush()
        self.known = {key: rows[count:] for key, rows in self.known.items()}


def say(text):
    """A line for people, on standard error."""
    print(f"predict_live: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
