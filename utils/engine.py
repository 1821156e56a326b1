"""What slurm.py and sge.py have in common: how they ask their engine, and the words in which it answers."""

import re
import subprocess
from typing import NamedTuple


class Unreachable(Exception):
    """The engine's controller does not answer: nothing is known, least of all that a task has ended."""


class Refused(Exception):
    """The engine does not take the job, and will not take it later."""


class State(NamedTuple):
    """Where the engine says that a task is.

    kind: waiting, running, ended, or stuck (it waits for what will never come). reason: of waiting or being stuck; of a
    running task, what is wrong with it.
    """

    kind: str
    reason: str = ""


def ask(*words, timeout=60):
    """Run one of the engine's programs. Returns a CompletedProcess; Unreachable after `timeout` seconds."""
    try:
        # In a session of its own: Ctrl-C must not end a submission half-way, nor the cancelling of a job.
        return subprocess.run(
            words, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout, start_new_session=True
        )
    except subprocess.TimeoutExpired:
        raise Unreachable(f"{words[0]} did not answer within {timeout} s") from None
    except OSError as error:
        raise Refused(f"{words[0]} cannot be run ({error.strerror}); expected the engine's programs in PATH") from None


def first_line(text):
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no message")


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
