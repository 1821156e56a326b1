"""Is one system better than another? Compare all pairs of systems, with intervals and a test over speakers.

Predictions and labels -> EXP/compare/<a>_<b>_<set>.json, and a section of the reports. For each target: the CCC of both
ensembles and the mean CCC of their single runs, the difference, 95 % intervals, and permutation tests of the difference
(cer/scoring/significance.py). The sections of all pairs in EXP/compare are written again, since their p values are
corrected for the number of pairs (local/results/pairs.py).
"""

import functools
import itertools
import json
from pathlib import Path
from typing import Annotated

from cer.base.errors import BadInput, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.facts import take
from cer.base.files import write_text
from cer.base.kinds import Name, Range, Seed, names
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, Kept, labels_of
from cer.scoring import significance
from local.results import pairs, sections
from local.results.systems import check, outputs, scored


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


def compare(a, b, resamples, srand):
    """Compare two systems on one target.

    a, b: results of moments(); resamples: number of swaps of many speakers; srand: their seed.

    Returns for "ensemble" and for "runs" {"ccc": [a, b], "intervals": [[low, high], [low, high]], "difference": ,
    "interval": , "p": , "swaps": , "least": (the least p that there can be)}, and for "runs" also "number": [runs of a,
    runs of b]. Intervals are None for a single speaker.
    """
    result = {}
    for kind in ("ensemble", "runs"):
        both = a[kind], b[kind]
        ccc = [float(significance.ccc(one.sum(axis=1)).mean()) for one in both]
        intervals = [*map(significance.interval_of_ccc, both), significance.interval_of_difference(*both)]
        intervals = [None if one is None else one.tolist() for one in intervals]
        p, swaps = significance.permutation_test(*both, resamples, srand)
        result[kind] = {"ccc": ccc, "intervals": intervals[:2], "difference": ccc[0] - ccc[1], "interval": intervals[2]}
        result[kind] |= {"p": p, "swaps": swaps, "least": significance.least_p(both[0].shape[1], resamples)}
    result["runs"]["number"] = [len(a["runs"]), len(b["runs"])]
    return result


def facts_of(data, target, folder):
    """Return the facts (cer/base/facts.py) of a system's predictions and of the labels; call it before reading them."""
    mean, runs = outputs(folder)
    return take([mean, *runs, data / f"{target}.scp", data / "utt2spk"])


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    options.add_argument("--systems", type=Name, nargs="+", help="two or more; all pairs are compared (default: all)")
    options.add_argument("--set", type=Name, default="dev", help="set (default: dev)")
    options.add_argument("--targets", type=names, help="e.g. arousal,valence (default: all that both systems predict)")
    options.add_argument(
        "--resamples",
        type=Annotated[int, Range(1, 1_000_000)],
        default=significance.RESAMPLES,
        help="swaps of more than 13 speakers (default: 10000)",
    )
    options.add_argument("--srand", type=Seed, default=1, help="seed of the swaps (default: 1)")
    values = options.parse(argv)
    data, exp = Path(values.data) / values.set, Path(values.exp)
    found = scored(exp, values.set)
    systems = values.systems or sorted({system for each in found.values() for system in each})
    check(systems, found, "--systems")
    targets = values.targets or list(found)
    if len(systems) < 2 or len({*systems}) < len(systems) or {*targets} - {*found}:
        raise BadInput(
            f"--systems {' '.join(systems)} --targets {','.join(targets)}: expected two or more different systems,"
            f" and targets among {','.join(found)}"
        )
    scored_on = [(system, target) for target in targets for system in systems if system in found[target]]
    facts = {(system, target): facts_of(data, target, found[target][system]) for system, target in scored_on}
    own = take(options=[str(values.resamples), str(values.srand)], code=[__file__])
    sums = functools.cache(lambda system, target: moments(data, target, found[target][system]))
    made = {}
    for a, b in itertools.combinations(systems, 2):
        common = [target for target in targets if (a, target) in facts and (b, target) in facts]
        if not common:
            warn(f"{a} and {b} predict no target in common; they are not compared")
            continue
        name = f"{a}_{b}_{values.set}"
        made_from = own | {k: v for t in common for s in (a, b) for k, v in facts[s, t].items()}
        if sections.is_current(exp, pairs.SECTION + name, made_from):
            continue
        results = {t: compare(sums(a, t), sums(b, t), values.resamples, values.srand) for t in common}
        record = {"systems": [a, b], "set": values.set, "speakers": sums(a, common[0])["ensemble"].shape[1]}
        record |= {"resamples": values.resamples, "srand": values.srand, "targets": results}
        write_text(exp / "compare" / f"{name}.json", json.dumps(record, indent=1) + "\n")
        made[name] = record, made_from
        print(f"{exp}/compare/{name}.json: {a} against {b}, {' and '.join(common)}")
    if made:
        pairs.write(exp, made)


if __name__ == "__main__":
    main()
