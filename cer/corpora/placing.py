"""Traces in their place: on the grid of labels of a whole recording, NaN where they say nothing of it; their scales."""

import re
from dataclasses import replace

import numpy as np

from cer.base.errors import BadInput, warn
from cer.base.kinds import NonNegative, Seconds
from cer.corpora import grid
from cer.corpora.traces import WHOLE
from cer.sound import wav

SLACK = 1.0  # s that labels may begin late, end early or go on after their recording, before a warning tells of it


def placement(*, label_shift: Seconds = 0.04, gap: NonNegative = 2.0):
    """Choose the grid of labels for raters' tools that have no fixed rate: the options of ratings().

    label_shift: seconds between labels
    gap: seconds; samples of a rater that are no farther apart are joined by a straight line; others leave a gap
    """
    return {"shift": label_shift, "gap": gap}


def seconds_of(sound):
    """How long a wav file is."""
    count, rate = wav.length(sound)
    return count / rate


def ratings(pieces, sound, *, shift, gap):
    """One Trace of all raters of a recording, of which each rated all or a part.

    pieces: list of (Trace, s of the wav file `sound` at which its time 0 lies). A warning tells of times after its end.
    Raises BadInput.
    """
    if not pieces:
        raise BadInput(f"{sound}: found no traces of it, expected some; {WHOLE}")
    seconds, placed = seconds_of(sound), []
    for trace, start in pieces:
        values = grid.onto(trace, shift, seconds, gap, start)
        last = start + trace.times[-1]
        found = (
            f"{trace.path}: found times from {start + trace.times[0]:g} to {last:g} s, {sound} has 0 to {seconds:g} s"
        )
        if np.isnan(trace.values).all():
            raise BadInput(f"{trace.path}: found no values of {', '.join(trace.names)}, expected some; {WHOLE}")
        if np.isnan(values).all():
            raise BadInput(f"{found}; are both whole?")
        if last > seconds + SLACK:
            warn(found)
        for path, names, others in placed:
            _tell_twice(trace, values, path, names, others, shift)
        placed.append((trace.path, trace.names, values))
    path = pieces[0][0].path
    found = grid.rated(path if len(pieces) == 1 else path.parent, shift, *grid.together([one[1:] for one in placed]))
    repeated, ignored = (sum(getattr(trace, name) for trace, _ in pieces) for name in ("repeated", "ignored"))
    return replace(found, repeated=repeated, ignored=ignored)


def _tell_twice(trace, values, path, names, others, shift):
    """Warn of raters of a Trace, values on the grid, of whom another file has values for more than SLACK s of these."""
    for name in set(trace.names) & set(names):
        both = ~np.isnan(values[trace.names.index(name)]) & ~np.isnan(others[names.index(name)])
        if (seconds := both.sum() * shift) > SLACK:
            same = f"{path} has of the same rater, {name}"
            warn(f"{trace.path}: its values count for {seconds:g} s that {same}; two raters need two names")


def gold(trace, sound, shift=None, whole=True):
    """A corpus's own labels, target -> Trace of one row; a target without any is left out.

    trace: names are targets, times are those of the wav file `sound`; shift: s between labels; None: as the times say;
    whole: warn unless the labels reach from the start of the sound to its end. Raises BadInput.
    """
    if shift is None:
        if len(trace.times) < 2:
            raise BadInput(f"{trace.path}:{trace.numbers[-1]}: found {len(trace.times)} row of labels, expected more")
        shift = grid.shift_of(trace.times - trace.times[0])
    if np.isnan(trace.values).all():
        return {}
    placed = ratings([(trace, 0.0)], sound, shift=shift, gap=0)
    seconds, first, last = seconds_of(sound), trace.times[0], trace.times[-1]
    if whole and (first > SLACK or last < seconds - SLACK):
        warn(f"{trace.path}: found times from {first:g} to {last:g} s, {sound} has 0 to {seconds:g} s")
    return {
        name: grid.rated(trace.path, shift, [name], row[None])
        for name, row in zip(placed.names, placed.values, strict=True)
        if not np.isnan(row).all()
    }


def scales(targets, *, scale: str = ""):
    """The numbers that mean -1 and 1 for each target, by an option: target -> (low, high). Raises BadInput.

    scale: numbers that mean -1 and 1, LOW:HIGH or TARGET=LOW:HIGH,...; empty: -1:1
    """
    found = dict.fromkeys(targets, (-1, 1))
    for part in filter(None, scale.split(",")):
        match = re.fullmatch(r"(?:([\w.-]+)=)?(-?\d+\.?\d*):(-?\d+\.?\d*)", part)
        if not match or (match[1] or targets[0]) not in targets or float(match[2]) >= float(match[3]):
            expected = f"LOW:HIGH or TARGET=LOW:HIGH, with {', '.join(targets)} for TARGET"
            raise BadInput(f"--scale: found {part!r}, expected {expected}")
        found |= dict.fromkeys([match[1]] if match[1] else targets, (float(match[2]), float(match[3])))
    return found
