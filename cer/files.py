"""Files that are whole or not there: written under a temporary name, then renamed."""

import contextlib
import uuid
from pathlib import Path


@contextlib.contextmanager
def replacing(path, mode="w"):
    """Open a temporary file beside `path` for writing; rename it to `path` when the block ends well.

    When the block fails the temporary file is removed and what stood at `path` stays.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{uuid.uuid4().hex}.tmp")  # no other job's, on any machine
    try:
        with temporary.open(mode, encoding=None if "b" in mode else "utf-8") as file:
            yield file
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def set_aside(path):
    """Move a file or folder into .backup beside it, under a number of its own; returns where it is now."""
    path, number = Path(path), 1
    backup = path.parent / ".backup"
    backup.mkdir(exist_ok=True)
    while (backup / f"{path.name}.{number}").exists():
        number += 1
    return path.rename(backup / f"{path.name}.{number}")


def write_text(path, text):
    """Write `text` to `path`, whole or not at all."""
    with replacing(path) as file:
        file.write(text)
