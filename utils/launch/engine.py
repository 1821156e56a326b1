"""What slurm.py and sge.py have in common: how they ask their engine, and the words in which it answers."""

import os
import re
import subprocess
import time
from typing import NamedTuple

FORGOTTEN = 120  # seconds after which an engine is believed that names no task of a job, though nothing confirms it
# Variables that would have the engine's programs leave jobs out, ask back, or wait.
MEDDLING = re.compile("(SQUEUE|SCANCEL)_|SBATCH_(WAIT|ERROR|CLUSTERS)$|SLURM_CLUSTERS$")


class Unreachable(Exception):
    """The engine's controller does not answer: nothing is known, least of all that a task has ended."""


class Unnumbered(Unreachable):
    """The engine has taken a job, as it seems, but did not say its number: it must not be submitted again."""


class Refused(Exception):
    """The engine does not take the job, and will not take it later."""


class State(NamedTuple):
    """Where the engine says that a task is.

    kind: waiting, running, ended, or stuck (it waits for what will never come). reason: of waiting or being stuck; of a
    running task, what is wrong with it.
    """

    kind: str
    reason: str = ""


class Tasks:
    """A job's tasks, as the engine sees them."""

    def __init__(self, engine, job):
        """engine: such as Slurm of slurm.py; job: its number."""
        self.engine, self.job, self.doubted = engine, job, None

    def poll(self):
        """Number of task -> State, as far as the engine knows; Unreachable if it does not answer.

        An answer without any task may be a fault of the moment: it needs to be confirmed, or to stay for a while.
        """
        states, now = self.engine.poll(self.job), time.monotonic()
        if states or self.engine.is_gone(self.job):
            self.doubted = None
            return states
        self.doubted = self.doubted or now
        if now - self.doubted > FORGOTTEN:
            return {}
        raise Unreachable(
            f"{self.engine.controller} names no task of job {self.job} any more, which nothing confirms; it is believed"
            f" after {FORGOTTEN} s"
        )

    def are_live(self):
        """Whether a task waits or runs."""
        return any(state.kind != "ended" for state in self.poll().values())


def ask(*words, timeout=60):
    """Run one of the engine's programs. Returns a CompletedProcess; Unreachable after `timeout` seconds."""
    environment = {name: value for name, value in os.environ.items() if not MEDDLING.match(name)}
    try:
        # In a session of its own: Ctrl-C must not end a submission half-way, nor the cancelling of a job.
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", errors="replace", timeout=timeout,
            start_new_session=True, env=environment,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise Unreachable(f"{words[0]} did not answer within {timeout} s") from None
    except OSError as error:  # perhaps for the moment only: too many processes, a file system that is away
        raise Unreachable(f"{words[0]} cannot be run ({error.strerror})") from None


def too_many(engine, jobs):
    """What to say first of a refused array if the cluster takes fewer jobs; else an empty string."""
    try:
        exceeded = engine.limit(jobs)
    except Unreachable:
        return ""
    if not exceeded:
        return ""
    most, limit = exceeded
    array = f"{len(jobs.numbers)} jobs ({jobs.name}={jobs.numbers[0]}:{jobs.numbers[-1]})"
    return f"{array}, the cluster takes up to {most} ({limit}); --nj {most}; "


def first_line(text, otherwise="no message"):
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), otherwise)


def numbers_of(text):
    """The numbers that an engine writes as ranges: 1-3,7 or 1-3:1 or 1-3%2 (at most two at once)."""
    pairs = re.findall(r"(\d+)(?:-(\d+))?(?:[:%]\d+)?", text)
    return [number for first, last in pairs for number in range(int(first), int(last or first) + 1)]


def numbers_as_ranges(numbers):
    """Numbers as people and engines write them: 1-3,7."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in parts)
