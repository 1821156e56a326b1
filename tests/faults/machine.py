"""A machine whose power fails at an operation on files wished for, and what its disk holds when it is back.

The model. At the cut every process of the run stops at its next operation on files and is then killed, launchers, jobs
and all. Names are as they were at that moment: file systems keep a journal, so a rename that is lost is lost together
with all that followed, which is a cut some operations earlier. What files held is another matter: of a file that was
written and not fsynced since, a failing power leaves only what it held at its last fsync, or when it was opened in this
run: a file that is new or was emptied has 0 bytes, whatever name it got by a rename. A mere kill leaves all of it.
Unseen are writes of C's own streams (bash's echo) between the opening and the renaming of their file.
"""

import contextlib
import itertools
import mmap
import os
import platform
import random
import shutil
import signal
import stat
import struct
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from faults import forks

HERE = Path(__file__).resolve().parent
HEAD = struct.Struct("6q")  # struct state of shim.c: at, when, dead, count, used, cut
RECORD = struct.Struct("3q16s472s")  # struct record of shim.c: number, inode, size, what, path
RECORDS = 60000
WHEN = ("before", "after", "half of")


class Cut(NamedTuple):
    """When the power fails: at the at-th operation of a run, before, after or half-way; what that does to files."""

    at: int
    when: str
    loss: str  # "kill": nothing is lost; "power": all that was not fsynced; "some": half of these files

    def words(self):
        """For the table."""
        return {"kill": "kill", "power": "power loss", "some": "power loss, partly"}[self.loss]


class Operation(NamedTuple):
    """One operation on files: its number (0: a log's), the file's inode and size after it (or 0), what, where."""

    number: int
    inode: int
    size: int
    what: str
    path: str


class Outcome(NamedTuple):
    """What became of a run: status (None: cut), what it printed, its operations, where it was cut, the files lost."""

    status: int | None
    text: str
    operations: list
    where: Operation | None
    lost: list


def compiler():
    """The C compiler of this machine, or None."""
    return shutil.which("cc") or shutil.which("gcc")


def lacks():
    """What this machine lacks for all this, or an empty string."""
    if platform.libc_ver()[0] != "glibc":
        return "no Linux with glibc, whose functions tests/faults/shim.c stands in for"
    return "" if compiler() else "no C compiler (cc, gcc) for tests/faults/shim.c"


def build(folder):
    """Compile the shim into a folder; returns its path."""
    shim = Path(folder) / "shim.so"
    command = [compiler(), "-O1", "-shared", "-fPIC", "-o", shim, HERE / "shim.c", "-ldl"]
    subprocess.run(command, check=True)
    return shim


