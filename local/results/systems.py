"""Where a corpus keeps its systems, and which of their scores are of what is there now.

    EXP/<system>/<target>/command               the command that trained it, after its commit
    EXP/<system>/<target>/run<N>/progress.csv   the epochs of a training; run<N> is a link to post-processing's own
    EXP/<system>/<target>/predict_<set>/        output.scp, the ensemble's; run<N>/output.scp; score.json

No other file of local/ knows these paths.
"""

from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.scoring.scores import read_results

PAPERS = ["dilated", "downup"]  # the systems of the paper's Figure 5
MOST = 5  # lines over one another that can still be told apart


def is_present(folder):
    """Whether a folder's predictions and scores are of the networks, features and labels of now; else warns."""
    for name in (".done", ".done.score"):
        if changed := Stamp(folder / name).outdated():
            warn(f"{folder}: is left out: made from something else ({changed[0]}); run stages 4 and 5 again")
            return False
    return True


def score_files(exp):
    """The score.json of each system, target and set, as far as they are of what is there now; sorted.

    exp: the corpus's folder of systems. Raises BadInput when there are none.
    """
    paths = [path for path in sorted(exp.glob("*/*/predict_*/score.json")) if is_present(path.parent)]
    if not paths:
        raise BadInput(f"{exp}: found no */*/predict_*/score.json; stage 5 (steps/score.sh) makes them")
    return paths


def scored(exp, set_name):
    """The systems scored on a set: target -> {system: its folder of predictions}, both sorted.

    exp: the corpus's folder of systems. What is not of the networks, features and labels as they are now is left out,
    with a warning. Raises BadInput when there are none.
    """
    found = {}
    for record in read_results(exp / "results.json"):
        if record["set"] == set_name:
            folder = _home(exp, record) / f"predict_{set_name}"
            if is_present(folder):
                found.setdefault(record["target"], {})[record["system"]] = folder
    if not found:
        raise BadInput(f"{exp}/results.json: found no system scored on {set_name}; run stage 5")
    return {target: dict(sorted(found[target].items())) for target in sorted(found)}


def outputs(folder):
    """The predictions in a folder: the ensemble's scp file, and a list of the single runs'."""
    return folder / "output.scp", sorted(folder.glob("run*/output.scp"))


def commands(exp, records):
    """The files `command` of all systems of these records that have one, sorted."""
    paths = sorted({_home(exp, record) / "command" for record in records})
    return [path for path in paths if path.exists()]


def command_of_runs(exp, record):
    """The file `command` of the system that trained a record's runs, to which post-processing links; may be missing."""
    folder = _home(exp, record)
    if record["runs"]:
        folder = (folder / record["runs"][0]["run"]).resolve().parent
    return folder / "command"


def progress_files(exp, records, target):
    """(system, progress.csv) of every run that was trained for a target; links belong to the system they lead to."""
    runs = {(_home(exp, r) / run["run"], r["system"]) for r in records if r["target"] == target for run in r["runs"]}
    for folder, system in sorted(runs, key=lambda one: (one[1], one[0].name)):
        if not folder.is_symlink() and (folder / "progress.csv").exists():
            yield system, folder / "progress.csv"


def _home(exp, record):
    return exp / record["system"] / record["target"]


def check(names, systems, option):
    """Raise BadInput unless every one of `names` is among those of scored()."""
    known = sorted({system for each in systems.values() for system in each})
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInput(f"{option}: found {' '.join(unknown)}, not scored on this set; there are {' '.join(known)}")


def chosen(names):
    """The systems that are drawn when none are named: the paper's two where there are, or else the first ones."""
    return [name for name in PAPERS if name in names] or sorted(names)[:MOST]
