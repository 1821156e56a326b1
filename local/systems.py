"""Where the systems of a corpus keep their predictions, and which of these are of what is there now."""

from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.scoring.scores import read_results


def is_present(folder):
    """Whether a folder's predictions and scores are of the networks, features and labels of now; else warns."""
    for name in (".done", ".done.score"):
        if changed := Stamp(folder / name).outdated():
            warn(f"{folder}: is left out: made from something else ({changed[0]}); run stages 4 and 5 again")
            return False
    return True


def scored(exp, set_name):
    """The systems scored on a set: target -> {system: its folder of predictions}, both sorted.

    exp: the corpus's folder of systems. What is not of the networks, features and labels as they are now is left out,
    with a warning. Raises BadInput when there are none.
    """
    found = {}
    for record in read_results(exp / "results.json"):
        if record["set"] == set_name:
            folder = exp / record["system"] / record["target"] / f"predict_{set_name}"
            if is_present(folder):
                found.setdefault(record["target"], {})[record["system"]] = folder
    if not found:
        raise BadInput(f"{exp}/results.json: found no system scored on {set_name}; run stage 5")
    return {target: dict(sorted(found[target].items())) for target in sorted(found)}


def outputs(folder):
    """The predictions in a folder: the ensemble's scp file, and a list of the single runs'."""
    return folder / "output.scp", sorted(folder.glob("run*/output.scp"))


def check(names, systems, option):
    """Raise BadInput unless every one of `names` is among those of scored()."""
    known = sorted({system for each in systems.values() for system in each})
    unknown = [name for name in names if name not in known]
    if unknown:
        raise BadInput(f"{option}: found {' '.join(unknown)}, not scored on this set; there are {' '.join(known)}")
