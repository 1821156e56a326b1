"""Estimate the time and the disk that commands need: what they took on the open corpus, scaled by hours of sound.

Reads commands from standard input, one per line: ./run.sh and programs of local/, with their options. Prints each with
its estimate, and the sum. Knows nothing of what is finished already, which takes no time.
"""

import itertools
import re
import shlex
import shutil
import sys
from pathlib import Path

from cer.base import csvs
from cer.base.errors import BadInput, program
from cer.base.kinds import Count, Positive
from cer.base.options import Parser

FOLDS = 27  # of leave-one-speaker-out: as many as speakers
LINE = "  {time:>9} {disk:>8}  {command}"


def costs(path=Path(__file__).parent / "costs.tsv"):
    """Read what was measured: (work -> (processor seconds, MB), hours of sound of the corpus)."""
    found = {}
    for number, line in csvs.lines(path):
        if not line.startswith("#"):
            work, *numbers = csvs.split(path, number, line, "\t", 3)
            found[work] = tuple(csvs.value(path, number, one) for one in numbers)
    return found, found.pop("hours")[0]


def options(words):
    """Read the options of a shell script's call: {--name: value}."""
    return {name: value for name, value in itertools.pairwise(words) if name.startswith("--")}


def pieces(command):
    """List the work that a command is made of: (key of costs(), how many times)."""
    words = shlex.split(command)
    name, given = Path(words[0]).stem, options(words)
    if words[:2] == ["python3", "-m"]:
        name = words[2].rpartition(".")[2]
    if name == "leave_one_out":
        return [(f"{words[-4]}", FOLDS / 2)]  # of one target
    if words[0] == "local/compare.sh":
        return [("report", 1)]  # stage 6 is a call of it
    if name != "run":
        return [(name, 1)]
    first, last = int(given.get("--stage", 0)), int(given.get("--stop-stage", 6))
    runs, delayed = int(given.get("--num-runs", 5)), f"_{given['--affix']}" if given.get("--affix") else ""
    archs = given.get("--archs", "downup").split()
    found = [("data", 1)] if first == 0 else []
    if first <= 3 <= last:
        found += [(f"{arch}{delayed}", runs) for arch in archs]
    found += [("postprocess", runs * len(archs))] if given.get("--postprocess") else []
    return found + ([("report", 1)] if last == 6 else [])


def estimate(command, measured, scale):
    """Estimate a command: (processor seconds, MB), or None if something in it was not measured."""
    seconds = megabytes = 0.0
    for work, times in pieces(command):
        if work not in measured:
            work = re.sub("_delay$", "", work)  # the delay is searched once a run, in a few seconds
        if work not in measured:
            return None
        seconds += measured[work][0] * times * scale
        megabytes += measured[work][1] * times * scale
    return seconds, megabytes


def duration(seconds):
    """Show a number of seconds: 40 s, 12 min, 3.5 h."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


@program
def main(argv=None):
    """Run the program."""
    parser = Parser(__doc__)
    parser.add_argument(
        "--hours", type=Positive, help="of sound in the corpus (default: as many as the open corpus has)"
    )
    parser.add_argument("--processors", type=Count, default=1, help="that work at the same time (default: 1)")
    values = parser.parse(argv)
    commands = [line for line in sys.stdin.read().splitlines() if line]
    if not commands:
        raise BadInput("found no commands on standard input, expected one per line")
    measured, hours = costs()
    scale = (values.hours or hours) / hours
    total, unknown = [0.0, 0.0], False
    print(f"{len(commands)} commands; estimated time with {values.processors} processors, and disk:")
    for command in commands:
        one = estimate(command, measured, scale)
        unknown |= one is None
        total = [have + more for have, more in zip(total, one or (0, 0), strict=True)]
        time, disk = (duration(one[0] / values.processors), f"{one[1]:.0f} MB") if one else ("unknown", "unknown")
        print(LINE.format(time=time, disk=disk, command=command))
    free = shutil.disk_usage(".").free / 1e6
    everything = "in all, and what is unknown" if unknown else "in all"
    print(LINE.format(time=duration(total[0] / values.processors), disk=f"{total[1]:.0f} MB", command=everything))
    print(
        f"An estimate: measured on the open corpus, {hours:g} hours of sound; scaled to {values.hours or hours:g}"
        " hours. Networks may need more epochs on other labels. What is finished already takes no time."
    )
    print(f"Free here: {free:.0f} MB" + (", LESS than that: make room first" if free < total[1] else ""))


if __name__ == "__main__":
    main()
