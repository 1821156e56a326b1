"""What is told of guesses that may be wrong, where a user can see it and the numbers cannot."""

import re
from collections import Counter

from cer.base.errors import listed
from cer.data.targets import ENDS


def of(rows):
    """Sentences on the table's guesses; rows: (Pair, Guess, column, target, rater) for each of its lines."""
    yield from _odd_rates(rows)
    yield from _raters(rows)


def _odd_rates(rows):
    """Values without times that have another rate than most: they may not go on to their recording's end."""
    rates = {pair.trace: held.rate for pair, held, *_ in rows if held.rate}
    usual = Counter(rates.values()).most_common(1)
    if others := sorted(f"{path} ({rate:.6g})" for path, rate in rates.items() if rate != usual[0][0]):
        found = f"most files without times fit a rate of {usual[0][0]:.6g} Hz, {len(others)} do not"
        yield f"{found}: {listed(others, 3)}; are they whole? Edit the column rate"


def _raters(rows):
    """Columns of a file that are taken for raters of a target that nobody knows: they may be targets themselves."""
    found = {}
    for pair, held, _, target, _ in rows:
        if not held.axes and target not in ENDS and len({re.sub("[0-9]", "", head) for head in held.heads}) > 1:
            found.setdefault(target, {})[pair.trace] = held.heads
    for target, heads in found.items():
        trace, others = min(heads), f" and those of {len(heads) - 1} more files" if len(heads) > 1 else ""
        said = f"the columns {listed(heads[trace])} of {trace}{others} are taken for raters of one target, {target}"
        yield f"{said}; if they are targets, edit the columns target and rater"
