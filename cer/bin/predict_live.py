"""Predict a live audio stream: a wav stream on stdin -> `time,<target>,...` lines on stdout.

A line is printed once the network has received its look-ahead. Stderr reports the look-ahead and the latency.
"""

import sys
from itertools import chain

from cer.base.errors import once, program  # first: it says so if a package is missing

# isort: split
import torch

from cer.base.kinds import Seconds, Whole
from cer.base.options import Parser
from cer.prediction import origin
from cer.prediction.live import Listener, listen, say
from cer.prediction.recordings import by_target
from cer.sound.audio import WavStream


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("models", nargs="+", help="model folders, e.g. one for arousal and one for valence")
    options.add_argument("--channel", type=Whole, help="channel, counted from 0 (default: the first, with a warning)")
    options.add_argument("--cmvn", choices=["own", "global"], default="own",
                         help="mean and variance: of what was heard, or the training set's (default: own)")  # fmt: skip
    options.add_argument("--step", type=Seconds, default=0.2, help="minimum seconds per prediction step (default: 0.2)")
    values = options.parse(argv)
    models = by_target(values.models)
    origin.warn_of(models)
    stream = WavStream(sys.stdin.buffer, values.channel)
    say_once = once()
    for model in chain.from_iterable(models.values()):
        model.tell_rate(stream.rate, say_once)
    listener = Listener(models, stream.rate, values.cmvn == "own", values.step)
    ahead = max(model.look_ahead(values.step, stream.rate) for each in models.values() for model in each)
    delay = max(model.ensemble.labels.delay * model.shift for each in models.values() for model in each)
    later = f"; the first {delay:.2f} s of predictions come together, up to {delay:.2f} s later" if delay else ""
    say(f"look-ahead {ahead:.2f} s: a prediction is printed {ahead:.2f} s after its time{later}")
    print("time", *models, sep=",", flush=True)
    listen(stream.pieces(), listener)


if __name__ == "__main__":
    main()
