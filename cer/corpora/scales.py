"""The scale of several files of traces, and the rate of labels that suits them, by what guess() found in each."""

import math

import numpy as np

ENDS = (1, 10, 100, 1000)  # of scales, from -1, 0, ...
LIKERT = (5, 7, 9)  # points of scales, from 1 on or around 0
PLAINLY = 5  # how far from 0 a target goes that has another scale than one in the same file that stays from -1 to 1
STEPS = (0.02, 0.04, 0.1, 0.2, 0.25, 0.5, 1.0)  # s between labels where the times of traces are not even


def apart(targets):
    """The targets of files with the same columns, target -> its guesses, in one or two groups: a scale for each."""
    reach = {target: reach_of(guesses) for target, guesses in targets.items()}
    small = [target for target in targets if 0 < reach[target] <= 1]
    if not small or max(reach.values()) < PLAINLY:
        return [list(targets)]
    return [small, [target for target in targets if target not in small]]


def scale_of(guesses):
    """The ends of the scale of several files of one target: what their heads say, or the nearest round numbers."""
    said = {one.ends for one in guesses}
    low, high = min(one.low for one in guesses), max(one.high for one in guesses)
    if len(said) == 1 and None not in said:
        return said.pop()
    if (low == 1 and high in LIKERT) or (low == -high and 2 * high + 1 in LIKERT):
        return int(low), int(high)
    reach = reach_of(guesses)
    end = next((one for one in ENDS if reach <= one), math.ceil(reach))
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
