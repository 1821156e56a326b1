"""Is one system better than another? Compare pairs of systems, with intervals and a test over speakers.

Predictions and labels -> EXP/compare/<set>.json, and a section of the reports. For each pair and target: the CCC of
both ensembles and the mean CCC of their single runs, the difference, 95 % intervals, and permutation tests of the
difference (cer/scoring/significance.py). Only pairs that are new, or whose predictions or labels have changed, are
computed. Pairs of earlier calls stay in the table, and all p values are corrected for their number
(local/results/pairs.py).
"""

import functools
import itertools
from pathlib import Path
from typing import Annotated

from cer.base.errors import BadInput, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.facts import take
from cer.base.kinds import Name, Range, Seed, names
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data.datadir import Archive, Kept, labels_of
from cer.scoring import significance
from local.results import pairs
from local.results.systems import Pair, check, data_of, of_set, outputs, scored
from local.results.tables import names_of

AT_ONCE = 1 << 20  # numbers in the moments of the systems that one is compared with at a time


def moments(data, target, folder):
    """Return the moments of a system's predictions: {"ensemble": (1, S, 6), "runs": (K, S, 6)}, S speakers, K runs.

    data: data directory of the set; folder: of the predictions. See cer.scoring.significance.moments_of_speakers.
    Raises BadInput when there are no predictions.
    """
    labels, speakers = labels_of(data, target), read_table(data / "utt2spk")
    ensemble, runs = outputs(folder)
    if not runs:
        raise BadInput(f"{folder}: found no run*/output.scp; run stage 4 (steps/predict.sh)")
    labels = Kept(labels)
    files = {"ensemble": [ensemble], "runs": runs}
    return {
        kind: np.stack([significance.moments_of_speakers(labels, Archive(scp), speakers) for scp in scps])
        for kind, scps in files.items()
    }


def compare(a, others, resamples, srand):
    """Compare a system with each of several others on one target; returns a list of results, one for each of them.

    a, others: result of moments(), and a list of such, all of as many runs; resamples: number of swaps of many
    speakers; srand: their seed.

    A result has for "ensemble" and for "runs" {"ccc": [a, b], "intervals": [[low, high], [low, high]], "difference": ,
    "interval": , "p": , "swaps": , "least": (the least p that there can be)}, and for "runs" also "number": [runs of a,
    runs of b]. Intervals are None for a single speaker.
    """
    found = [{} for _ in others]
    for kind in ("ensemble", "runs"):
        own, each = a[kind], np.stack([b[kind] for b in others])  # (K, S, 6), (B, L, S, 6)
        ccc = float(significance.ccc(own.sum(axis=-2)).mean())
        cccs = significance.ccc(each.sum(axis=-2)).mean(axis=-1).tolist()
        interval = _listed(significance.interval_of_ccc(own), 1)[0]
        intervals = _listed(significance.interval_of_ccc(each), len(others))
        differences = _listed(significance.interval_of_difference(own, each), len(others))
        ps, swaps = significance.permutation_test(own, each, resamples, srand)
        least = significance.least_p(own.shape[1], resamples)
        for n, result in enumerate(found):
            one = {"ccc": [ccc, cccs[n]], "intervals": [interval, intervals[n]], "difference": ccc - cccs[n]}
            one |= {"interval": differences[n], "p": float(ps[n]), "swaps": swaps, "least": least}
            result[kind] = one | ({"number": [len(own), each.shape[1]]} if kind == "runs" else {})
    return found


def _listed(intervals, number):
    """Intervals (number, 2) or (2,) as a list of lists; None, of a single speaker, as a list of None."""
    return [None] * number if intervals is None else intervals.reshape(number, 2).tolist()


