"""List the recordings in a folder, or one file, as Kaldi's wav.scp: an id and a path a line, sorted by id.

The id is the path in the folder without suffix, with `-` for `/` and `_` for blanks.
"""

import re
from pathlib import Path

from cer import audio
from cer.errors import BadInput, program
from cer.options import Parser


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("recordings", help="an audio file, or a folder, searched to any depth")
    values = options.parse(argv)
    source = Path(values.recordings)
    if not source.exists():
        raise BadInput(f"{source}: no such file or folder")
    files = [source] if source.is_file() else sorted(p for p in source.rglob("*") if p.suffix.lower() in audio.SUFFIXES)
    if not files:
        raise BadInput(f"{source}: found no audio file; expected names that end in {' '.join(sorted(audio.SUFFIXES))}")
    table = {}
    for path in files:
        name = path.relative_to(source if source.is_dir() else source.parent).with_suffix("").as_posix()
        key = re.sub(r"\s", "_", name.replace("/", "-"))
        if key in table:
            raise BadInput(f"{path} and {table[key]}: both would be called {key}; rename one of them")
        table[key] = path.resolve()
    for key in sorted(table):
        print(key, table[key])


if __name__ == "__main__":
    main()
