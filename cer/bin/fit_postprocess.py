"""Fit post-processing: a data directory with labels, and predictions for it -> postprocess.json."""

import json
from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.files import real, write_text
from cer.base.kinds import NAME, Name, fits
from cer.base.options import Parser
from cer.data import frames
from cer.data.datadir import Archive, labels_of
from cer.data.predictions import read_about, tell_outdated
from cer.prediction import postprocess
from cer.scoring import scores


class Pairs:
    """Labels and predictions (T,) of each recording, read again each time: memory does not grow with their number."""

    def __init__(self, labels, outputs):
        """labels, outputs: Archives of a set."""
        self._labels, self._outputs = labels, outputs

    def __iter__(self):
        for key in self._labels:
            p, y = frames.pair(self._outputs[key], self._labels[key], f"{self._outputs.scp}: {key}")
            yield y[:, 0], p[:, 0]


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="data directory with <target>.scp, the set to fit on")
    options.add_argument("predictions", help="folder with predictions for this set: output.scp")
    options.add_argument("folder", help="model folder to write postprocess.json into")
    options.add_argument("--method", required=True, help=f"one of {', '.join(postprocess.METHODS)}")
    values = options.parse(argv)
    data, predictions = Path(values.data), Path(values.predictions)
    if not fits(Name, name := real(data).name):
        raise BadInput(f"{data}: found the set {name!r}, expected {NAME}; rename the folder")
    about = read_about(predictions)
    tell_outdated(predictions)
    labels = labels_of(data, about["target"], "this set has no labels to fit to; name another (--fit-on)")
    outputs = Archive(predictions / "output.scp", "run stage 4 (steps/predict.sh)")
    scores.check_complete(labels, outputs, data)
    fitted = postprocess.fit(values.method, Pairs(labels, outputs), about["shift"])
    fitted["fitted_on"] = name
    write_text(Path(values.folder) / postprocess.FILE, json.dumps(fitted, indent=1) + "\n")
    text = postprocess.describe(fitted, about["shift"])
    print(f"{values.folder}: {text}; CCC {fitted['ccc_before']:.4f} -> {fitted['ccc_after']:.4f}")
    if fitted["fitted_on"] != "train":
        warn(f"{values.folder}: {text}")


if __name__ == "__main__":
    main()
