"""Predict recordings with trained models: cer-predict, and python3 -m cer.bin.predict_files.

e.g.: cer-predict exp/synth/downup/arousal exp/synth/downup/valence talk.flac
      cer-predict exp/synth/downup/arousal interviews/*.mp3 --out predictions/interviews

MODEL is a folder that training made, with run1, run2 ..., or one of these. Models of the same target are averaged; each
target has its own column. FILE is an audio file of any format of libsndfile (wav, flac, mp3 ...), rate and length; a
folder of them; a list of paths (.txt, .list, .lst); a wav.scp (.scp); or a CSV (.csv) with a column of paths.

Writes DIR/csv/<id>.csv, a line every label shift (40 ms): time in seconds, arousal from calm (-1) to excited (+1),
valence from negative (-1) to positive (+1); of more than 100 recordings DIR/tables/*.csv instead. The id is the path
below the folder that all have in common, without its suffix. For Kaldi, DIR/<target>.scp names (T, 1) matrices.

A call again predicts only what is new. A recording that cannot be used is reported, the others are still predicted, and
the exit status is 1; it is 2 for a wrong command line.
"""

from pathlib import Path

from cer.base import locks
from cer.base.errors import BadInput, program
from cer.base.options import Parser
from cer.base.tables import write_table
from cer.bin import collect_recordings, list_recordings, predict_recordings
from cer.prediction import taken
from cer.prediction.recordings import check_folder, claim
from cer.system.model_folder import MODEL, run_folders


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.usage = "cer-predict [options] MODEL [MODEL ...] FILE [FILE ...]"
    options.add_argument("paths", nargs="+", metavar="MODEL... FILE...", help="model folders, then recordings")
    options.add_argument("--out", default="predictions", metavar="DIR", help="output folder (default: predictions)")
    predict_recordings.add_options(options)
    options.add_argument("--column", default="path", help="column of a CSV that holds the paths (default: path)")
    values = options.parse(argv)
    models, sources = apart(values.paths)
    table, out = list_recordings.table(sources, values.column), Path(values.out)
    words = [f"--cmvn={values.cmvn}", f"--csv={values.csv}", f"--resume={values.resume}"]
    words += [] if values.channel is None else [f"--channel={values.channel}"]
    check_folder(out)
    if values.resume == "true" and not all(map(list_recordings.has_ids, sources)):
        taken.check(out, table)
    with locks.alone(out / ".lock", out):
        channel = "" if values.channel is None else str(values.channel)  # as the recipe's script gives it
        claim(out, models, [channel, values.cmvn], values.resume == "true")
        for old in out.glob("failed.*"):
            old.unlink()
        write_table(out / "wav.scp", table)
        try:
            predict_recordings.main([*words, str(out / "wav.scp"), *models, str(out)])
        except SystemExit:
            if not (out / "failed.1").exists():  # not the fault of a recording
                raise
        collect_recordings.main([f"--csv={values.csv}", str(out / "wav.scp"), str(out)])


def apart(paths):
    """Split the arguments into model folders and the recordings after them. Raises BadInput if either is missing."""
    number = next((n for n, path in enumerate(paths) if not is_model(path)), len(paths))
    if not number:
        raise BadInput(f"{paths[0]}: found no trained model (run1/{MODEL}); expected MODEL folders, then FILEs")
    if number == len(paths):
        raise BadInput(f"{paths[-1]}: found a model and no recordings; expected MODEL folders, then FILEs")
    return paths[:number], [Path(path) for path in paths[number:]]


def is_model(path):
    """Whether a path is a model folder."""
    try:
        return bool(run_folders(path))
    except BadInput:
        return False


if __name__ == "__main__":
    main()
