"""Writes files that are whole or not there: under a temporary name, synced to the disk, then renamed. Reads texts."""

import contextlib
import fcntl
import os
import re
import stat
import time
from pathlib import Path

from cer.base.errors import BadInput

TEMPORARY = ".tmp~"  # the end of our temporary names: a corpus may have files .x.tmp of its own, which stay


@contextlib.contextmanager
def replacing(path, mode="w"):
    """Open `path` for writing under the name `.<name>` + TEMPORARY; rename it to `path` when the block ends well.

    When the block fails, the temporary file is removed and what stood at `path` stays. A second process that writes to
    the same path waits for the first. What a killed process left is overwritten. The content is synced to the disk
    before renaming, so that a power loss leaves the old content or the new one, never an empty file.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}{TEMPORARY}")
    with os.fdopen(_alone(temporary), mode, encoding=None if "b" in mode else "utf-8") as file:
        try:
            yield file
            file.flush()
            os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError) and error.errno and str(error.filename or temporary) == str(temporary):
                error.filename = str(path)  # of a full disk Python names no file, of a folder there the temporary one
            with contextlib.suppress(OSError):  # closing writes what is left, and would raise an error of its own
                file.close()
            raise


def _alone(temporary):
    """Open the file, emptied and locked until this process ends, however it ends; returns its descriptor."""
    while True:
        descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT, 0o666)
        with contextlib.suppress(OSError):  # a file system without locks
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with contextlib.suppress(FileNotFoundError):
            if temporary.stat().st_ino == os.fstat(descriptor).st_ino:
                os.ftruncate(descriptor, 0)
                return descriptor
        os.close(descriptor)  # another process has renamed it meanwhile


def clear_abandoned(folder):
    """Remove what killed writers of replacing() left in or below a folder; living ones hold a lock on theirs."""
    for path in Path(folder).rglob(f".*{TEMPORARY}"):
        with contextlib.suppress(OSError), path.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()


def set_aside(path):
    """Move a file or folder into .backup beside it, with the next free number; returns its new path."""
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


def read_bytes(path, cure="check the path"):
    """What a file holds. Raises BadInput, with the cure, when it cannot be read, as a device such as /dev/zero.

    A pipe of <(command) is read, /dev/fd/63; one with a name of its own is not.
    """
    try:
        if stat.S_ISFIFO(Path(path).stat().st_mode) and not str(path).startswith("/dev/"):
            raise OSError(0, "it is a named pipe, into which nobody may ever write")
        with Path(path).open("rb") as file:
            about = os.fstat(file.fileno())
            device = stat.S_ISCHR(about.st_mode) or stat.S_ISBLK(about.st_mode)
            if device and not file.isatty() and about.st_rdev != Path(os.devnull).stat().st_rdev:
                raise OSError(0, "it is a device, which may never end")
            return file.read()
    except (OSError, ValueError) as error:  # a name with NUL is a ValueError
        raise BadInput(f"{path}: cannot be read ({getattr(error, 'strerror', None) or error}); {cure}") from None


def real(path):
    """The absolute path without links, a Path; of what can be no path, with a NUL in it, the absolute one.

    Where links lead in a circle, Path.resolve() raises a RuntimeError.
    """
    try:
        return Path(os.path.realpath(path))
    except ValueError:
        return Path(path).absolute()


def day_of(path):
    """The day (UTC) when a file was written, e.g. 2017-08-20."""
    return time.strftime("%Y-%m-%d", time.gmtime(Path(path).stat().st_mtime))


def encoding_fault(data):
    """Where bytes are not UTF-8: (line number, what was found, what was expected), or None."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return 1, "UTF-16", "UTF-8; save it as such, or: iconv -f UTF-16 -t UTF-8"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        wrong = data[error.start : error.end]
        cure = "UTF-8; convert it, as by: iconv -f ISO-8859-1 -t UTF-8"
        return data.count(b"\n", 0, error.start) + 1, f"{wrong!r}, which is not UTF-8", cure
    return None


def read_text(path, cure="check the path"):
    """A UTF-8 text without its byte order mark, with LF as its line ends, whatever they are in the file.

    Raises BadInput: with file and line for bytes that are not UTF-8, with the cure when the file cannot be read.
    """
    data = read_bytes(path, cure)
    if fault := encoding_fault(data):
        number, found, expected = fault
        raise BadInput(f"{path}:{number}: found {found}, expected {expected}")
    return re.sub("\r\n?", "\n", data.decode("utf-8-sig"))
