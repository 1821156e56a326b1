"""The scale of several files of traces, and the rate of labels that suits them, by what guess() found in each."""

import math

import numpy as np

ENDS = (1, 10, 100, 1000)  # of scales, from -1, 0, ...
LIKERT = (5, 7, 9)  # points of scales, from 1 on or around 0
FINE = 10  # how far from 0 a scale goes that has so many steps that two traces end at one by being pushed to its end
NEAR = 0.9  # of a round number: what goes so far may go to it
PLAINLY = 5  # how far from 0 a rater or target goes that has another scale than one that stays from -1 to 1
STEPS = (0.02, 0.04, 0.1, 0.2, 0.25, 0.5, 1.0)  # s between labels where the times of traces are not even


def kind_of(target, rater, held):
    """What has one scale: what a rater said of a target, in files with the same columns and ends in their heads."""
    return target, rater, held.ends, tuple(held.columns)


def of(rows):
    """The scale of each kind of values, kind -> (low, high); rows: (Pair, Guess, column, target, rater).

    Files that look alike have one, but for raters and targets that are apart(). It is -1 to 1, not 0 to 1, if others of
    the target have that.
    """
    alike, found = {}, {}
    for _, held, column, target, rater in rows:
        kind = kind_of(target, rater, held)
        alike.setdefault(kind[2:], {}).setdefault(kind, []).append(held.of(column))
    for kinds in alike.values():
        for group in apart(kinds):
            found |= dict.fromkeys(group, scale_of([held for kind in group for held in kinds[kind]]))
    both = {(target, high) for (target, _, ends, _), (low, high) in found.items() if ends is None and low == -high}
    return {
        kind: (-high, high) if kind[2] is None and low == 0 and (kind[0], high) in both else (low, high)
        for kind, (low, high) in found.items()
    }


def apart(kinds):
    """The kinds of values in files that look alike, kind -> its guesses, in one or two groups: a scale for each.

    Those from -1 to 1 are apart from wide ones; but whole numbers may be the lowest of a scale that others use further.
    """
    reach = {kind: reach_of(guesses) for kind, guesses in kinds.items()}
    wide = {kind[0] for kind in kinds if reach[kind] > 1}
    small = [
        kind
        for kind, guesses in kinds.items()
        if 0 < reach[kind] <= 1 and not (kind[0] in wide and all(one.whole for one in guesses))
    ]
    if not small or max(reach.values()) < PLAINLY:
        return [list(kinds)]
    return [small, [kind for kind in kinds if kind not in small]]


def scale_of(guesses):
    """The ends of the scale of several files of one target: what their heads say, or how far two of them go.

    Otherwise, and for scales of few steps, they are the nearest round numbers.
    """
    said = {one.ends for one in guesses}
    low, high = min(one.low for one in guesses), max(one.high for one in guesses)
    if len(said) == 1 and None not in said:
        return said.pop()
    if (low == 1 and high in LIKERT) or (low == -high and 2 * high + 1 in LIKERT):
        return int(low), int(high)
    reach = reach_of(guesses)
    end = next((one for one in ENDS if reach <= one), math.ceil(reach))
    files = {one.lines for one in guesses if reach in (-one.low, one.high)}  # copies say nothing
    if len(files) > 1 and FINE < reach < NEAR * end and reach == round(reach):
        end = int(reach)
    return (0, end) if low >= 0 else (-end, end)


def reach_of(guesses):
    """How far from 0 the values of several files go."""
    return max(max(-one.low, one.high) for one in guesses)


def rate_of(guesses):
    """The rate of labels in Hz: that of all traces if it is one, or one that is no higher than their own."""
    steps = [one.step for one in guesses]
    if all(one.even for one in guesses) and max(steps) - min(steps) < 1e-4 * min(steps):
        return 1 / float(np.median(steps))
    middle = float(np.median(steps))
    return 1 / next((step for step in STEPS if step >= 0.95 * middle), math.ceil(middle))
