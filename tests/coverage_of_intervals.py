"""How often intervals hold the truth, and how often tests err: a simulation of speakers, which prints a table.

    . ./path.sh; python3 tests/coverage_of_intervals.py [DRAWS]

A model of slow traces, one value every 2.5 s or so (between them a slow trace says nothing new), hence a recording has
20 to 60 values, evenly drawn; a speaker has 1 or 2 recordings. All e are autoregressive, of deviation 1 and correlation
.8 from value to value; N(s) is a normal number of deviation s; tanh(q) is the system's quality.

    label        y = m + d e            of a speaker:   m = N(.5), d = .7 exp(N(.3)); m differs by N(.1) a recording
    prediction   p = tanh(q) m + l + d g (r e + sqrt(1 - r^2) f)
    quality      r = tanh(q + N(.25) of the speaker + N(.15) of system and speaker + run)
    level        l = N(.15) of the speaker + N(.07) of system and speaker + run / 2
    run          N(w) of the run + N(w) of run and speaker, w = RUN; 0 for an ensemble
    gain         g = exp(N(.2)) of the speaker
    noise        f: half of its variance is common to all systems, a quarter to all runs of one

The truth is the figure of GROUPS * EACH speakers, by far more than any sample; of single runs, the mean of GROUPS runs.
"""

import functools
import sys

import numpy as np
from scipy.signal import lfilter

from cer.base.markdown import table
from cer.scoring import significance
from cer.scoring.significance import ccc, interval_of_ccc, interval_of_difference, mean_of_recordings, permutation_test

LONGEST, KEPT, RUN = 60, 0.8, 0.06
QUALITIES = (0.1, 0.5, 1.0, 1.8)
SPEAKERS = (6, 9, 18, 27)
FIGURES = {"pooled": ccc, "recordings": mean_of_recordings}
GROUPS, EACH = 300, 300  # the population: groups of speakers with runs of their own


def _slow(random, *shape):
    """Autoregressive traces (*shape, LONGEST)."""
    steps = random.standard_normal((*shape, LONGEST), dtype=np.float32)
    steps[..., 1:] *= np.sqrt(1 - KEPT**2)
    return lfilter(np.ones(1, np.float32), np.array([1, -KEPT], np.float32), steps)


def _runs(random, shape, spread):
    """What a run is better or worse by, over all and by speaker; shape: (draws, runs, speakers)."""
    return random.normal(0, spread, (*shape[:2], 1)) + random.normal(0, spread, shape)


