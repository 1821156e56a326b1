"""Progress output while jobs run: a line when jobs end, and on a terminal a status line every second."""

import contextlib
import os
import re
import time
from pathlib import Path

ENDING = (
    "# Accounting:",
    "# Ended (",
    "# Stopped ",
    "# Finished at ",
)  # below the job's own output


class Progress:
    """Progress of an array of jobs: numbers of total, done, failed and running jobs; time so far and time left."""

    def __init__(self, program, total, at_once, logs, quiet=False):
        """program: name in front of each line; at_once: jobs at a time; logs: pattern of the logs, for messages.

        quiet: print only what say() gets.
        """
        self.program, self.total, self.at_once, self.logs = program, total, at_once, logs
        self.durations, self.failed = [], 0
        self.begun = time.monotonic()
        self.quiet, self.live = quiet, os.isatty(2) and not quiet

    def ended(self, seconds, failed, ages):
        """Count ended jobs; seconds: durations; failed: how many failed; ages: seconds since running jobs' starts."""
        self.durations += seconds
        self.failed += failed
        if self.total > 1 and not self.quiet:
            self.say(f"{self.summary(ages)}; log: {self.logs}")

    def summary(self, ages):
        """Return the progress in one line."""
        done = len(self.durations)
        text = f"{done} of {self.total} done ({self.failed} failed)"
        if done < self.total:
            text += f", {len(ages)} running, {self.total - done - len(ages)} waiting"
        left = self.seconds_left(ages)
        text += f", {span(time.monotonic() - self.begun)} so far"
        return text + (f", about {span(left)} left" if left >= 1 else "")

    def seconds_left(self, ages):
        """Estimate the time left from the mean duration of ended jobs; 0 before any ended."""
        done = len(self.durations)
        if not 0 < done < self.total:
            return 0
        mean = sum(self.durations) / done
        of_running = [max(mean - age, 0) for age in ages]
        of_waiting = mean * (self.total - done - len(ages))
        return max((sum(of_running) + of_waiting) / min(self.at_once, self.total - done), *of_running, 0)

    def show(self, ages, logs):
        """Redraw the status line: the summary, and the last line of the most recently written log."""
        if not self.live:
            return
        line = ""
        with contextlib.suppress(OSError):  # a job may move its log
            line = "".join(tail(max(logs, key=lambda log: log.stat().st_mtime), 1)) if logs else ""
        text = f"{self.program}: {self.summary(ages)}{' | ' if line else ''}{line}"
        _write("\r\033[K" + text[: (os.get_terminal_size(2).columns or 80) - 1])

    def say(self, text):
        """Print a line on stderr, replacing the status line."""
        self.clear()
        _write(f"{self.program}: {text}\n")

    def clear(self):
        """Erase the status line."""
        if self.live:
            _write("\r\033[K")


def _write(text):
    # Without Python's buffers: a signal handler draws the status line, and may interrupt another print.
    with contextlib.suppress(OSError):  # the terminal was closed
        os.write(2, text.encode(errors="replace"))


def tail(log, count):
    """Return the last lines that the job itself printed; of an overwritten line (progress bar) its last state."""
    with Path(log).open("rb") as file:
        file.seek(max(file.seek(0, os.SEEK_END) - 8192, 0))
        text = file.read().decode(errors="replace")
    lines = [re.sub(r"[^\t -~\u00a0-\uffff]", "", line.rstrip("\r").rpartition("\r")[2]) for line in text.split("\n")]
    own = [line for line in lines if line.strip(" #") and not line.startswith(ENDING)]
    for number, line in enumerate(own):
        if line.startswith("# Started at "):  # header of a short log: the command and this line, in either order
            head = number + (2 if number and own[number - 1].startswith("# Running on ") else 1)
            return own[head:][-count:]
    return own[-count:]


def span(seconds):
    """Format a duration in seconds: 95 s, 12 min, 3.5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
