"""Score predictions against the labels of a data directory; writes score.txt and score.json beside the predictions."""

import json
from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.files import write_text
from cer.base.kinds import Name
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import Archive, label_shift, labels_of
from cer.data.predictions import read_about
from cer.scoring import scores, significance


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="data directory with <target>.scp")
    options.add_argument("folder", help="folder of predictions: output.scp, run1/output.scp ...")
    options.add_argument("--system", type=Name, required=True, help="name of the system in the score files")
    options.add_argument("--set", type=Name, required=True, help="name of the set in the score files: dev, test ...")
    values = options.parse(argv)
    folder = Path(values.folder)
    about = read_about(folder)
    labels = labels_of(values.data, about["target"], "this set has no labels to score against")
    path = Path(values.data) / "label_shift"
    if path.exists() and abs(label_shift(values.data) - about["shift"]) > 1e-6:
        raise BadInput(
            f"{path}: found {label_shift(values.data):g} s between labels, expected {about['shift']:g} s as between the"
            f" predictions in {folder}; correct it, or train on labels with this shift"
        )
    outputs = {name: folder / name / "output.scp" for name in [".", *about["runs"]]}
    cure = "run stage 4 (steps/predict.sh)"
    scores.check_complete(labels, Archive(outputs["."], cure), values.data)
    scored = {name: scores.score(labels, Archive(path, cure), path) for name, path in outputs.items()}
    names = {"system": values.system, "target": about["target"], "set": values.set}
    names |= {name: about[name] for name in ("postprocess", "failed") if name in about}
    moments = significance.moments_of_speakers(
        labels, Archive(outputs["."], cure), read_table(Path(values.data) / "utt2spk")
    )
    spread = {"interval": significance.interval_of_ccc(moments), "speakers": len(moments)}
    record = names | spread | scores.summary(scored.pop("."), scored)
    write_text(folder / "score.json", json.dumps(record, indent=1) + "\n")
    write_text(folder / "score.txt", scores.table(record))
    for line in scores.failed(record):
        warn(f"{folder}: {line}")
    print(
        f"{values.set}: CCC {record['ccc']:.4f} (ensemble), {record['ccc_mean']:.4f} (mean of runs); {folder}/score.txt"
    )


if __name__ == "__main__":
    main()