def draw(random, draws, speakers, runs, quality, spread, systems=2):
    """Draw equal systems: {"pooled": (systems, draws, runs, speakers, 6), "recordings": (..., 2)}; spread: RUN or 0."""
    one, shape = (draws, speakers), (draws, runs, speakers)
    middle, width = random.normal(0, 0.5, one), 0.7 * np.exp(random.normal(0, 0.3, one))
    better, level = random.normal(0, 0.25, one), random.normal(0, 0.15, one)
    gain, recordings = np.exp(random.normal(0, 0.2, one)), random.integers(1, 3, one)
    of_systems = []
    for _ in range(systems):
        mine = (
            each[:, None] + random.normal(0, s, (draws, 1, speakers)) for each, s in ((better, 0.15), (level, 0.07))
        )
        r, shift = (each + _runs(random, shape, s) for each, s in zip(mine, (spread, spread / 2), strict=True))
        of_systems.append((np.tanh(quality + r), shift))
    pooled, own = np.zeros((systems, *shape, 6)), np.zeros((systems, *shape, 2))
    for number in range(2):
        length = random.integers(LONGEST // 3, LONGEST + 1, one) * (number < recordings)
        there = (np.arange(LONGEST) < length[..., None]).astype(np.float32)
        e, common = _slow(random, *one), _slow(random, *one)
        y = ((middle + random.normal(0, 0.1, one))[..., None] + width[..., None] * e) * there
        for system, (r, shift) in enumerate(of_systems):
            half = common * np.sqrt(2) + _slow(random, *one)
            for run in range(runs):
                f, share = (half + _slow(random, *one)) / 2, r[:, run, :, None]
                trace = (gain * width)[..., None] * (share * e + np.sqrt(1 - share**2) * f)
                p = ((np.tanh(quality) * middle + shift[:, run])[..., None] + trace) * there
                sums = np.stack([length, *(each.sum(-1, dtype=np.float64) for each in (y, p, y * y, p * p, y * p))], -1)
                pooled[system, :, run] += sums
                has = length > 0
                own[system, :, run] += np.stack([has, has * ccc(np.where(has[..., None], sums, 1))], -1)
    return {"pooled": pooled, "recordings": own}


@functools.cache
def truth(quality, spread):
    """The figures of a very large population: name -> mean CCC over runs."""
    random, each = np.random.default_rng(0), {name: [] for name in FIGURES}
    for _ in range(GROUPS // 10):
        sums = draw(random, 10, EACH, 1, quality, spread, systems=1)
        for name in FIGURES:
            each[name].append(sums[name][0])
    return {name: _of_population(np.concatenate(each[name]), FIGURES[name]) for name in FIGURES}


def _of_population(sums, of):
    """The mean over runs, each on other speakers; (GROUPS, 1, EACH, M).

    A figure of EACH speakers is lower or higher than that of all by a bias, which leaving out speakers tells.
    """
    left = of(sums.sum(-2)[..., None, :] - sums).mean()
    return EACH * of(sums.sum(-2)).mean() - (EACH - 1) * left


def coverage(draws, speakers, runs, quality, seed=1):
    """{name: (share of intervals that hold the truth, share of difference intervals that leave out 0)}."""
    random, spread = np.random.default_rng((seed, speakers, runs, round(10 * quality))), RUN * (runs > 1)
    sums, found = draw(random, draws, speakers, runs, quality, spread), {}
    for name, of in FIGURES.items():
        a, b = sums[name]
        low, high = np.moveaxis(interval_of_ccc(a, of), -1, 0)
        first, last = np.moveaxis(interval_of_difference(a, b, of), -1, 0)
        true = truth(quality, spread)[name]
        found[name] = float(((low <= true) & (true <= high)).mean()), float(((first > 0) | (last < 0)).mean())
    return found


def errors(draws, speakers, runs, quality, seed=2):
    """Share of draws in which the permutation test calls one of two equal systems better."""
    random = np.random.default_rng((seed, speakers, runs, round(10 * quality)))
    a, b = draw(random, draws, speakers, runs, quality, RUN * (runs > 1))["pooled"]
    return float(np.mean([permutation_test(*pair, resamples=400)[0] < 0.05 for pair in zip(a, b, strict=True)]))


def tables(draws):
    """The coverage of one CCC, and the errors on a difference, as Markdown."""
    head = [f"{speakers} speakers" for speakers in SPEAKERS]
    one, two = (
        [["CCC of", "true CCC", *head]],
        [["difference of", "CCC", *(f"{each}: interval, test" for each in head)]],
    )
    for runs, what in ((1, "ensemble"), (2, "2 runs"), (5, "5 runs")):
        for quality in QUALITIES:
            found = {speakers: coverage(draws, speakers, runs, quality) for speakers in SPEAKERS}
            wrong = {speakers: errors(draws, speakers, runs, quality) for speakers in SPEAKERS}
            for name in FIGURES:
                true = f"{truth(quality, RUN * (runs > 1))[name]:.2f}"
                one.append([f"{what}, {name}", true, *(f"{100 * each[name][0]:.1f} %" for each in found.values())])
                two.append([f"{what}, {name}", true, *(
                    f"{100 * each[name][1]:.1f} %" + (f", {100 * wrong[n]:.1f} %" if name == "pooled" else "")
                    for n, each in found.items())])  # fmt: skip
            print(f"{what}, {quality}", file=sys.stderr, flush=True)
    return table(one), table(two)


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    print(f"{number} draws a cell, {significance.LEVEL:.0%} intervals\n", *tables(number), sep="\n\n")