def compared(wanted, sums, resamples, srand):
    """Compare pairs of systems: (a, b) -> {target: result of compare()}.

    wanted: (a, b) -> targets; sums: function (system, target) -> result of moments().
    """
    alike, found = {}, {}
    for (a, b), targets in wanted.items():
        for target in targets:
            alike.setdefault((a, target, len(sums(b, target)["runs"])), []).append(b)
    for (a, target, runs), others in alike.items():
        step = max(1, AT_ONCE // (runs * sums(a, target)["ensemble"].size))
        for first in range(0, len(others), step):
            some = others[first : first + step]
            results = compare(sums(a, target), [sums(b, target) for b in some], resamples, srand)
            found |= {(a, b, target): one for b, one in zip(some, results, strict=True)}
    return {(a, b): {target: found[a, b, target] for target in targets} for (a, b), targets in wanted.items()}


def facts_of(data, target, folder):
    """Return the facts (cer/base/facts.py) of a system's predictions and of the labels; call it before reading them."""
    mean, runs = outputs(folder)
    return take([mean, *runs, data / f"{target}.scp", data / "utt2spk"])


def check_labels(one, other, target):
    """Raise BadInput unless two data directories have the same labels of the same speakers."""
    for name in (f"{target}.scp", "utt2spk"):
        if one != other and (one / name).read_bytes() != (other / name).read_bytes():
            raise BadInput(
                f"{one / name} and {other / name} differ; systems are compared on the same labels: predict one of them"
                " again (local/leave_one_out.sh)"
            )


def asked(pairs, systems, found):
    """List the pairs of systems to compare: (a, b).

    pairs: `a:b` each, or None for all pairs of the systems; systems: names, or None for all that are scored;
    found: result of local.results.systems.scored(). Raises BadInput for a system that is not scored, and unless there
    are pairs, each of two systems and each once.
    """
    if pairs and systems:
        raise BadInput("found --pairs and --systems, expected one of the two")
    if pairs:
        option, given = "--pairs", pairs
        listed = [(a, b) for a, _, b in (pair.partition(":") for pair in pairs)]
    else:
        option, given = "--systems", systems or sorted({system for each in found.values() for system in each})
        listed = [*itertools.combinations(given, 2)]
    check(itertools.chain(*listed), found, option)
    different = {frozenset(pair) for pair in listed if pair[0] != pair[1]}
    if not listed or len(different) < len(listed):
        raise BadInput(f"{option}: found {' '.join(given)}, expected two or more different systems, each pair once")
    return listed


def missing(wanted, table, targets, data, settings):
    """Those of the pairs (a, b) that the table lacks: (a, b) -> the targets that both predict; without any, a warning.

    data: (system, target) -> data directory of its predictions; settings: name -> value. Raises BadInput where the two
    were predicted for different labels.
    """
    found = {}
    for a, b in wanted:
        common = [target for target in targets if (a, target) in data and (b, target) in data]
        if not common:
            warn(f"{a} and {b} predict no target in common; they are not compared")
        elif not table.has(a, b, common, settings):
            found[a, b] = common
            for target in common:
                check_labels(data[a, target], data[b, target], target)
    return found


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--systems", type=Name, nargs="+", help="two or more; all pairs are compared (default: all)")
    options.add_argument("--pairs", type=Pair, nargs="+", help="instead of --systems: pairs, as downup:dilated")
    options.add_argument("--set", type=Name, default="dev", help="set; leave_one_out: its predictions (default: dev)")
    options.add_argument("--targets", type=names, help="e.g. arousal,valence (default: all that both systems predict)")
    options.add_argument(
        "--resamples",
        type=Annotated[int, Range(1, pairs.MOST)],
        default=significance.RESAMPLES,
        help="number of random swaps, for more than 13 speakers (default: 10000)",
    )
    options.add_argument("--srand", type=Seed, default=1, help="seed of the swaps (default: 1)")
    values = options.parse(argv)
    exp = Path(values.exp)
    found = scored(exp, values.set)
    targets = values.targets or list(found)
    if {*targets} - {*found}:
        raise BadInput(f"--targets: found {','.join(targets)}, expected some of {','.join(found)}")
    folders = {(system, target): folder for target, each in found.items() for system, folder in each.items()}
    data = {place: data_of(Path(values.data), values.set, folder) for place, folder in folders.items()}
    facts = {(s, t): facts_of(data[s, t], t, folder) for (s, t), folder in folders.items()}
    table = pairs.Table(exp, values.set, facts, take(code=[__file__]))
    settings = {"resamples": values.resamples, "srand": values.srand}
    wanted = missing(asked(values.pairs, values.systems, found), table, targets, data, settings)
    sums = functools.cache(lambda system, target: moments(data[system, target], target, folders[system, target]))
    for (a, b), results in compared(wanted, sums, values.resamples, values.srand).items():
        speakers = sums(a, wanted[a, b][0])["ensemble"].shape[1]
        table.add({"systems": [a, b], "set": values.set, "speakers": speakers} | settings | {"targets": results})
    table.write(names_of([record for record, _ in of_set(exp, values.set)]))
    print(f"{table.path}: {counted(len(wanted), 'pair')} compared, {len(table.pairs) - len(wanted)} as before")


if __name__ == "__main__":
    main()
