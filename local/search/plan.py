"""Expand the plan of a hyper-parameter search into trials; prints one line per trial, its name and options.

A plan is a configuration file whose lines may list several values, separated by blanks: --learning-rate=0.001 0.003.
Each combination of the values is a point of the plan; the trials are all points, or a random sample. A trial is named
after its options, in alphabetical order (learning-rate=0.001,width=32), so that it keeps its name and its trained runs
when the plan grows.
"""

import hashlib
import heapq
import itertools
import math
import re

from cer.base.errors import BadInput, program
from cer.base.kinds import Seed, Whole
from cer.base.options import Parser, read_config, show
from cer.base.tables import LONGEST
from cer.bin import train
from cer.models import architecture, build, in_rows

FIXED = ("--arch", "--target", "--srand", "--config", "--help")  # a plan cannot set these
MOST_OF_GRID = 1_000_000  # most points of a plan to sample from
MOST = 200  # most points without --num-samples


def read_plan(path, parser):
    """Read a plan: option name -> list of different values, as typed on a command line.

    parser: Parser of the training program for the architecture. Raises BadInput, with file and line, for an unknown
    option, for an option that occurs twice, and for a value that does not fit the option's type.
    """
    plan, known = {}, [option for option in parser.options() if option not in FIXED]
    for number, token in read_config(path):
        option, _, text = token.partition("=")
        name = option.removeprefix("--")
        if option not in known:
            raise BadInput(
                f"{path}:{number}: found {option}, which cannot be searched; expected one of {' '.join(known)}"
            )
        try:
            values = [show(parser.parse_one(f"{option}={word}")) for word in text.split()]
        except ValueError as error:
            raise BadInput(f"{path}:{number}: {error}") from None
        plan[name] = list(dict.fromkeys(values))
        unfit = [value for value in values if not re.fullmatch(r"[A-Za-z0-9_.+-]+", value) or value in ("nan", "inf")]
        if unfit or not values:
            raise BadInput(f"{path}:{number}: found the values {text!r}, expected names or numbers, parted by blanks")
    if not plan:
        raise BadInput(f"{path}: is empty, expected lines such as --learning-rate=0.001 0.003")
    return plan


def name_of(point):
    """Return a trial's name, from its options (name -> value). It becomes a folder's: a long one ends in a checksum."""
    name = ",".join(f"{name}={point[name]}" for name in sorted(point))
    return name if len(name) <= LONGEST else f"{name[: LONGEST - 13]}-{hashlib.sha256(name.encode()).hexdigest()[:12]}"


def points(plan, num_samples, seed):
    """List the points of a plan's grid, dicts name -> value: all (num_samples 0), or a sample drawn with a seed.

    The order of drawing depends only on the seed and the points' names: a larger num_samples keeps the points of a
    smaller one, and a value added to the plan changes few of them.
    """
    grid = (dict(zip(plan, values, strict=True)) for values in itertools.product(*plan.values()))
    if not num_samples:
        return list(grid)
    place = lambda point: hashlib.sha256(f"{seed} {name_of(point)}".encode()).digest()  # noqa: E731
    return heapq.nsmallest(num_samples, grid, key=place)


def check(point, parser, arch, configs):
    """Raise BadInput if the architecture rejects a point's options, combined with those of the configurations."""
    words = [f"--config={path}" for path in configs] + [f"--{name}={value}" for name, value in point.items()]
    values = parser.parse([*words, f"--arch={arch}", "--target=any", "train", "dev", "folder"])
    try:
        options = in_rows(arch, parser.keywords(values, architecture(arch)), 0.04)  # with RECOLA's label shift
        build(arch, 160, options)  # columns of the paper's features; samples, too, are a multiple of 20
    except BadInput as error:
        raise BadInput(f"the plan's point {name_of(point)} cannot be: {error}") from None


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("plan", help="plan file, e.g. conf/search/learning-rate.conf")
    options.add_argument("--arch", required=True, help="architecture that has these options")
    options.add_argument("--base", action="append", default=[], help="configuration that the trials override")
    options.add_argument("--num-samples", type=Whole, default=0, help="number of trials to draw; 0: all (default: 0)")
    options.add_argument("--seed", type=Seed, default=1, help="seed for drawing trials (default: 1)")
    values = options.parse(argv)
    parser = train.parser(values.arch)
    plan = read_plan(values.plan, parser)
    total = math.prod(len(one) for one in plan.values())
    if (not values.num_samples and total > MOST) or total > MOST_OF_GRID:
        raise BadInput(
            f"{values.plan}: has {total} points, found --num-samples={values.num_samples}; draw some of them"
            f" (--num-samples 40), or make it smaller (of {MOST_OF_GRID} points at most)"
        )
    trials = points(plan, values.num_samples, values.seed)
    for point in trials:
        check(point, parser, values.arch, values.base)
    for point in trials:
        print(name_of(point), *(f"--{name}={value}" for name, value in point.items()))


if __name__ == "__main__":
    main()
