"""Generate the open corpus: synthetic babble and ratings in the layout of RECOLA's original release.

The same seed gives the same bytes for any number of jobs. egs/synth/model/__init__.py has the model.
"""

import time
from pathlib import Path
from typing import Annotated

from cer.base.errors import program
from cer.base.kinds import Count, Range
from cer.base.options import Parser
from egs.synth.model.corpus import SPEAKERS, entries
from egs.synth.model.layout import claim, write_recording
from egs.synth.model.worlds import WORLDS, enter

SHORTEST = 5  # s


@program
def main(arguments=None):
    """Parse the command line, then write every recording of this job."""
    options = parse(arguments)
    out = Path(options.out)
    corpus = entries(options.num_speakers)
    jobs = corpus[options.job - 1 :: options.num_jobs]
    marker = f"seed={options.seed} duration={options.duration} num_speakers={options.num_speakers}"
    marker += f" world={options.world}" * (options.world != "plain")
    enter(options.world)
    claim(out, marker, "".join(f"{entry.slot.partition('_')[0]} {entry.name}\n" for entry in corpus))
    generate(out, jobs, options.seed, options.duration)


def generate(out, recordings, seed, duration):
    """Generate and write recordings of `duration` seconds, printing a line of progress for each."""
    from egs.synth.model.recording import make  # not at the top: scipy.signal takes most of a second to import

    for done, (name, slot, index) in enumerate(recordings, start=1):
        begin = time.monotonic()
        write_recording(out, name, *make(seed, slot, index, duration))
        print(f"{done} of {len(recordings)}: {name}, {time.monotonic() - begin:.1f} s", flush=True)


def parse(arguments):
    """Parse and check the options; an invalid one ends the program with a message and status 2."""
    parser = Parser(__doc__)
    add = parser.add_argument
    add("--seed", type=int, default=1, help="seed of the corpus: any whole number (default: 1)")
    seconds, speakers = Annotated[int, Range(SHORTEST)], Annotated[int, Range(1, SPEAKERS)]
    add("--duration", type=seconds, default=300, metavar="S", help="s of a recording, 5 or more (default: 300)")
    add("--num-speakers", type=speakers, default=SPEAKERS, metavar="N", help="in each of 3 sets, 1 to 9 (default: 9)")
    worlds = f"another corpus, of a model with other constants:\n{', '.join(WORLDS)} (default: plain)"
    add("--world", choices=WORLDS, default="plain", metavar="W", help=worlds)
    add("--job", type=Count, metavar="J", help="make only every N-th recording, starting at the J-th, J from 1 to N")
    add("--num-jobs", type=Count, default=1, metavar="N", help="jobs that share the work (default: 1)")
    add("out", metavar="OUT", help="output folder; created if missing")
    options = parser.parse(arguments)
    if options.job is None and options.num_jobs > 1:
        parser.error(f"--num-jobs={options.num_jobs} found without --job, expected --job=1 to {options.num_jobs}")
    options.job = options.job or 1
    if options.job > options.num_jobs:
        parser.error(f"--job: found {options.job}, expected 1 to {options.num_jobs} (--num-jobs)")
    return options


if __name__ == "__main__":
    main()
