"""Post-processing of predictions: fitted once on a set with labels, then applied unchanged to other sets.

    chain       median, centre, scale, shift: Trigeorgis et al. [9], in their order
    gaussian    Gaussian smoothing: He et al. [5]

Fitting keeps a step only if it improves the CCC on its set. Filters pad a recording with copies of its first and last
value, not with zeros. The paper uses no post-processing (Section 2).
"""

from functools import partial
from typing import Annotated

import numpy as np

from cer.base import records
from cer.base.errors import BadInput
from cer.base.kinds import Count, Name, Range
from cer.base.stream import Each, Later, Window
from cer.data.frames import labelled
from cer.scoring.metrics import ccc
from cer.system.labels import later

FILE = "postprocess.json"  # in a model folder: what is done to its predictions
METHODS = {"chain": ("median", "centre", "scale", "shift"), "gaussian": ("gaussian",)}
MEDIAN, SHIFT, SIGMA = (0.4, 20.0), (0.04, 10.0), (0.04, 10.0)  # s: the ranges of [9]; for SIGMA a similar one
TRUNCATE = 4.0  # half-length of the Gaussian filter, standard deviations
CANDIDATES = 25  # number of window lengths or widths to try, spaced logarithmically


def fit(method, labels, predictions, shift):
    """Fit the steps of a method.

    method: one of METHODS; labels, predictions: lists of (T,), one per recording, in the same order, labels with NaN in
    gaps; shift: seconds between rows. Returns {"method": method, "ccc_before": CCC, "ccc_after": CCC, "steps":
    [{"step": name, "value": value}, ...]} with the steps that improved the CCC. Raises BadInput for an unknown method.
    """
    if method not in METHODS:
        raise BadInput(f"--method={method}: expected one of {', '.join(METHODS)}")
    labels = [np.asarray(y, np.float64) for y in labels]
    predictions = [np.asarray(p, np.float64) for p in predictions]
    best = before = _score(labels, predictions)
    steps = []
    for name in METHODS[method]:
        longest = max(map(len, predictions))  # the longest, so that short recordings do not limit the candidates
        tried = {value: _score(labels, apply([{"step": name, "value": value}], predictions))
                 for value in _candidates(name, labels, predictions, shift, longest)}  # fmt: skip
        value = max(tried, key=tried.get, default=None)
        if value is not None and tried[value] > best:
            best = tried[value]
            steps.append({"step": name, "value": value})
            predictions = apply(steps[-1:], predictions)
    return {"method": method, "ccc_before": before, "ccc_after": best, "steps": steps}


def apply(steps, predictions):
    """Apply all steps to the predictions: list of (T,) -> list of (T,)."""
    for each in steps:
        predictions = [STEPS[each["step"]](p, each["value"]) for p in predictions]
    return predictions


def stages(steps):
    """Return the steps as stages of cer.base.stream, for one recording in pieces."""
    return [_stage(each["step"], each["value"]) for each in steps]


def _stage(name, value):
    function = partial(_of_arrays, STEPS[name], value)
    if name == "shift":
        return Later(value)
    if name in ("centre", "scale"):
        return Each(function)
    reach = value // 2 if name == "median" else int(TRUNCATE * value + 0.5)
    return Window(function, reach, reach)


def _of_arrays(step, value, p):
    return step(p, value)


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


def _candidates(name, labels, predictions, shift, longest):
    """List the values to try for a step."""
    if name == "shift":
        limit = min(round(SHIFT[1] / shift), longest - 1)
        return [rows for rows in range(-limit, limit + 1) if rows]
    if name in ("median", "gaussian"):
        low, high = MEDIAN if name == "median" else SIGMA
        rows = np.geomspace(low / shift, high / shift, CANDIDATES)
        if name == "gaussian":
            return [float(width) for width in rows if width < longest]
        return sorted({2 * round(width / 2) + 1 for width in rows if width < longest})  # odd: centred
    y, p = labelled(np.concatenate(labels), np.concatenate(predictions))
    if name == "centre":
        return [float(y.mean() - p.mean())]
    return [(float(y.std() / p.std()), float(p.mean()))] if p.std() > 0 else []


def _score(labels, predictions):
    return float(ccc(*labelled(np.concatenate(labels), np.concatenate(predictions))))


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
