"""The files of a corpus, wherever in its folders they are and whatever the case of their suffixes."""

from pathlib import Path

from cer.base.errors import BadInput


def files(folder, suffix, what):
    """All files in and below a folder with a suffix such as .wav: name without it -> path, sorted by name.

    what: they are, for messages. Raises BadInput where there is no such file, or two have one name.
    """
    found = {}
    for path in sorted(Path(folder).rglob("*")):
        if path.suffix.lower() == suffix and not path.name.startswith(".") and path.is_file():
            if path.stem in found:
                raise BadInput(f"{path}: found another {path.stem} in {found[path.stem]}, expected one; move it away")
            found[path.stem] = path
    if not found:
        raise BadInput(f"{folder}: found no {suffix} files, expected {what}; check the folder, and --corpus-dir")
    return dict(sorted(found.items()))
