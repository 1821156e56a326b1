"""What benchmarks share: calls that alternate, processes with their peak memory, a row of the table, the machine."""

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import NamedTuple

from cer.base.errors import BadInput

ROOT = Path(__file__).resolve().parents[2]
# A process starts with the peak memory of the one that forked it, so a small one stands between.
BETWEEN = """import json, resource, subprocess, sys, time
start = time.perf_counter()
status = subprocess.run(sys.argv[1:], stdout=2).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps([time.perf_counter() - start, used.ru_utime + used.ru_stime, used.ru_maxrss / 1000, status]))"""


class Time(NamedTuple):
    """Wall-clock and processor time (s) of one piece of work; of a process also its peak memory (MB)."""

    wall: float
    cpu: float
    megabytes: float | None = None


@dataclass
class Settings:
    """What the rows are measured on."""

    data: Path | None  # folder with the data directories train and dev; None: generated features
    exp: Path | None  # folder of systems of a finished run
    run_opts: list  # options of ./run.sh that made it
    repeats: int
    quick: bool


@dataclass
class Row:
    """A row of the table: what was measured, as a ratio of A and B or as it is; a, b: a Time for each round."""

    name: str
    what: str
    goal: str  # such as "<= 1.5", or "" for none
    a: list
    b: list | None = None
    counts: str = "cpu"  # which field of Time

    def value(self, counts=None, of=median):
        """The ratio of A and B, or A alone; of: function that chooses among the rounds."""
        a, b = (times and of([getattr(one, counts or self.counts) for one in times]) for times in (self.a, self.b))
        return a / b if b else a

    def met(self):
        """Whether the goal is met; None without one."""
        if not self.goal:
            return None
        sign, limit = self.goal.split()[:2]
        return self.value() <= float(limit) if sign == "<=" else self.value() >= float(limit)

    def record(self):
        """The row for JSON."""
        about = {"name": self.name, "what": self.what, "goal": self.goal, "value": self.value(), "met": self.met()}
        times = {"a": [one._asdict() for one in self.a], "b": [one._asdict() for one in self.b or []]}
        return about | {"best": self.value(of=min), "counts": self.counts} | times


def timed(function, *arguments):
    """Call a function; returns the Time it took this process."""
    start = time.perf_counter(), time.process_time()
    function(*arguments)
    return Time(time.perf_counter() - start[0], time.process_time() - start[1])


def alternate(calls, repeats):
    """Make each of `calls` (name -> function that returns a Time) in turn; returns name -> list of `repeats` Times.

    One more round comes first, to warm up. Calls take turns, so that a busy machine slows all of them equally.
    """
    rounds = [[call() for call in calls.values()] for _ in range(repeats + 1)]
    return {name: list(times) for name, times in zip(calls, zip(*rounds[1:], strict=True), strict=True)}


def process(words):
    """Run a command in the recipe's folder, with one thread; returns its Time, of all processes that it started.

    Raises BadInput with the end of what it printed when it fails.
    """
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-S", "-E", "-c", BETWEEN, *map(str, words)]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise BadInput(f"{words[0]}: {done.stderr[-500:]}")
    *used, status = json.loads(done.stdout)
    if status:
        raise BadInput(f"{' '.join(map(str, words))}: ended with status {status}:\n{done.stderr[-2000:]}")
    return Time(*used)


def program(module, *arguments):
    """The words of a command that runs one of the recipe's Python programs."""
    return [sys.executable, "-m", module, *arguments]


def check_output(path):
    """Raise BadInput or OSError before the work unless a file can be written there; makes its folder."""
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{path}: found a folder, expected the name of a file to write")
    path.parent.mkdir(parents=True, exist_ok=True)
    if not os.access(path.parent, os.W_OK):
        raise BadInput(f"{path.parent}: found a folder that cannot be written to; name another one")


def machine():
    """Describe the machine and what runs on it, a dict."""
    cpus = [
        line.partition(":")[2].strip()
        for line in Path("/proc/cpuinfo").read_text().splitlines()
        if "model name" in line
    ]
    packages = {name: version(name) for name in ("numpy", "scipy", "torch")}
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": cpus[0] if cpus else "unknown",
        "cores": len(os.sched_getaffinity(0)),
        "load": list(os.getloadavg()),
        "threads": 1,
        "versions": {"python": sys.version.split()[0], **packages},
    }


def described(machine):
    """The machine in one sentence."""
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    load = ", ".join(f"{one:.1f}" for one in machine["load"])
    return f"{machine['date']}; {machine['processor']}, {machine['cores']} cores, load {load}; one thread; {versions}"