class Machine:
    """Runs commands in a project, whose folders data/ and exp/ are its disk; a context manager."""

    def __init__(self, shim, project, modules=("torch", "scipy.signal", "kaldiio", "soundfile")):
        """modules: what forks.py has imported before."""
        self.project, self.disk = Path(project).resolve(), [Path(project).resolve() / name for name in ("data", "exp")]
        beside = self.project.parent
        self.state, self.said = beside / "state", beside / "said"
        self.environment = {
            "PATH": f"{beside}:{os.environ['PATH']}",
            "HOME": str(beside),
            "CER_PYTHON": str(forks.python3(beside)),
            "LD_PRELOAD": str(shim),
            "FAULTS_STATE": str(self.state),
            "FAULTS_UNDER": ":".join(map(str, self.disk)),
            "FAULTS_SERVER": f"faults.{os.getpid()}.{id(self)}",
        }
        with self.state.open("w+b") as file:
            file.truncate(HEAD.size + RECORDS * RECORD.size)
            self.shared = mmap.mmap(file.fileno(), 0)
        self.server = forks.start(self.environment, modules)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.kill()
        self.server.communicate()
        self.kill()

    def run(self, command, cut=None, seed=0, within=900):
        """Run a command, with a Cut at most. Returns the Outcome; TimeoutError after so many seconds."""
        *_, used, _ = HEAD.unpack_from(self.shared, 0)
        self.shared[HEAD.size : HEAD.size + used * RECORD.size] = bytes(used * RECORD.size)
        HEAD.pack_into(self.shared, 0, cut.at if cut else -1, WHEN.index(cut.when) if cut else 0, 0, 0, 0, -1)
        status, text = self._wait(command, time.monotonic() + within)
        *_, used, last = HEAD.unpack_from(self.shared, 0)
        assert used < RECORDS, "more operations than there is room for"
        operations = [self._operation(n) for n in range(used)]
        where = operations[last] if last >= 0 else None
        lost = self._lose(operations, cut, seed) if where else []
        return Outcome(None if where else status, text, operations, where, lost)

    def _wait(self, command, deadline):
        with self.said.open("w+") as file:
            running = subprocess.Popen(
                command, cwd=self.project, env=self.environment, stdin=subprocess.DEVNULL, stdout=file,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
            while running.poll() is None and not HEAD.unpack_from(self.shared, 0)[2]:
                if time.monotonic() > deadline:
                    self.kill()
                    raise TimeoutError(f"{command} did not end:\n{self.said.read_text()}")
                time.sleep(0.01)
            self.kill()
            return running.wait(), self.said.read_text(errors="replace")

    def _operation(self, number):
        count, inode, size, what, path = RECORD.unpack_from(self.shared, HEAD.size + number * RECORD.size)
        return Operation(
            count, inode, size, what.split(b"\0")[0].decode(), path.split(b"\0")[0].decode(errors="replace")
        )

    def kill(self):
        """Kill whatever carries the shim of this machine: stop all first, so that none notices the end of another."""
        self._signal(signal.SIGSTOP)
        while self._signal(signal.SIGKILL):
            time.sleep(0.01)

    def _signal(self, number):
        living = self._living()
        for pid in living:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        return living

    def _living(self):
        mark, found = f"FAULTS_STATE={self.state}".encode(), []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if int(folder.name) != self.server.pid and mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue  # it has ended, or is somebody else's
        return found

    def _lose(self, operations, cut, seed):
        """Take away what a failing power takes; returns the files that lost something, relative to the project."""
        if cut.loss == "kill":
            return []
        kept, draw, lost = not_safe(operations), random.Random(seed), []
        for path in self.files():
            about = path.lstat()
            size = kept.get(about.st_ino, about.st_size)
            if size < about.st_size and (cut.loss == "power" or draw.random() < 0.5):
                os.truncate(path, size)
                os.utime(path, ns=(about.st_atime_ns, about.st_mtime_ns))
                lost.append(str(path.relative_to(self.project)))
        return lost

    def files(self):
        """The regular files on the disk, sorted."""
        paths = itertools.chain.from_iterable(folder.rglob("*") for folder in self.disk)
        return sorted(path for path in paths if stat.S_ISREG(path.lstat().st_mode))

    def save(self, folder):
        """Keep a copy of the disk."""
        Path(folder).mkdir(parents=True)
        subprocess.run(["cp", "-a", *self.disk, folder], check=True)

    def restore(self, folder=None):
        """Put a copy back; without one, nothing is on the disk."""
        subprocess.run(["rm", "-rf", *self.disk], check=True)
        for path in self.disk:
            path.mkdir()
        if folder:
            subprocess.run(["cp", "-a", *Path(folder).iterdir(), self.project], check=True)


def not_safe(operations):
    """Inode -> bytes that are on the disk for certain, of files that were written and not fsynced since."""
    sizes, dirty = {}, set()
    for one in operations:
        if one.inode and one.what == "fsync":
            sizes[one.inode] = one.size
            dirty.discard(one.inode)
        elif one.inode and one.what == "open":
            sizes[one.inode] = min(sizes[one.inode], one.size) if one.inode in dirty else one.size
            dirty.add(one.inode)
        elif one.inode:
            dirty.add(one.inode)
            if one.what == "ftruncate":
                sizes[one.inode] = min(sizes.get(one.inode, one.size), one.size)
    return {inode: sizes.get(inode, 0) for inode in dirty}
