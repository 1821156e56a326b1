"""List recordings as a wav.scp: lines of an id and a path, sorted by id. Their sound is not read yet.

They are an audio file; a folder, searched recursively, but not through links to other folders; a list, NAME.txt, .list
or .lst, with a path a line; a wav.scp, NAME.scp; or a CSV, NAME.csv, with a column of paths and perhaps a column `id`.
Relative paths begin at the current folder. The id is the path below the folder (of lists: below the one that all have
in common) without its suffix; `-` replaces `/`, and `_` replaces blanks and unprintable characters. Files whose names a
table cannot hold (not UTF-8, or with a newline) are left out, with a warning.
"""

import os
from pathlib import Path

from cer.base import csvs
from cer.base.errors import BadInput, program, warn
from cer.base.files import real
from cer.base.options import Parser
from cer.base.tables import as_text, id_of, read_table
from cer.prediction import taken
from cer.sound import audio
from cer.sound.sndfile import SUFFIXES

LISTS = (".scp", ".csv", ".txt", ".list", ".lst")


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("recordings", help="an audio file, a folder, a list, a wav.scp or a CSV")
    options.add_argument("--column", default="path", help="column of a CSV that holds the paths (default: path)")
    options.add_argument(
        "--into", metavar="FOLDER", help="refuse a file if FOLDER has predictions of another one with its id"
    )
    values = options.parse(argv)
    found = table([Path(values.recordings)], values.column)
    if values.into and not has_ids(Path(values.recordings)):
        taken.check(values.into, found)
    print(as_text(found), end="")


def has_ids(source):
    """Whether the user names the recordings, in a wav.scp or a CSV, and not their files."""
    return source.suffix.lower() in (".scp", ".csv") and not source.is_dir()


def table(sources, column):
    """The table, id -> path, of all recordings that some paths mean. Raises BadInput for none, or two of one id."""
    found, left_out = {}, 0
    files = [source for source in sources if source.suffix.lower() not in LISTS and not source.is_dir()]
    for path in files:
        with audio.regular(path):
            pass
    named = [one for source in sources if source not in files for one in listed(source, column)]
    for name, path in (_named(files) if files else []) + named:
        key, path = id_of(name), real(path)
        try:
            as_text({key: path})
        except BadInput as error:
            left_out += 1
            warn(f"{str(path)!r}: left out: {error}")
            continue
        if found.get(key, path) != path:
            raise BadInput(f"{path} and {found[key]}: both would be called {key}; rename one of them")
        found[key] = path
    if not found:
        raise BadInput(f"{sources[0]}: found {left_out} audio files, expected names that a table can hold; rename them")
    return dict(sorted(found.items()))


def listed(source, column):
    """List (name, path) of the recordings in a folder or list; column: of paths in a CSV. Raises BadInput for none."""
    kind = source.suffix.lower()
    if source.is_dir():
        files = audio.files(source)
        if not files:
            raise BadInput(f"{source}: found no audio file; expected names that end in {' '.join(sorted(SUFFIXES))}")
        return [(path.relative_to(source).with_suffix(""), path) for path in files]
    if kind == ".scp":
        table = read_table(source)
        for number, where in enumerate(table.values(), 1):
            if where.endswith("|"):
                raise BadInput(f"{source}:{number}: found the command {where!r}, which is not run, expected a path")
        return [(key, Path(where)) for key, where in table.items()]
    if kind == ".csv":
        rows = csvs.texts(source, column, "--column names another")
        if "id" in rows[0]:
            return [(row["id"], Path(row[column])) for row in rows]
        return _named([Path(row[column]) for row in rows])
    return _named([Path(line) for _, line in csvs.lines(source)])


def _named(paths):
    """List (name, path): names are the paths below the folder that all have in common."""
    paths = [Path(os.path.abspath(path)) for path in paths]  # noqa: PTH100 (Path.absolute keeps `..`)
    top = os.path.commonpath([path.parent for path in paths])
    return [(path.relative_to(top).with_suffix(""), path) for path in paths]


if __name__ == "__main__":
    main()
