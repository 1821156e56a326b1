"""Predict recordings: any audio file -> FOLDER/csv/<id>.csv and FOLDER/<target>/<id>.ark.

Several model folders of one target are averaged; those of other targets make further columns. A recording that cannot
be used is reported and the rest goes on; the exit status is 1 then. What these models have made of a recording is kept.
"""

import inspect
import time
from pathlib import Path

import numpy as np
import torch

from cer.base import facts
from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import Whole
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.data import frames
from cer.data.datadir import part, writing_archive
from cer.prediction.ensemble import POSTPROCESS
from cer.prediction.recognizer import Recognizer
from cer.sound.audio import Recording
from cer.system import checkpoint


@program
def main(argv=None):
    """Run the program."""
    torch.set_num_threads(1)
    options = Parser(__doc__)
    options.add_argument("wav_scp", help="recordings: an id and a path a line")
    options.add_argument("models", nargs="+", help="model folders, e.g. one for arousal and one for valence")
    options.add_argument("folder", help="the folder to write")
    options.add_argument("--part", default="1/1", metavar="J/N", help="work on the J-th of N parts of the recordings")
    options.add_argument("--channel", type=Whole, help="which one, counted from 0 (default: the first, with a warning)")
    options.add_argument("--cmvn", choices=["own", "global"], default="own",
                         help="mean and variance: the recording's, or the training set's (default: own)")  # fmt: skip
    options.add_argument(
        "--resume", choices=["true", "false"], default="true", help="keep what is there (default: true)"
    )
    values = options.parse(argv)
    table, folder = part(read_table(values.wav_scp), values.part), Path(values.folder)
    models = by_target(values.models)
    made_from = of_models(models, values)
    failed, started, worked = {}, time.monotonic(), 0
    for done, (key, path) in enumerate(table.items(), 1):
        stamp = facts.Stamp(folder / ".done" / f"{key}.done")
        try:
            now = made_from | facts.of_file("input", path)
            if values.resume == "true" and not stamp.stale(now):
                continue
            text = one(models, key, Recording(path, values.channel), folder, values)
            files = [folder / "csv" / f"{key}.csv", *(folder / target / f"{key}.scp" for target in models)]
            if changed := stamp.commit(files, now):
                raise BadInput(f"{changed[0]}; it changed while it was read: predict it again")
        except (BadInput, OSError) as error:
            failed[key] = str(error).replace("\n", " ")
            text = f"failed: {failed[key]}"
        worked += 1
        left = (time.monotonic() - started) / worked * (len(table) - done)
        print(f"{key}: {text} ({done} of {len(table)}, about {left:.0f} s left)", flush=True)
    write_text(folder / f"failed.{values.part.partition('/')[0]}", "".join(f"{k} {v}\n" for k, v in failed.items()))
    if failed:
        raise BadInput(f"{len(failed)} of {len(table)} recordings failed: {' '.join(list(failed)[:10])}")


def by_target(folders):
    """Model folders by what they predict: target -> list of Recognizer. Raises BadInput for differing time axes."""
    models = {}
    for folder in folders:
        model = Recognizer(folder)
        models.setdefault(model.target, []).append(model)
    shifts = {round(model.shift, 9) for each in models.values() for model in each}
    if len(shifts) > 1:
        raise BadInput(f"{' '.join(folders)}: found predictions every {sorted(shifts)} s, expected one shift for all")
    return models


def of_models(models, values):
    """The facts of predictions that all recordings share: models, options and code."""
    each = [model.ensemble for some in models.values() for model in some]
    files = [
        run / name for ensemble in each for run in ensemble.folders for name in (checkpoint.FINAL, checkpoint.MODEL)
    ]
    files += [Path(folder) / POSTPROCESS for folder in values.models]
    code = [__file__, *{inspect.getfile(type(model)) for ensemble in each for model in ensemble.models}]
    return {"made with": facts.summary(facts.take(files, [values.channel, values.cmvn], code))}


def one(models, key, recording, folder, values):
    """Predict one recording and write its files; returns what to say of it."""
    begun = time.monotonic()
    own = values.cmvn == "own"
    found = {target: [model.predict_pieces(recording.pieces, recording.rate, key, own) for model in each]
             for target, each in models.items()}  # fmt: skip
    rows = frames.common([one for each in found.values() for one in each], key)
    columns = {target: np.mean([one[:rows] for one in each], 0) for target, each in found.items()}
    shift = next(iter(models.values()))[0].shift
    for target, column in columns.items():
        with writing_archive(folder / target / key) as write:
            write(key, column.astype(np.float32)[:, None])
    lines = "".join(f"{n * shift:.10g},{','.join(f'{y:.6f}' for y in row)}\n"
                    for n, row in enumerate(zip(*columns.values(), strict=True)))  # fmt: skip
    write_text(folder / "csv" / f"{key}.csv", f"time,{','.join(columns)}\n{lines}")
    seconds = time.monotonic() - begun
    return f"{recording.seconds:.1f} s in {seconds:.1f} s, real-time factor {seconds / recording.seconds:.4f}"


if __name__ == "__main__":
    main()
