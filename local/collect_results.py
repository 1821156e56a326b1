#!/usr/bin/env python3
"""Collect the scores of all systems of a corpus: EXP/*/*/predict_*/score.json -> EXP/results.json.

results.json is a list with one record a system, target and set: "ccc" is the ensemble's, over the concatenated
recordings, "interval" its 95 % interval over the set's "speakers"; "ccc_per_recording" the mean of the recordings' own;
"ccc_mean" and "ccc_std" (null for one run) are over the single runs, whose scores are in "runs"; "recordings" holds
each recording's scores of the ensemble.
"""

import json
from pathlib import Path

from cer.errors import BadInput, program, warn
from cer.files import write_text
from cer.options import Parser
from cer.scores import read_score


def present(path):
    """Whether a score is of the runs as they are now; warns of one that is older than a network it is of."""
    runs = [path.parent.parent / run["run"] / "final.pt" for run in read_score(path)["runs"]]
    newer = [run for run in runs if run.exists() and run.stat().st_mtime > path.stat().st_mtime]
    if newer:
        warn(f"{path}: is older than {newer[0]} and left out; run stages 4 and 5 again")
    return not newer


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="the corpus's folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    paths = [path for path in sorted(exp.glob("*/*/predict_*/score.json")) if present(path)]
    records = [read_score(path) for path in paths]
    if not records:
        raise BadInput(f"{exp}: found no */*/predict_*/score.json; stage 5 (steps/score.sh) makes them")
    write_text(exp / "results.json", json.dumps(records, indent=1) + "\n")
    print(f"{exp}/results.json: {len(records)} scores")


if __name__ == "__main__":
    main()
