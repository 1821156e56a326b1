"""Score predictions against the labels of a data directory; writes score.txt and score.json beside the predictions.

Several pairs of folders are scored in one call. Scores that are up to date are left as they are.
"""

from pathlib import Path

from cer.base import facts
from cer.base.errors import BadInput, program
from cer.base.kinds import NAME, Name, fits
from cer.base.options import Parser
from cer.scoring.folder import score_if_needed


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("folders", nargs="+", help="data directory with <target>.scp, and folder of predictions:"
                         " output.scp, run1/output.scp ...; then perhaps further pairs")  # fmt: skip
    options.add_argument(
        "--system", type=Name, help="system in the score files (default: from .../SYSTEM/TARGET/predict_SET)"
    )
    options.add_argument("--set", type=Name, help="set in the score files: dev, test ... (default: likewise)")
    values = options.parse(argv)
    if len(values.folders) % 2:
        raise BadInput(f"found {len(values.folders)} folders, expected pairs of a data directory and its predictions")
    names = {folder: names_of(folder, values.system, values.set) for folder in values.folders[1::2]}
    code = facts.take(code=[__file__])
    for data, folder in zip(values.folders[::2], values.folders[1::2], strict=True):
        score_if_needed(data, folder, names[folder], code)


def names_of(folder, system, set_name):
    """The names of system and set in the score files: as given, or from the path. Raises BadInput for what is none."""
    *_, of_path, _, last = "", "", *Path(folder).absolute().parts
    names = {"system": system or of_path, "set": set_name or last.removeprefix("predict_")}
    for what, name in names.items():
        if not fits(Name, name):
            cure = f"rename the folder that is called so, or name the {what}: --{what} NAME"
            raise BadInput(
                f"{folder}: found the {what} {name!r}, from .../SYSTEM/TARGET/predict_SET, expected {NAME}; {cure}"
            )
    return names


if __name__ == "__main__":
    main()
