"""Post-processing of predictions: fitted once on a set with labels, then applied unchanged to other sets.

    chain       median, centre, scale, shift: Trigeorgis et al. [9], in their order
    gaussian    Gaussian smoothing: He et al. [5]

Fitting keeps a step only if it improves the CCC on its set. Filters pad a recording with copies of its first and last
value, not with zeros. The paper uses no post-processing (Section 2).
"""

from typing import Annotated

import numpy as np

from cer.base import records
from cer.base.errors import BadInput
from cer.base.kinds import Count, Name, Range
from cer.base.stream import Each, Later, Window
from cer.scoring.metrics import concordance
from cer.system.labels import later

FILE = "postprocess.json"  # in a model folder: what is done to its predictions
METHODS = {"chain": ("median", "centre", "scale", "shift"), "gaussian": ("gaussian",)}
MEDIAN, SHIFT, SIGMA = (0.4, 20.0), (0.04, 10.0), (0.04, 10.0)  # s: the ranges of [9]; for SIGMA a similar one
TRUNCATE = 4.0  # half-length of the Gaussian filter, standard deviations
CANDIDATES = 25  # number of window lengths or widths to try, spaced logarithmically
ROUNDING = 1e-12  # of a CCC: less is no improvement


def fit(method, pairs, shift):
    """Fit the steps of a method.

    method: one of METHODS; pairs: (labels (T,), predictions (T,)) of each recording, labels with NaN in gaps: an
    iterable that is gone through twice, and again for each step, so it need not hold them; shift: seconds between rows.
    Returns {"method": method, "ccc_before": CCC, "ccc_after": CCC, "steps": [{"step": name, "value": value}, ...]} with
    the steps that improved the CCC. Raises BadInput for an unknown method, and when all labels are NaN.
    """
    if method not in METHODS:
        raise BadInput(f"--method={method}: expected one of {', '.join(METHODS)}")
    longest = max(len(p) for _, p in pairs)  # the longest, so that short recordings do not limit the candidates
    if not (found := _sums(pairs, [], [None])):
        raise BadInput("found no label that is a number in any recording, expected some to fit to")
    [best], steps = found, []
    before = best.ccc()
    for name in METHODS[method]:
        tried = [{"step": name, "value": value} for value in _candidates(name, best, shift, longest)]
        found = _sums(pairs, steps, tried)
        top = max(range(len(found)), key=lambda n: found[n].ccc(), default=None)
        if top is not None and found[top].ccc() > best.ccc() + ROUNDING:
            best = found[top]
            steps.append(tried[top])
    return {"method": method, "ccc_before": before, "ccc_after": best.ccc(), "steps": steps}


class _Sums:
    """Sums over the rows of many recordings, about an origin near their values, so that they stay exact."""

    def __init__(self, y, p):
        """y, p: the origins of labels and predictions."""
        self.origin, self._sums = (y, p), np.zeros(6)

    def add(self, y, p):
        """Count in the rows of a recording: y, p (T,), about the origins."""
        self._sums += len(y), y.sum(), p.sum(), y @ y, p @ p, y @ p

    def _moments(self):
        my, mp, yy, pp, yp = self._sums[1:] / self._sums[0]
        return my, mp, yy - my**2, pp - mp**2, yp - my * mp

    def means(self):
        """The means of labels and predictions."""
        return np.add(self._moments()[:2], self.origin)

    def deviations(self):
        """The standard deviations of labels and predictions."""
        return np.sqrt(np.maximum(self._moments()[2:4], 0))

    def ccc(self):
        """The CCC, as cer.scoring.metrics.ccc of all rows."""
        (my, mp), (*_, yy, pp, cov) = self.means(), self._moments()
        return float(concordance(my, mp, cov, yy, pp))


def _sums(pairs, steps, tried):
    """The sums of labels and predictions after all steps and one more: a list, for each of `tried` (None: no more)."""
    found = []
    for labels, predictions in pairs:
        y, p = (np.asarray(one, np.float64) for one in (labels, predictions))
        there = ~np.isnan(y)
        if not there.any():
            continue
        [p] = apply(steps, [p])
        y = y[there]
        found = found or [_Sums(y[0], p[there][0]) for _ in tried]
        for sums, step in zip(found, tried, strict=True):
            (of_y, of_p), [last] = sums.origin, apply([step] if step else [], [p])
            sums.add(y - of_y, last[there] - of_p)
    return found


