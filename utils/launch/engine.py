"""Shared by slurm.py and sge.py: calls of the engine's programs, and types for its answers."""

import contextlib
import os
import re
import shlex
import signal
import subprocess
import time
from typing import NamedTuple

FORGOTTEN = 120  # seconds after which a job without listed tasks counts as ended, even if nothing confirms it
# Environment variables that would make the engine's programs leave jobs out, prompt, or wait.
MEDDLING = re.compile("(SQUEUE|SCANCEL)_|SBATCH_(WAIT|ERROR|CLUSTERS)$|SLURM_CLUSTERS$")


class Unreachable(Exception):
    """The engine's controller does not answer, so the state of all tasks is unknown."""


class Unreadable(Unreachable):
    """The engine's program ended well, but what it printed is no answer of the engine's, such as a web page."""


class Unnumbered(Unreachable):
    """The engine may have accepted a job, but gave no job id, or not in time: it must not be submitted again."""


class Refused(Exception):
    """The engine rejects the job, and would reject it later, too."""


class State(NamedTuple):
    """The state of a task according to the engine.

    kind: waiting, running, ended, or stuck (it can never start). reason: why it waits or is stuck; for a running task,
    its problem, if any.
    """

    kind: str
    reason: str = ""


class Tasks:
    """A job's tasks, according to the engine."""

    def __init__(self, engine, job):
        """engine: such as Slurm of slurm.py; job: its number."""
        self.engine, self.job, self.doubted = engine, job, None

    def poll(self):
        """Return the states that the engine knows: task number -> State. Raises Unreachable if it does not answer.

        An answer without tasks may be a temporary error: it counts only if it is confirmed, or lasts for FORGOTTEN s.
        What is no answer counts only if it is confirmed.
        """
        try:
            states, now = self.engine.poll(self.job), time.monotonic()
        except Unreadable:
            if self.engine.is_gone(self.job):
                return {}
            raise
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


def ask(*words, timeout=60, late=Unreachable):
    """Run one of the engine's programs; returns a CompletedProcess. Raises Unreachable if it cannot be run.

    Raises `late` after `timeout` seconds, and ends the program with all that it started: it may be a site's script.
    """
    environment = {name: value for name, value in os.environ.items() if not MEDDLING.match(name)}
    try:
        # In a new session, so that Ctrl-C cannot interrupt a submission or a cancellation.
        process = subprocess.Popen(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
            errors="replace", start_new_session=True, env=environment,
        )  # fmt: skip
    except OSError as error:  # perhaps temporary: too many processes, a file system that is unavailable
        raise Unreachable(f"{words[0]} cannot be run ({error.strerror})") from None
    with process:
        try:
            output, errors = process.communicate(timeout=timeout)
        except BaseException as error:  # a signal's, too
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            if isinstance(error, subprocess.TimeoutExpired):
                raise late(f"{words[0]} did not answer within {timeout} s") from None
            raise
    return subprocess.CompletedProcess(words, process.returncode, output, errors)


def complaint(done):
    """Return what a program of the engine says about its failure, for messages; done: its CompletedProcess."""
    return f"{done.args[0]} says: {first_line(done.stderr or done.stdout)}"


def job_id(done, away):
    """Return the job id that sbatch or qsub printed: 5, 5;cluster or 5.1-4:1 alone in a line; done: CompletedProcess.

    away: pattern of messages that mean that the controller does not answer. Raises Unreachable, Unnumbered or Refused.
    """
    if match := re.search(r"^(\d+)([;.]\S*)?$", done.stdout, re.M):
        return match[1]
    if away.search(done.stderr + done.stdout):
        raise Unreachable(complaint(done))
    if done.returncode == 0:
        raise Unnumbered(f"{done.args[0]} gave no number of a job")
    raise Refused(f"{complaint(done)}; was asked: {shlex.join(done.args)}")


def too_many(engine, jobs):
    """Return the start of the message if an array was refused because of the cluster's limit; else an empty string."""
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
    """Return the first line that is not empty."""
    return next((line.strip() for line in text.splitlines() if line.strip()), otherwise)


def numbers_of(text):
    """Parse an engine's ranges of numbers: 1-3,7 or 1-3:1 or 1-3%2 (at most two at a time)."""
    pairs = re.findall(r"(\d+)(?:-(\d+))?(?:[:%]\d+)?", text)
    return [number for first, last in pairs for number in range(int(first), int(last or first) + 1)]


def numbers_as_ranges(numbers):
    """Format numbers as ranges: 1-3,7."""
    parts = []
    for number in sorted(numbers):
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return ",".join(f"{first}-{last}" if last > first else f"{first}" for first, last in parts)
