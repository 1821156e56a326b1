#!/usr/bin/env python3
"""Expand a plan of a hyper-parameter search into trials: prints a line each, its name and its options.

A plan is a configuration file in which a line may list several values, parted by blanks: --learning-rate=0.001 0.003.
Every combination of all lines' values is a point of the plan. A trial is named after its options, in the order of their
names (learning-rate=0.001,width=32), so that it keeps its name, and what was trained, when the plan grows.
"""

import hashlib
import heapq
import itertools
import math
import re

from cer.base.errors import BadInput, program
from cer.base.kinds import Seed, Whole
from cer.base.options import Parser, read_config, show
from cer.bin import train
from cer.models import architecture, build, in_rows

FIXED = ("--arch", "--target", "--srand", "--config", "--help")  # not the plan's to choose
MOST_OF_GRID = 1_000_000  # points that samples are drawn from
MOST = 200  # points that are taken without asking whether so many are meant


def read_plan(path, parser):
    """The values of each option of a plan: a dict name -> list of values as typed on a command line, no two equal.

    parser: the training's Parser for the architecture. Raises BadInput, with file and line, for an option that is
    not the architecture's, for one that stands there twice, and for a value that is none of the option's type.
    """
    plan, known = {}, [option for option in parser.options() if option not in FIXED]
    for number, token in read_config(path):
        option, _, text = token.partition("=")
        name = option.removeprefix("--")
        if option not in known:
            raise BadInput(
                f"{path}:{number}: found {option}, which cannot be searched; expected one of {' '.join(known)}"
            )
        if name in plan:
            raise BadInput(f"{path}:{number}: {option} stands here for the second time; put all values on one line")
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
    """A trial's name, from its options (name -> value)."""
    return ",".join(f"{name}={point[name]}" for name in sorted(point))


def points(plan, num_samples, seed):
    """The points of a plan's grid, dicts name -> value: all, or so many different ones drawn with a seed.

    The points are drawn in an order that hangs on the seed and each one's name alone: a larger number takes the same
    ones and more, and a value that is added to the plan changes few of them.
    """
    grid = (dict(zip(plan, values, strict=True)) for values in itertools.product(*plan.values()))
    if not num_samples:
        return list(grid)
    place = lambda point: hashlib.sha256(f"{seed} {name_of(point)}".encode()).digest()  # noqa: E731
    return heapq.nsmallest(num_samples, grid, key=place)


def check(point, parser, arch, configs):
    """Raise BadInput when the architecture cannot be made with a point's options over those of the configurations."""
    words = [f"--config={path}" for path in configs] + [f"--{name}={value}" for name, value in point.items()]
    values = parser.parse([*words, f"--arch={arch}", "--target=any", "train", "dev", "folder"])
    try:
        options = in_rows(parser.keywords(values, architecture(arch)), 0.04)  # at RECOLA's distance of labels
        build(arch, 1, options)  # one column of input: only the options are tried
    except BadInput as error:
        raise BadInput(f"the plan's point {name_of(point)} cannot be: {error}") from None


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("plan", help="the plan, e.g. conf/search/learning-rate.conf")
    options.add_argument("--arch", required=True, help="whose options they are")
    options.add_argument("--base", action="append", default=[], help="configuration that the trials start from")
    options.add_argument("--num-samples", type=Whole, default=0, help="draw so many points; 0: take all (default: 0)")
    options.add_argument("--seed", type=Seed, default=1, help="of the drawing (default: 1)")
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
