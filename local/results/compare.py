#!/usr/bin/env python3
"""Is one system better than another? Compare all pairs of systems, with intervals and a test over speakers.

Predictions and labels -> EXP/compare/<a>_<b>_<set>.json, and a section of the reports. For each target: the CCC of both
ensembles and the mean CCC of their single runs, with 95 % intervals; the difference, with an interval from the same
resamples; and a permutation test of the difference between the ensembles (cer/scoring/significance.py).
"""

import copy
import functools
import itertools
import json
from pathlib import Path
from typing import Annotated

import numpy as np

from cer.base.errors import BadInput, program, warn
from cer.base.facts import take
from cer.base.files import write_text
from cer.base.kinds import Name, Range, Seed, names
from cer.base.markdown import table
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, Kept, labels_of
from cer.scoring import significance
from cer.scoring.scores import CONVENTION
from local.results import sections
from local.results.systems import check, outputs, scored

SURE = 0.05  # significance level
HEAD = [
    "a",
    "b",
    "set",
    "target",
    "CCC of a",
    "CCC of b",
    "difference",
    "p",
    "better",
    "difference of single runs",
    "runs",
]
TEXT = """## Is one system better than another?

{convention}.
CCC of the ensembles, with their difference a − b, and the mean difference of their single runs. Brackets: 95 %
intervals from {resamples} resamples of the {speakers} speakers, the same ones for both systems, and of the single
runs. p: two-sided permutation test of the ensembles, whose predictions are swapped speaker by speaker
({swaps}). It alone decides whether one system is called better.

{table}
"""


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


def resampled(sums, resamples, srand):
    """Return the CCCs of a system in resamples of its speakers, the same ones for every system of as many speakers.

    sums: result of moments(); resamples: number R; srand: seed. Returns {"ensemble": (R, 1), "runs": (R, K)}, and the
    generator with which the runs are drawn.
    """
    random = np.random.default_rng(srand)
    each = significance.bootstrap(np.concatenate([sums["ensemble"], sums["runs"]]), resamples, random)
    return {"ensemble": each[:, :1], "runs": each[:, 1:]}, random


def compare(a, b, drawn, resamples, srand):
    """Compare two systems on one target.

    a, b: results of moments(); drawn: those of resampled() for both; resamples: number; srand: seed.

    Returns {"ensemble": {"ccc": [a, b], "intervals": [[low, high], [low, high]], "difference": , "interval": , "p": ,
    "swaps": }, "runs": the same without p and swaps, with "number": [runs of a, runs of b]}. Intervals are None for a
    single speaker.
    """
    size, random, result = a["ensemble"].shape[1], copy.deepcopy(drawn[0][1]), {}
    for kind in ("ensemble", "runs"):
        both = a[kind], b[kind]
        # Runs of different systems are not paired, so each system draws its own runs.
        values = [significance.mean_over_runs(each[kind], random if kind == "runs" else None) for each, _ in drawn]
        ccc = [float(significance.ccc(one.sum(axis=1)).mean()) for one in both]
        intervals = [significance.interval(v) if size > 1 else None for v in (*values, values[0] - values[1])]
        result[kind] = {"ccc": ccc, "intervals": intervals[:2], "difference": ccc[0] - ccc[1], "interval": intervals[2]}
    p, swaps = significance.permutation_test(a["ensemble"][0], b["ensemble"][0], resamples, srand)
    result["ensemble"] |= {"p": p, "swaps": swaps}
    result["runs"]["number"] = [len(a["runs"]), len(b["runs"])]
    return result


def _shown(value, interval, sign=""):
    return f"{value:{sign}.3f}" + (f" [{interval[0]:{sign}.3f}, {interval[1]:{sign}.3f}]" if interval else "")


def verdict(one, systems):
    """Name the better ensemble. Only the test decides: intervals from few speakers are too narrow."""
    if one["interval"] is None:
        return "not shown: one speaker only"
    return systems[one["difference"] < 0] if one["p"] < SURE else "not shown"


def markdown(record):
    """Return the section of one pair for the reports, which put all pairs into one table."""
    rows = [HEAD]
    for target, result in record["targets"].items():
        one, runs = result["ensemble"], result["runs"]
        figures = [_shown(*pair) for pair in zip(one["ccc"], one["intervals"], strict=True)]
        figures += [_shown(one["difference"], one["interval"], "+"), f"{one['p']:.2g}", verdict(one, record["systems"])]
        figures += [_shown(runs["difference"], runs["interval"], "+"), "{} and {}".format(*runs["number"])]
        rows.append([*record["systems"], record["set"], target, *figures])
    speakers, swaps = record["speakers"], one["swaps"]
    said = f"all {swaps} swaps" if speakers <= significance.EXACT else f"{swaps} swaps drawn by chance"
    about = {"convention": CONVENTION, "resamples": record["resamples"], "speakers": speakers, "swaps": said}
    return TEXT.format(table=table(rows), **about)


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
        "--resamples", type=Annotated[int, Range(1, 1_000_000)], default=significance.RESAMPLES, help="(default: 10000)"
    )
    options.add_argument("--srand", type=Seed, default=1, help="seed of the resamples (default: 1)")
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
    pairs = [(system, target) for target in targets for system in systems if system in found[target]]
    facts = {(system, target): facts_of(data, target, found[target][system]) for system, target in pairs}
    own = take(options=[str(values.resamples), str(values.srand)], code=[__file__])
    sums = functools.cache(lambda system, target: moments(data, target, found[target][system]))
    drawn = functools.cache(lambda system, target: resampled(sums(system, target), values.resamples, values.srand))
    for a, b in itertools.combinations(systems, 2):
        common = [target for target in targets if (a, target) in facts and (b, target) in facts]
        if not common:
            warn(f"{a} and {b} predict no target in common; they are not compared")
            continue
        stem = exp / "compare" / f"{a}_{b}_{values.set}"
        name = f"30-compare_{stem.name}"
        made_from = own | {k: v for t in common for s in (a, b) for k, v in facts[s, t].items()}
        if sections.is_current(exp, name, made_from):
            continue
        results = {
            t: compare(sums(a, t), sums(b, t), (drawn(a, t), drawn(b, t)), values.resamples, values.srand)
            for t in common
        }
        record = {"systems": [a, b], "set": values.set, "speakers": sums(a, common[0])["ensemble"].shape[1]}
        record |= {"resamples": values.resamples, "srand": values.srand, "targets": results}
        write_text(f"{stem}.json", json.dumps(record, indent=1) + "\n")
        sections.write(exp, name, markdown(record), made_from, [f"{stem}.json"])
        print(f"{stem}.json: {a} against {b}, {' and '.join(common)}")


if __name__ == "__main__":
    main()
