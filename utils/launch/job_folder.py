"""What a launcher keeps of an array beside its logs, in `<logdir>/q/<log's name>.<first>-<last>/`.

script.sh: what the engine runs. N.start: which attempt of task N began last. N.status: how it ended. N.out: what the
engine itself had to say. job: the array's name and number in the engine, from before its submission until its end was
reported. lock: held by the launcher that waits for the array.
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
    """How a task ended: exit status, seconds that it took, and how far it came (`command` is the command itself)."""

    code: int
    seconds: int
    stage: str


class JobFolder:
    """The files of one array."""

    def __init__(self, path):
        """path: absolute."""
        self.path = path
        self.script, self._record = path / "script.sh", path / "job"
        self._lock, self.started = None, set()

    def lock(self):
        """Make the folder ours as long as this process lives. Raises Refused when another launcher has it."""
        self.path.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.path / "lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused(f"another launcher is waiting for the jobs of {self.path}; end that one first") from None
        except OSError:
            pass  # a file system without locks

    def recorded(self):
        """Name and number of the array whose end was not reported; "" for what is not known, or if there is none."""
        lines = _read(self._record).split("\n") if self._record.exists() else []
        return tuple((*lines, "", "")[:2])

    def record(self, name, job=""):
        """Note the array's name and number in the engine. Tasks of another name do not start."""
        write(self._record, f"{name}\n{job}\n")

    def new_name(self):
        """A name for the engine that no other array has, nor the same one when it is submitted again."""
        return f"j_{re.sub('[^a-zA-Z0-9]', '_', self.path.name)[-40:]}_{os.urandom(4).hex()}"

    def prepare(self, script):
        """Take away what earlier tasks left, and write the script."""
        self._remove(".start", ".status", ".tmp", ".out")
        write(self.script, script)

    def is_same(self, script):
        """Whether the script of last time is this one."""
        return self.script.exists() and _read(self.script) == script

    def forget(self):
        """The end was reported: no task of the array may start any more."""
        self._remove("job", ".start", ".status")

    def _remove(self, *endings):
        for path in list(self.path.iterdir()):
            if path.name.endswith(endings):
                path.unlink(missing_ok=True)

    def said(self, number):
        """What the engine itself had to say about a task."""
        try:
            return (self.path / f"{number}.out").read_text(errors="replace")
        except OSError:
            return ""

    def statuses(self, numbers):
        """How tasks ended: number -> Status, of those that did. What an earlier attempt or job left does not count.

        `started` then has the numbers of the tasks that were begun. Raises OSError if the folder is away.
        """
        found, (name, _) = {}, self.recorded()
        names = {path.name for path in self.path.iterdir()}  # which also makes NFS look again
        if self._record.name not in names or not name:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._record))
        self.started |= {number for number in numbers if f"{number}.start" in names}
        for number in numbers:
            if f"{number}.status" in names:
                with contextlib.suppress(FileNotFoundError, ValueError):  # taken away by an attempt that just starts
                    *attempt, code, seconds, stage = (self.path / f"{number}.status").read_text().split()
                    if attempt[0] == name and (self.path / f"{number}.start").read_text().split() == attempt:
                        found[number] = Status(int(code), int(seconds), stage)
        return found


def folders(jobs, directory):
    """The JobFolder of an array, and those of earlier ones with the same log and some of its numbers.

    jobs: a Jobs; directory: absolute, where the log's name starts.
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
    """The working directory by the name under which the user knows it: other machines may not know what links hide."""
    named = os.environ.get("PWD", "")
    return Path(named) if named.startswith("/") and Path(named).samefile(Path.cwd()) else Path.cwd()


def write(path, text):
    """Write a file under a temporary name, then rename it."""
    temporary = Path(f"{path}.{os.getpid()}.tmp")
    temporary.write_text(text, encoding="utf-8", errors="surrogateescape")  # names need not be UTF-8
    temporary.rename(path)


def _read(path):
    return path.read_text(encoding="utf-8", errors="surrogateescape")
