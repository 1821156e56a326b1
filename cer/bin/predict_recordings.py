"""Predict recordings in any audio format; cer/prediction/shards.py says what it writes into FOLDER.

Predictions of several model folders with the same target are averaged; each target has its own column. A recording that
cannot be used is reported, the others are still predicted, and the exit status is 1. Recordings that these models have
already predicted are skipped.
"""

from cer.base.errors import BadInput, once, program  # first: it says so if a package is missing

# isort: split
import torch

from cer.base.files import write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.base.tables import read_table, write_if_changed
from cer.data.datadir import part
from cer.data.predictions import FEW
from cer.data.targets import write_scales
from cer.prediction import origin
from cer.prediction.recordings import by_target, facts_of, predict_recording
from cer.prediction.shards import Folder, chunks
from cer.sound.audio import Recording


def add_options(options):
    """Declare the options that cer-predict has, too; options: Parser."""
    options.add_argument("--channel", type=Whole, help="channel, counted from 0 (default: the first, with a warning)")
    options.add_argument("--cmvn", choices=["own", "global"], default="own",
                         help="mean and variance: of the recording, or of the training set (default: own)")  # fmt: skip
    options.add_argument("--csv", choices=["auto", "true", "false"], default="auto", help="write csv/<id>.csv of each"
                         f" recording, not tables of many (default: auto, for up to {FEW} recordings)")  # fmt: skip
    options.add_argument(
        "--resume", choices=["true", "false"], default="true", help="keep finished predictions (default: true)"
    )


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("wav_scp", help="recordings: lines of an id and a path")
    options.add_argument("models", nargs="+", help="model folders, e.g. one for arousal and one for valence")
    options.add_argument("folder", help="output folder")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the recordings")
    add_options(options)
    values = options.parse(argv)
    everything = read_table(values.wav_scp)
    table, models = part(everything, values.part), by_target(values.models)
    made_from = facts_of(models, values.models, [values.channel, values.cmvn], __file__)
    origin.warn_of(models)
    shift = next(iter(models.values()))[0].shift
    folder = Folder(
        values.folder, list(models), shift, made_from,
        number=len(everything), csv=values.csv, resume=values.resume == "true",
    )  # fmt: skip
    write_if_changed(folder.folder / "label_shift", f"{shift!r}\n")
    origin.write_origins(folder.folder, models)
    write_scales(folder.folder, list(models), origin.meanings_of(origin.origins(models)))
    failed, numbers, say = {}, {key: n for n, key in enumerate(table, 1)}, once()

    def predict(key, path):
        columns, text = predict_recording(models, key, Recording(path, values.channel), values.cmvn == "own", say)
        print(f"{numbers[key]} of {len(table)}: {key}, {text}", flush=True)
        return columns

    for recordings in chunks(table, folder.size):
        found = folder.finish(recordings, predict)
        print("".join(f"{key}: failed: {why}\n" for key, why in found.items()), end="", flush=True)
        failed |= found
    report = folder.folder / f"failed.{values.part.partition('/')[0]}"
    report.unlink(missing_ok=True)
    if failed:
        write_text(report, "".join(f"{key} {why}\n" for key, why in failed.items()))
        raise BadInput(f"{len(failed)} of {len(table)} recordings failed: {' '.join(list(failed)[:10])}")


if __name__ == "__main__":
    main()
