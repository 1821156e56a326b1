"""The files of a corpus, wherever in its folders they are and whatever the case of their suffixes."""

import os
from pathlib import Path

from cer.base.errors import BadInput
from cer.base.files import real


def walk(folder):
    """All files in and below a folder, none hidden or in a hidden folder, through links to folders, too; sorted."""
    paths, seen = [], set()
    for top, folders, names in os.walk(folder, followlinks=True):
        place = real(top)
        if place in seen:  # a link to a folder above itself
            folders.clear()
            continue
        seen.add(place)
        folders[:] = [name for name in folders if not name.startswith(".")]
        paths += [path for name in names if not name.startswith(".") and (path := Path(top) / name).is_file()]
    return sorted(paths)


def files(folder, suffix, what):
    """All files in and below a folder with a suffix such as .wav: name without it -> path, sorted by name.

    what: they are, for messages. Raises BadInput where there is no such file, or two have one name.
    """
    found = {}
    for path in walk(folder):
        if path.suffix.lower() == suffix:
            if path.stem in found:
                raise BadInput(f"{path}: found another {path.stem} in {found[path.stem]}, expected one; move it away")
            found[path.stem] = path
    if not found:
        raise BadInput(f"{folder}: found no {suffix} files, expected {what}; check the folder, and --corpus-dir")
    return dict(sorted(found.items()))
