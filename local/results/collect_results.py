"""Collect the scores of all systems of a corpus: EXP/*/*/predict_*/score.json -> EXP/results.json.

results.json is a list with one record per system, target and set. "ccc" is the ensemble's CCC over the concatenated
recordings, "interval" its 95 % interval over the set's "speakers"; "ccc_per_recording" is the mean of the recordings'
CCCs, "interval_per_recording" its interval; "ccc_mean" and "ccc_std" (null for one run) are over the single runs, whose
scores are in "runs", "interval_runs" that of their mean, over speakers and runs; "recordings" contains the ensemble's
scores of each recording. Scores that are out of date with the current networks, features or labels are left out, with a
warning.
"""

import json
from pathlib import Path

from cer.base.errors import program
from cer.base.options import Parser
from cer.base.tables import write_if_changed
from cer.base.words import counted
from local.results import systems


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    exp = Path(options.parse(argv).exp)
    records = systems.records(exp)
    write_if_changed(exp / "results.json", json.dumps(records, indent=1) + "\n")
    print(f"{exp}/results.json: {counted(len(records), 'score')}")


if __name__ == "__main__":
    main()
