"""Where the systems of a corpus keep their predictions."""

from cer.errors import BadInput
from cer.scores import read_results


def scored(exp, set_name):
    """The systems scored on a set: target -> {system: its folder of predictions}, both sorted.

    exp: the corpus's folder of systems. Raises BadInput when there are none.
    """
    found = {}
    for record in read_results(exp / "results.json"):
        if record["set"] == set_name:
            folder = exp / record["system"] / record["target"] / f"predict_{set_name}"
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
