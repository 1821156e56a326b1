"""What is told of guesses that may be wrong, where a user can see it and the numbers cannot."""

import re
from collections import Counter

from cer.base.errors import listed
from cer.corpora import scales
from cer.corpora.guess import RATES
from cer.data.targets import ENDS

MEANS = {*"mean avg average median gold ewe consensus".split()}
MADE = {*"smooth smoothed filtered interpolated normalised normalized rescaled pred predicted prediction".split()}

LATE = 1.0  # s that the first trace of a recording may begin after it; or two values, if they are farther apart
NARROW = 0.1  # of a scale: values that use no more of it may be of another


def of(rows):
    """Sentences on the table's guesses; rows: (Pair, Guess, column, target, rater) for each of its lines."""
    yield from _odd_rates(rows)
    yield from _early_ends(rows)
    yield from _late_starts(rows)
    yield from _raters(rows)
    yield from _targets(rows)
    yield from _others(rows)
    yield from _still(rows)
    yield from _means(rows)
    yield from _copies(rows)
    yield from _minus_one(rows)
    yield from _bins(rows)
    yield from _scales(rows)


def _odd_rates(rows):
    """Values without times of another rate than most, or of an unusual one: they, or the sound, may not be whole."""
    rates = {pair.trace: held.rate for pair, held, *_ in rows if held.rate}
    for usual, _ in Counter(rates.values()).most_common(1):
        known = usual in RATES
        others = sorted(f"{path} ({rate:.6g})" for path, rate in rates.items() if rate != usual or not known)
        found = f"most files without times fit a rate of {usual:.6g} Hz, {len(others)} do not"
        found = found if known else "the values of files without times fit no usual rate, in Hz"
        if others:
            yield f"{found}: {listed(others, 3)}; are they whole? Edit the column rate"


def _early_ends(rows):
    """Traces of less than half of a recording: their times may be in another unit, or of another recording."""
    ends = {pair.trace: held for pair, held, *_ in rows if held.last < held.seconds / 2}
    if shown := [f"{path} ({held.last:.3g} of {held.seconds:.3g} s)" for path, held in sorted(ends.items())]:
        yield f"traces that end in the first half of their recording: {listed(shown, 3)}; are their times in s or ms?"


def _late_starts(rows):
    """Recordings without any value at their start: times may count from the start of something else."""
    late = {}
    for pair, held, *_ in rows:
        late.setdefault(pair.recording, []).append((held.first, held.step))
    late = {recording: min(found) for recording, found in late.items()}
    late = {recording: first for recording, (first, step) in late.items() if first > max(LATE, 2 * step)}
    if shown := [f"{recording} ({first:.3g} s)" for recording, first in sorted(late.items())]:
        yield f"recordings whose traces all begin late: {listed(shown, 3)}; do their times count from its start?"


def _raters(rows):
    """Columns of a file that are taken for raters, but without names, or of a target that nobody knows."""
    found = {}
    for pair, held, _, target, _ in rows:
        numbered = {re.sub("[0-9]", "", head) for head in held.heads}  # R1, R2 are R, R
        named = held.axes or (numbered != {""} and (target in ENDS or len(numbered) == 1))
        if len(held.heads) > 1 and not named:
            found.setdefault(target, {})[pair.trace] = held.heads
    for target, heads in found.items():
        trace, others = min(heads), f" and those of {len(heads) - 1} more files" if len(heads) > 1 else ""
        said = f"the columns {listed(heads[trace])} of {trace}{others} are taken for raters of one target, {target}"
        yield f"{said}; if they are targets, edit the columns target and rater"


def _targets(rows):
    """Words in paths that are taken for targets that nobody knows: they may be raters, as in folders of one each."""
    found = {}
    for pair, _, _, target, _ in rows:
        if target == pair.target and target not in ENDS:
            found.setdefault(target, str(pair.trace))
    if len(found) > 1:
        shown = listed([f"{target} ({path})" for target, path in sorted(found.items())], 3)
        yield f"words in paths are taken for targets: {shown}; if they are raters, edit the columns target and rater"


def _still(rows):
    """Values that never change: confidences, settings, or those of someone who did not rate."""
    still = [(column, pair, held) for pair, held, column, *_ in rows if held.of(column).low == held.of(column).high]
    if found := [
        f"{column} of {pair.trace}" if len(held.columns) > 1 else str(pair.trace) for column, pair, held in still
    ]:
        yield f"values that never change: {listed(found, 3)}; remove their lines in the table if they are no ratings"


