"""List an audio file, or all audio files of a folder, as a wav.scp: lines of an id and a path, sorted by id.

The id is the path relative to the folder without its suffix; `-` replaces `/`, and `_` replaces blanks and unprintable
characters. Files whose names a table cannot hold (not UTF-8, or with a newline) are left out, with a warning.
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
    options.add_argument("recordings", help="an audio file, or a folder, searched recursively")
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
    """List files with audio suffixes, recursively. Raises BadInput for a folder that cannot be read."""

    def fail(error):
        raise BadInput(f"{error.filename}: cannot be read ({error.strerror}); check its permissions")

    for where, _, names in os.walk(folder, onerror=fail):
        yield from (path for name in names if (path := Path(where) / name).suffix.lower() in SUFFIXES)


if __name__ == "__main__":
    main()
