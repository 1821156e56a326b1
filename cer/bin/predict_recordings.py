"""Predict recordings in any audio format -> FOLDER/csv/<id>.csv and FOLDER/<target>/<id>.ark.

Predictions of several model folders with the same target are averaged; each target has its own column. A recording that
cannot be used is reported, the others are still predicted, and the exit status is 1. Recordings that these models have
already predicted are skipped.
"""

import time
from pathlib import Path

import torch

from cer.base import facts
from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data.datadir import part
from cer.prediction.recordings import by_target, facts_of, predict_recording
from cer.sound.audio import Recording


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("wav_scp", help="recordings: lines of an id and a path")
    options.add_argument("models", nargs="+", help="model folders, e.g. one for arousal and one for valence")
    options.add_argument("folder", help="output folder")
    options.add_argument("--part", default="1/1", metavar="J/N", help="process the J-th of N parts of the recordings")
    options.add_argument("--channel", type=Whole, help="channel, counted from 0 (default: the first, with a warning)")
    options.add_argument("--cmvn", choices=["own", "global"], default="own",
                         help="mean and variance: of the recording, or of the training set (default: own)")  # fmt: skip
    options.add_argument(
        "--resume", choices=["true", "false"], default="true", help="skip finished recordings (default: true)"
    )
    values = options.parse(argv)
    table, folder = part(read_table(values.wav_scp), values.part), Path(values.folder)
    models = by_target(values.models)
    made_from = facts_of(models, values.models, [values.channel, values.cmvn], __file__)
    failed, started, worked = {}, time.monotonic(), 0
    for done, (key, path) in enumerate(table.items(), 1):
        stamp = facts.Stamp(folder / ".done" / f"{key}.done")
        try:
            now = made_from | facts.of_file("input", path)
            if values.resume == "true" and not stamp.stale(now):
                continue
            files, text = predict_recording(models, key, Recording(path, values.channel), folder, values.cmvn == "own")
            if changed := stamp.commit(files, now):
                raise BadInput(f"{changed[0]}; the file changed while it was read; predict it again")
        except (BadInput, OSError) as error:
            failed[key] = str(error).replace("\n", " ")
            text = f"failed: {failed[key]}"
        worked += 1
        left = (time.monotonic() - started) / worked * (len(table) - done)
        print(f"{key}: {text} ({done} of {len(table)}, about {left:.0f} s left)", flush=True)
    write_text(folder / f"failed.{values.part.partition('/')[0]}", "".join(f"{k} {v}\n" for k, v in failed.items()))
    if failed:
        raise BadInput(f"{len(failed)} of {len(table)} recordings failed: {' '.join(list(failed)[:10])}")


if __name__ == "__main__":
    main()
