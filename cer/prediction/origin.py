"""What models learnt from, as every output of own recordings says: corpora, commit and day of the training."""

import json
from pathlib import Path

from cer.base import records
from cer.base.contents import escaped
from cer.base.errors import warn
from cer.base.files import day_of, read_text
from cer.base.tables import write_if_changed
from cer.data.corpora import is_made_up
from cer.system.model_folder import FINAL, is_run, run_folders

FILE = "models.json"  # of a folder of predictions
WARNING = "trained on made-up babble: not for real speech"
UNKNOWN = "not recorded"
ENDS = records.Listed(str, 2, 2)
SHAPE = records.Listed({"model": str, "target": str, "corpora": records.Listed(str), "commit": str, "trained": str,
                        "runs?": records.Listed(str, 1), "ends?": ENDS}, 1)  # fmt: skip


def origins(models):
    """Describe the models of recordings.by_target(): a list of {"model", "target", "corpora", "commit", "trained"}.

    Where not all runs of a model predict, also "runs", the names of those that do; of a target that the corpus has of
    its own, also "ends", those of its scale.
    """
    return [_origin(model) for each in models.values() for model in each]


def _origin(model):
    run = Path(model.ensemble.folders[0])
    commands = [path for path in (run / "command", run.parent / "command") if path.is_file()]  # as run.sh writes it
    first = read_text(commands[0]).partition("\n")[0] if commands else ""
    folder, runs = run.parent if is_run(run) else run, [Path(one).name for one in model.ensemble.folders]
    found = {
        "model": escaped(folder), "target": model.target,
        "corpora": model.ensemble.description.get("corpora", []),
        "commit": first.removeprefix("# commit ") if first.startswith("# commit ") else UNKNOWN,
        "trained": day_of(run / FINAL),
    }  # fmt: skip
    if is_run(run) and runs != [one.name for one in run_folders(folder)]:
        found["runs"] = runs
    return found | {name: ends for name, ends in model.ensemble.description.items() if name == "ends"}


def write_origins(folder, models):
    """Write models.json of a folder of predictions, unless it is there already; models: as of origins()."""
    write_if_changed(Path(folder) / FILE, json.dumps(origins(models), indent=1) + "\n")


def read_origins(folder):
    """Read models.json of a folder of predictions; an empty list if an earlier version wrote none."""
    path = Path(folder) / FILE
    return records.read(path, SHAPE, "predict the recordings again") if path.exists() else []


def meanings_of(found):
    """What the models' own targets mean, target -> (low end, high end); found: of origins()."""
    return {one["target"]: tuple(one["ends"]) for one in found if "ends" in one}


def warn_of(models):
    """Warn, in one line, if one of the models learnt from a generated corpus; models: as of origins()."""
    if made := caution(origins(models)):
        warn(made)


def caution(found):
    """Return a warning for models that learnt from a generated corpus, "" for others; found: of origins()."""
    names = [one["model"] for one in found if is_made_up(one["corpora"])]
    return f"{' '.join(names)}: {WARNING}" if names else ""


def lines_of(found):
    """Say what models learnt from, a line for those of one system; found: of origins()."""
    alike = {}
    for one in found:
        place = (str(Path(one["model"]).parent), one["commit"], one["trained"], *one["corpora"])
        alike.setdefault(place, []).append(" ".join([Path(one["model"]).name, *one.get("runs", [])]))
    return [
        f"{folder} ({', '.join(names)}), commit {commit}, trained {trained} on"
        f" {' and '.join(corpora) or f'a corpus that is {UNKNOWN}'}"
        for (folder, commit, trained, *corpora), names in alike.items()
    ]


def system_of(found):
    """Return the name of the system that predicted; of several, joined by "+"; found: of origins()."""
    return "+".join(dict.fromkeys(Path(one["model"]).parent.name for one in found)) or "prediction"
