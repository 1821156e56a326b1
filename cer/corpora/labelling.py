"""What raters said of the recordings of a corpus -> its labels, and how far the raters agree."""

from dataclasses import dataclass, replace

import numpy as np

from cer.base.errors import BadInput
from cer.base.kinds import names
from cer.corpora import agreement
from cer.corpora.traces import Trace
from cer.data.corpus import Recording, check_values
from cer.scoring.alignment import Lags
from cer.scoring.gold_standard import combine
from cer.scoring.raters import refine


@dataclass
class Rated:
    """Labels of a recording in one dimension, Traces on the grid of labels: of raters, a gold standard, or both."""

    raters: Trace | None = None
    gold: Trace | None = None  # one row; None: the raters are combined


def taken(rated, method, wanted, same_raters):
    """Choose what the labels of a recording are made of: (the corpus's gold standard, the raters), Traces or None.

    The raters are those of `wanted` (none: all) who rated something; a Trace that the method does not use is None.
    rated: a Rated; method, same_raters: as prepare()'s. Raises BadInput.
    """
    raters = rated.raters and _those_who_rated(_choose(rated.raters, wanted, same_raters))
    return (rated.gold, raters if rated.gold else None) if method == "given" else (None, raters)


def names_of(annotators):
    """The raters that --annotators names. Raises BadInput."""
    try:
        return names(annotators) if annotators else []
    except ValueError as error:
        raise BadInput(f"--annotators: {error}") from None


def _choose(trace, wanted, same_raters):
    unknown = [name for name in wanted if name not in trace.names]
    if unknown and same_raters:
        raise BadInput(f"{trace.path}: found no rater {', '.join(unknown)}; there are {', '.join(trace.names)}")
    there = [name for name in wanted or trace.names if name in trace.names]
    return replace(trace, names=there, values=trace.values[[trace.names.index(name) for name in there]])


def _those_who_rated(trace):
    there = ~np.isnan(trace.values).all(axis=1)
    kept = [name for name, one in zip(trace.names, there, strict=True) if one]
    return replace(trace, names=kept, values=trace.values[there]) if kept else None


class Labeller:
    """Puts labels into Recordings.

    It does so at once, but with --align=lag in finish(): a rater's lag is known when all recordings were taken.
    """

    def __init__(self, method, refinement):
        """method, refinement: as prepare()'s."""
        self._method, self._refinement, self.report = method, refinement, []  # report: lines of agreement.txt
        self._by_lag = method != "given" and self._refinement.get("align") == "lag"
        self._lags, self._waiting = {}, []

    def take(self, rec, name, target, gold, raters):
        """Label a Recording of the set `name`; gold, raters: as taken() gives them."""
        if not self._by_lag:
            self._label(rec, name, target, gold, raters, None)
            return
        same = refine(raters.values, raters.shift, **self._refinement | {"align": "none"})
        self._lags.setdefault(target, Lags(raters.shift)).add(raters.names, same)
        self._waiting.append((rec, name, target, replace(raters, values=None, times=None)))

    def finish(self):
        """Label what waited for the lags."""
        lags = {target: one.find() for target, one in self._lags.items()}
        for rec, name, target, about in self._waiting:
            raters = replace(about, values=rec.ratings.own(target).astype(np.float64))
            self._label(rec, name, target, None, raters, [lags[target].get(one, 0) for one in raters.names])

    def _label(self, rec, name, target, gold, raters, lags):
        if gold:
            labels, refined = gold.values[0], None
        else:
            what, method = f"{target}/{rec.id}", self._method
            labels, refined = combine(raters.values, raters.shift, what, method=method, lags=lags, **self._refinement)
            refined = None if refined is raters.values else refined
        check_values(Recording(rec.id, "", rec.wav, {target: labels}), 0)
        rec.labels.keep(target, labels)
        self.report.append(f"{name} {rec.id} {target} {agreement.of(raters, refined)}")
