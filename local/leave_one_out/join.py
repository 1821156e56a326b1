"""Join the held-out predictions of all folds as those of one system.

The ensembles become its ensemble, and the first, second ... run of each fold its runs. Folds may lack runs that
diverged or did not learn: the joined system has as many runs as the fold with the fewest.
"""

import json
import shutil
from pathlib import Path

from cer.base.errors import program, warn
from cer.base.files import write_text
from cer.base.options import Parser
from cer.base.tables import read_table, write_table
from cer.data.predictions import ABOUT, read_about
from cer.scoring.scores import doubts

CURE = "run local/leave_one_out.sh again"


def join(folders, out):
    """Write predictions.json and the tables of the ensemble and the runs; folders, out: Paths."""
    abouts = {folder: read_about(folder) for folder in folders}
    for folder, about in abouts.items():
        for line in doubts(about):
            warn(f"{folder}: {line}")
    number = min(len(about["runs"]) for about in abouts.values())
    parts = {".": dict.fromkeys(folders, ".")}
    parts |= {f"run{n + 1}": {folder: about["runs"][n] for folder, about in abouts.items()} for n in range(number)}
    for name, of_folds in parts.items():
        table = {}
        for folder, part in of_folds.items():
            table |= read_table(folder / part / "output.scp", CURE)
        write_table(out / name / "output.scp", table)
    for folder in out.glob("run[0-9]*/"):  # of an earlier call with more runs
        if folder.name not in parts:
            shutil.rmtree(folder)
    about = next(iter(abouts.values())) | {"runs": [name for name in parts if name != "."]}
    for name in ("failed", "undecided"):  # these would be of one fold; the section names those of all
        about.pop(name, None)
    write_text(out / ABOUT, json.dumps(about) + "\n")


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("out", help="folder of the predictions of all speakers")
    options.add_argument("folds", nargs="+", help="folders of the predictions of a fold")
    values = options.parse(argv)
    join([Path(fold) for fold in values.folds], Path(values.out))


if __name__ == "__main__":
    main()
