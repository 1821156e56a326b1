"""Score predictions against the labels of a data directory; writes score.txt and score.json beside the predictions.

Several pairs of folders are scored in one call. Scores that are up to date are left as they are.
"""

from pathlib import Path

from cer.base import facts
from cer.base.errors import BadInput, program
from cer.base.kinds import Name
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
    code = facts.take(code=[__file__])
    for data, folder in zip(values.folders[::2], values.folders[1::2], strict=True):
        path = Path(folder).absolute()
        names = {
            "system": values.system or path.parents[1].name,
            "set": values.set or path.name.removeprefix("predict_"),
        }
        score_if_needed(data, folder, names, code)


if __name__ == "__main__":
    main()