def apply(steps, predictions):
    """Apply all steps to the predictions: list of (T,) -> list of (T,)."""
    for each in steps:
        predictions = [STEPS[each["step"]](p, each["value"]) for p in predictions]
    return predictions


def stages(steps):
    """Return the steps as stages of cer.base.stream, for one recording in pieces."""
    return [_stage(each["step"], each["value"]) for each in steps]


def _stage(name, value):
    def function(p):
        return STEPS[name](p, value)

    if name == "shift":
        return Later(value)
    if name in ("centre", "scale"):
        return Each(function)
    reach = value // 2 if name == "median" else int(TRUNCATE * value + 0.5)
    return Window(function, reach, reach)


def _median(p, rows):
    from scipy.ndimage import median_filter  # here and below, not at the top: few predictions need the import's time

    return median_filter(p, rows, mode="nearest")


def _gaussian(p, deviation):
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(p, deviation, mode="nearest", truncate=TRUNCATE)


def _scale(p, value):
    factor, mean = value
    return mean + factor * (p - mean)


# values: window in rows; offset in the labels' units; (factor, fixed mean); rows; standard deviation in rows
STEPS = {
    "median": _median,
    "centre": lambda p, offset: p + offset,
    "scale": _scale,
    "shift": later,
    "gaussian": _gaussian,
}

ROWS = 100_000  # largest accepted value, over an hour
VALUES = {  # type of each step's value
    "median": Count, "centre": float, "scale": records.Listed(float, 2, 2), "shift": Annotated[int, Range(-ROWS, ROWS)],
    "gaussian": Annotated[float, Range(0, ROWS, above=True)],
}  # fmt: skip
CURE = "fit it again (steps/postprocess.sh), or remove it"


def read(path):
    """Read the result of fit() from a postprocess.json. Raises BadInput for an invalid file."""
    fitted = records.read(path, {"method": str, "fitted_on": Name, "steps": records.Listed({"step": str})}, CURE)
    for number, each in enumerate(fitted["steps"]):
        if each["step"] not in VALUES:
            known = ", ".join(VALUES)
            raise BadInput(f"{path}: steps[{number}]: found the step {each['step']!r}, expected one of {known}; {CURE}")
        records.check(each, {"value": VALUES[each["step"]]}, path, CURE, f"steps[{number}]")
    return fitted


def _candidates(name, sums, shift, longest):
    """List the values to try for a step; sums: of the predictions so far; longest: rows of the longest recording."""
    if name == "shift":
        limit = min(round(SHIFT[1] / shift), longest - 1)
        return [rows for rows in range(-limit, limit + 1) if rows]
    if name in ("median", "gaussian"):
        low, high = MEDIAN if name == "median" else SIGMA
        rows = np.geomspace(low / shift, high / shift, CANDIDATES)
        if name == "gaussian":
            return [float(width) for width in rows if width < longest]
        return sorted({2 * round(width / 2) + 1 for width in rows if width < longest})  # odd: centred
    y, p = sums.means()
    if name == "centre":
        return [float(y - p)]
    of_y, of_p = sums.deviations()
    return [(float(of_y / of_p), float(p))] if of_p > 0 else []


def describe(fitted, shift):
    """Describe the fitted steps in one line; fitted: result of fit() with "fitted_on"; shift: seconds between rows."""
    units = {"median": shift, "shift": shift, "gaussian": shift}
    words = [
        f"{each['step']} {each['value'] * units[each['step']]:.2f} s" if each["step"] in units
        else f"{each['step']} {np.ravel(each['value'])[0]:.3f}"
        for each in fitted["steps"]
    ]  # fmt: skip
    what = ", ".join(words) or "nothing helped"
    text = f"post-processing ({fitted['method']}, fitted on {fitted['fitted_on']}): {what}"
    return text + ("" if fitted["fitted_on"] == "train" else f"; figures of {fitted['fitted_on']} are optimistic")
