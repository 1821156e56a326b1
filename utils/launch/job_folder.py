"""The files of an array of jobs, in `<logdir>/q/<log's name>.<first>-<last>/`.

script.sh: the script that the engine runs. N.start: id of the last attempt of task N. N.status: how it ended. N.out:
messages of the engine itself. job: name and id of the array in the engine, from before its submission until its end is
reported. lock: lock file of the launcher that waits for the array.
"""

import contextlib
import errno
import fcntl
import os
import re
from pathlib import Path
from typing import NamedTuple

from .engine import Refused


class Status(NamedTuple):
    """How a task ended: exit status, duration in seconds, and last stage (`command`: the command itself ran)."""

    code: int
    seconds: int
    stage: str


class JobFolder:
    """The folder of one array."""

    def __init__(self, path):
        """path: absolute Path."""
        self.path = path
        self.script, self._record = path / "script.sh", path / "job"
        self._lock, self.started = None, set()

    def lock(self):
        """Lock the folder for the life of this process. Raises Refused if another launcher holds the lock."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another launcher is waiting for the jobs of {self.path}; end that one first") from None
        except OSError:
            pass  # a file system without locks

    def recorded(self):
        """Return (name, id) of an array whose end was not reported; "" for unknown values, or if there is none."""
        lines = _read(self._record).split("\n") if self._record.exists() else []
        return tuple((*lines, "", "")[:2])

    def record(self, name, job=""):
        """Write the array's name and its id in the engine. Tasks of arrays with another name do not start."""
        write(self._record, f"{name}\n{job}\n")

    def new_name(self):
        """Return a name for the engine that is unique to this submission."""
        return f"j_{re.sub('[^a-zA-Z0-9]', '_', self.path.name)[-40:]}_{os.urandom(4).hex()}"

    def prepare(self, script):
        """Remove the files of earlier tasks, and write the script."""
        self._remove(".start", ".status", ".tmp", ".out")
        write(self.script, script)

    def is_same(self, script):
        """Whether the folder already has this script."""
        return self.script.exists() and _read(self.script) == script

    def forget(self):
        """Remove the record of an array whose end was reported, and the files of killed tasks: none can start now."""
        self._remove("job", ".start", ".status", ".tmp")

    def _remove(self, *endings):
        for path in list(self.path.iterdir()):
            if path.name.endswith(endings):
                path.unlink(missing_ok=True)

    def said(self, number):
        """Return the engine's own messages about a task."""
        try:
            return (self.path / f"{number}.out").read_text(errors="replace")
        except OSError:
            return ""

    def statuses(self, numbers):
        """Return the Status of each task that has ended: number -> Status, ignoring files of earlier attempts and jobs.

        Sets `started` to the numbers of the tasks that started. Raises OSError if the folder is unavailable.
        """
        found, (name, _) = {}, self.recorded()
        names = {path.name for path in self.path.iterdir()}  # also refreshes the NFS cache
        if self._record.name not in names or not name:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._record))
        self.started |= {number for number in numbers if f"{number}.start" in names}
        for number in numbers:
            if f"{number}.status" in names:
                with contextlib.suppress(FileNotFoundError, ValueError):  # removed by an attempt that is just starting
                    *attempt, code, seconds, stage = (self.path / f"{number}.status").read_text().split()
                    if attempt[:1] == [name] and (self.path / f"{number}.start").read_text().split() == attempt:
                        found[number] = Status(int(code), int(seconds), stage)
        return found


def folders(jobs, directory):
    """Return the JobFolder of an array, and those of earlier arrays with the same log and overlapping numbers.

    jobs: a Jobs; directory: absolute; the log's path is relative to it.
    """
    log = directory / jobs.log
    base = log.parent
    while jobs.name and jobs.name in base.name:  # log.JOB/x.log: one folder for all
        base = base.parent
    stem = re.sub(r"[.]log$", "", str(log.relative_to(base))).replace("/", "_")
    first, last = jobs.numbers[0], jobs.numbers[-1]
    own, others = base / "q" / f"{stem}.{first}-{last}", []
    for path in (base / "q").glob("*/job"):
        match = re.fullmatch(rf"{re.escape(stem)}[.](\d+)-(\d+)", path.parent.name)
        if match and path.parent != own and int(match[1]) <= last and first <= int(match[2]):
            others.append(JobFolder(path.parent))
    return JobFolder(own), others


def working_directory():
    """Return the working directory as the user named it: links may resolve to paths unknown on other machines."""
    named = os.environ.get("PWD", "")
    return Path(named) if named.startswith("/") and Path(named).samefile(Path.cwd()) else Path.cwd()


def write(path, text):
    """Write a file by an atomic rename."""
    temporary = Path(f"{path}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8", errors="surrogateescape")  # names need not be UTF-8
    temporary.rename(path)


def _read(path):
    return path.read_text(encoding="utf-8", errors="surrogateescape")
