"""List the recordings in a folder, or one file, as Kaldi's wav.scp: an id and a path a line, sorted by id.

The id is the path in the folder without suffix, with `-` for `/` and `_` for blanks and what cannot be printed. Files
that no table can name are left out with a warning: names that are not UTF-8 or have a line end in them.
"""

import os
import re
from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.options import Parser
from cer.base.tables import as_text
from cer.sound import audio
from cer.sound.sndfile import SUFFIXES


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("recordings", help="an audio file, or a folder, searched to any depth")
    values = options.parse(argv)
    source = Path(values.recordings)
    if source.is_dir():
        files = sorted(_audio_files(source))
    else:
        with audio.regular(source):
            files = [source]
    if not files:
        raise BadInput(f"{source}: found no audio file; expected names that end in {' '.join(sorted(SUFFIXES))}")
    table, left_out = {}, 0
    for path in files:
        name = path.relative_to(source if source.is_dir() else source.parent).with_suffix("").as_posix()
        key = re.sub(r"\s", "_", name.replace("/", "-"))
        key = "".join(c if c.isprintable() else "_" for c in key)
        if key in table:
            raise BadInput(f"{path} and {table[key]}: both would be called {key}; rename one of them")
        try:
            as_text({key: path.resolve()})
        except BadInput as error:
            left_out += 1
            warn(f"{str(path)!r}: left out: {error}")
            continue
        table[key] = path.resolve()
    if not table:
        raise BadInput(f"{source}: found {left_out} audio files, expected names that a table can hold; rename them")
    print(as_text(dict(sorted(table.items()))), end="")


def _audio_files(folder):
    """Files with the endings of audio formats, at any depth. Raises BadInput for a folder that cannot be read."""

    def fail(error):
        raise BadInput(f"{error.filename}: cannot be read ({error.strerror}); check its permissions")

    for where, _, names in os.walk(folder, onerror=fail):
        yield from (path for name in names if (path := Path(where) / name).suffix.lower() in SUFFIXES)


if __name__ == "__main__":
    main()
