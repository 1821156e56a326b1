"""Paths of a corpus's systems, and a check that their scores are up to date.

    EXP/<system>/<target>/command               the commit and the command that trained it
    EXP/<system>/<target>/run<N>/progress.csv   the epochs of a run; run<N> is a link in a post-processed system
    EXP/<system>/<target>/predict_<set>/        output.scp of the ensemble; run<N>/output.scp; score.json
    EXP/leave_one_out/*/predict_all/            the same, of local/leave_one_out.sh; data/all: its labels

No other file of local/ knows these paths.
"""

from typing import Annotated

from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.base.kinds import NAME, Pattern
from cer.base.records import Listed, read
from cer.scoring.scores import read_results, read_score
from cer.system.model_folder import MODEL

PAPERS = ["dilated", "downup"]  # the systems of the paper's Figure 5
LEFT_OUT = "leave_one_out"  # the set that local/leave_one_out.sh scores
Pair = Annotated[str, Pattern(r"\w[\w.-]*:\w[\w.-]*", f"two names parted by ':' ({NAME})")]  # systems to compare
MOST = 5  # most lines in one plot that a reader can distinguish


def is_present(folder):
    """Whether a folder's predictions and scores match the current networks, features and labels; warns if not."""
    for name in (".done", ".done.score"):
        if changed := Stamp(folder / name).outdated():
            warn(f"{folder}: is left out: made from something else ({changed[0]}); run stages 4 and 5 again")
            return False
    return True


def score_files(exp):
    """List the score.json files of all systems, targets and sets, sorted, without those that are out of date.

    exp: folder of systems. Raises BadInput when there are none.
    """
    paths = [path for path in sorted(exp.glob("*/*/predict_*/score.json")) if is_present(path.parent)]
    if not paths:
        raise BadInput(f"{exp}: found no */*/predict_*/score.json; stage 5 (steps/score.sh) makes them")
    return paths


def records(exp):
    """Read the scores of all systems, targets and sets: list of records, of the files in score_files().

    Leaves out those of experiments with folders of their own, such as leave-one-out, and with a warning those of a
    folder that was copied or renamed after it was scored.
    """
    found = []
    for path in score_files(exp):
        record, folder = read_score(path), path.parent
        place = predictions(exp, record["system"], record["target"], record["set"])
        if folder == place:
            found.append(record)
        elif folder.name == place.name:
            warn(f"{path}: is left out: it has the scores of {place}; score it again (steps/score.sh <data> {folder})")
    return found


def left_out_files(exp):
    """List the score.json files of local/leave_one_out.sh, sorted."""
    return sorted(exp.glob(f"{LEFT_OUT}/*/predict_all/score.json"))


def left_out(exp):
    """Read the scores of local/leave_one_out.sh: list of records. Raises BadInput when there are none."""
    return [record for record, _ in _current(exp, LEFT_OUT)]


def of_set(exp, set_name):
    """List the scores of a set, also those that are out of date, and the folders of the predictions: (record, folder).

    exp: folder of systems.
    """
    if set_name == LEFT_OUT:
        return [(read_score(path), path.parent) for path in left_out_files(exp)]
    found = [record for record in read_results(exp / "results.json") if record["set"] == set_name]
    return [(one, predictions(exp, one["system"], one["target"], set_name)) for one in found]


def _current(exp, set_name):
    """As of_set, without what is out of date, with a warning. Raises BadInput when nothing is left."""
    found = [(record, folder) for record, folder in of_set(exp, set_name) if is_present(folder)]
    if not found and set_name == LEFT_OUT:
        raise BadInput(f"{exp}/{LEFT_OUT}: found no scores in it; local/leave_one_out.sh makes them")
    if not found:
        raise BadInput(f"{exp}/results.json: found no system scored on {set_name}; run stage 5")
    return found


def scored(exp, set_name):
    """Find the systems scored on a set: target -> {system: folder of predictions}, both sorted.

    exp: folder of systems. Leaves out scores that are out of date, with a warning. Raises BadInput when there are none,
    and when two folders of leave-one-out have the same system and target.
    """
    found = {}
    for record, folder in _current(exp, set_name):
        place = found.setdefault(record["target"], {}).setdefault(record["system"], folder)
        if place != folder:
            raise BadInput(
                f"{folder}: has {record['system']}, {record['target']}, as {place} has; expected one folder for each:"
                " <system>_<target>"
            )
    return {target: dict(sorted(found[target].items())) for target in sorted(found)}


def data_of(data, set_name, folder):
    """Return the data directory of a set; data: folder of data directories; folder: of predictions of the set."""
    return folder.parent / "data" / "all" if set_name == LEFT_OUT else data / set_name


def predictions(exp, system, target, set_name):
    """Return the folder of a system's predictions of a set."""
    return exp / system / target / f"predict_{set_name}"


def files_of(exp, records):
    """List the score.json files that records of results.json were collected from."""
    return [predictions(exp, one["system"], one["target"], one["set"]) / "score.json" for one in records]


def outputs(folder):
    """Return the predictions in a folder: the scp file of the ensemble, and a list of those of the single runs."""
    return folder / "output.scp", sorted(folder.glob("run*/output.scp"))


def commands(exp, records):
    """List the files `command` of the systems in these records, sorted; systems without one are skipped."""
    paths = sorted({_home(exp, record) / "command" for record in records})
    return [path for path in paths if path.exists()]


def command_of_runs(exp, record):
    """Return the path of `command` of the system that trained a record's runs (through links); it may not exist."""
    folder = _home(exp, record)
    if record["runs"]:
        folder = (folder / record["runs"][0]["run"]).resolve().parent
    return folder / "command"


def corpora_of_runs(exp, record):
    """List the corpora that a record's runs were trained on; an empty list if their model.json does not say."""
    paths = [_home(exp, record) / run["run"] / MODEL for run in record["runs"]]
    found = [read(path, {"corpora?": Listed(str)}, "train it again") for path in paths if path.exists()]
    return list(dict.fromkeys(name for one in found for name in one.get("corpora", [])))


def progress_files(exp, records, target):
    """List (system, progress.csv) of all runs trained for a target; a linked run belongs to the system it links to."""
    runs = {(_home(exp, r) / run["run"], r["system"]) for r in records if r["target"] == target for run in r["runs"]}
    for folder, system in sorted(runs, key=lambda one: (one[1], one[0].name)):
        if not folder.is_symlink() and (folder / "progress.csv").exists():
            yield system, folder / "progress.csv"


def _home(exp, record):
    return exp / record["system"] / record["target"]


def check(names, systems, option):
    """Raise BadInput unless all `names` are in `systems`, a result of scored(); option: for the message."""
    known = sorted({system for each in systems.values() for system in each})
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInput(f"{option}: found {' '.join(unknown)}, not scored on this set; there are {' '.join(known)}")


def chosen(names):
    """Choose the systems to draw by default: the paper's two, or if there are none, the first MOST."""
    return [name for name in PAPERS if name in names] or sorted(names)[:MOST]
