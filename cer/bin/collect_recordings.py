"""Name all predictions of recordings that jobs have written into a folder, in FOLDER/<target>.scp; say what is missing.

Exit status 1 if recordings have no predictions.
"""

from pathlib import Path

from cer.base.errors import BadInput, listed, program
from cer.base.files import read_text
from cer.base.kinds import Count
from cer.base.options import Parser
from cer.base.tables import read_table
from cer.base.words import counted
from cer.data.predictions import each_has_csv
from cer.prediction import shards


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("wav_scp", help="recordings: lines of an id and a path")
    options.add_argument("folder", help="output folder of cer.bin.predict_recordings")
    options.add_argument("--num-jobs", type=Count, default=1, help="N of that program's --part J/N (default: 1)")
    options.add_argument("--csv", choices=["auto", "true", "false"], default="auto",
                         help="that program's --csv (default: auto)")  # fmt: skip
    values = options.parse(argv)
    table, folder = read_table(values.wav_scp), Path(values.folder)
    texts = "".join(read_text(path) for path in sorted(folder.glob("failed.*")))
    failed = {key: why for key, _, why in (line.partition(" ") for line in texts.split("\n") if line)}
    there = set(shards.collect(folder, table, values.csv, values.num_jobs, failed))
    where = folder / ("csv" if each_has_csv(values.csv, len(table)) else "tables")
    if there:
        print(f"predictions of {counted(len(there), 'recording')} are in {where}")
    said = [f"{key}: {why}" for key, why in failed.items()]
    if unheard := [key for key in table if key not in there and key not in failed]:
        said.append(f"no predictions yet of {listed(unheard)}: a job ended early; call it again, and it goes on")
    if said:
        raise BadInput("\n  ".join([f"{len(failed) + len(unheard)} of {len(table)} recordings failed:", *said]))


if __name__ == "__main__":
    main()