def _others(rows):
    """Traces of a recording, ann_2, that may be those of another, ann, by a rater 2: others of it have such numbers."""
    numbered = {pair.recording.stem for pair, *_ in rows if pair.rater.isdigit()}
    pairs = {(pair.trace, re.sub(r"[\W_]+\d+$", "", pair.recording.stem)): pair for pair, *_ in rows if not pair.rater}
    found = [
        f"{trace} (of {pair.recording.stem}, not {one})"
        for (trace, one), pair in sorted(pairs.items())
        if one in numbered
    ]
    if found:
        yield f"numbers that may be those of recordings or raters: {listed(found, 3)}; if so, edit the table"


def _means(rows):
    """Means of raters, of whom two or more are there themselves: CARMA saves ann_Mean.csv beside theirs.

    Also what was made of others that are there.
    """
    raters, means, made = Counter(), {}, {}
    for pair, held, column, target, _ in rows:
        text = f"{pair.trace.with_suffix('')}/{held.heads[held.columns.index(column)]}"
        words = {*re.split(r"[\W_]+", text.lower())} - {*re.split(r"[\W_]+", pair.recording.stem.lower())}
        one = str(pair.trace) if len(held.columns) == 1 else f"{column} of {pair.trace}"
        if words & MADE:
            made.setdefault((pair.recording, target), []).append(one)
        elif words & MEANS:
            means.setdefault((pair.recording, target), []).append(one)
        else:
            raters[pair.recording, target] += 1
    found = [one for key, those in means.items() if raters[key] > 1 for one in those]
    found += [one for key, those in made.items() if raters[key] or key in means for one in those]
    if found:
        said = f"taken for raters, but called as means of them, or as made of others: {listed(found, 3)}"
        yield f"{said}; remove their lines in the table if so"


def _copies(rows):
    """Files of one recording and target with the same lines, such as ann (1).csv beside ann.csv: two raters differ."""
    alike = {}
    for pair, held, _, target, _ in rows:
        alike.setdefault((pair.recording, target, held.lines), {})[str(pair.trace)] = None
    if found := sorted({" and ".join(traces) for traces in alike.values() if len(traces) > 1}):
        said = f"taken for different raters, but the same files: {listed(found, 3)}"
        yield f"{said}; remove copies, or their lines in the table"


def _minus_one(rows):
    """A -1 that may mean no value, or that is taken for that where the scale may go below 0."""
    one = [(pair.trace, target, held.of(column).low, held) for pair, held, column, target, _ in rows]
    below = {target for _, target, low, held in one if low < 0 and not held.alone}
    if traces := {trace for trace, target, _, held in one if held.alone and target not in below}:
        found = f"no value of {listed(sorted(traces), 3)} is below 0 but -1"
        yield f"{found}: if that means no value, write -1 into the column missing, and edit low and high"
    if traces := {trace for trace, target, _, held in one if -1 in held.marks and target in below}:
        found = f"-1 is taken for no value in {listed(sorted(traces), 3)}, but other files of the target go below 0"
        yield f"{found}: if it is a value, edit the columns missing, low and high"


def _bins(rows):
    """Means of bins, as CARMA and DARMA write them: their times are changed."""
    sizes = {str(pair.trace): held.bins for pair, held, *_ in rows if held.bins}
    if found := [f"{path} ({size:g} s)" for path, size in sorted(sizes.items())]:
        said = f"means of bins with the times of their ends, by CARMA or DARMA: {listed(found, 3)}"
        yield f"{said}; they count half a bin earlier, in the middle"


def _scales(rows):
    """Scales that may be others: of raters of one target who have several, and of values that use little of theirs."""
    ends, spans, several = scales.of(rows), {}, {}
    for _, held, column, target, rater in rows:
        kind, one = scales.kind_of(target, rater, held), held.of(column)
        if not held.ends:
            spans.setdefault(kind, []).append((one.low, one.high))
            several.setdefault(target, {}).setdefault(ends[kind], {})[rater] = None
    for target, those in several.items():
        if len(those) > 1:
            shown = ", ".join(f"{low:g} to {high:g} of {listed(names, 3)}" for (low, high), names in those.items())
            yield f"raters of {target} are taken to have scales of their own: {shown}; if not, edit low and high"
    little = []
    for (target, rater, *rest), found in spans.items():
        least, most = min(low for low, _ in found), max(high for _, high in found)
        low, high = ends[target, rater, *rest]
        if 0 < most - least <= NARROW * (high - low):
            little.append(f"{least:.3g} to {most:.3g} of {low:g} to {high:g} ({rater} of {target})")
    if little:
        yield f"values that use little of their scale: {listed(little, 3)}; if it is another, edit low and high"
