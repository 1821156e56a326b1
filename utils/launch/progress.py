"""Progress output while jobs run: a line when jobs end, and on a terminal a status line every second."""

import contextlib
import os
import re
import sys
import time
import unicodedata
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
        first, self.durations = not self.durations, self.durations + list(seconds)
        self.failed += failed
        if self.total > 1 and not self.quiet:
            if first:  # on a line of its own: both fit a terminal of 80 columns
                self.say(f"log is in {self.logs}")
            self.say(self.summary(ages))

    def summary(self, ages):
        """Return the progress in a few words: what is done first, then the time so far and the time left."""
        done = len(self.durations)
        text = f"{done} of {self.total} done"
        text += f", {self.failed} failed" if self.failed else ""
        text += f", {len(ages)} running" if done < self.total else ""
        text += f", {span(time.monotonic() - self.begun)}"
        left, known = self.seconds_left(ages)
        return text + (f", {'about' if known else 'more than'} {span(left)} left" if left >= 1 else "")

    def seconds_left(self, ages):
        """Estimate the time left from the durations of ended jobs. Returns seconds, and whether they are all of it.

        A running job is taken to last as long as those ended jobs that lasted longer than it has so far. If there is
        none, nothing says how long it will last: the seconds are then those of the other jobs, and not all.
        What is less than the durations differ among themselves is 0: an estimate cannot be that close.
        """
        done, waiting = len(self.durations), self.total - len(self.durations) - len(ages)
        if not 0 < done < self.total:
            return 0, False
        longer = [[seconds - age for seconds in self.durations if seconds > age] for age in ages]
        of_running = [sum(rest) / len(rest) for rest in longer if rest]
        at_least = [*self.durations, *(age for age, rest in zip(ages, longer, strict=True) if not rest)]
        mean = sum(at_least) / len(at_least)
        left = max((sum(of_running) + mean * waiting) / min(self.at_once, self.total - done), *of_running, 0)
        return left if left >= max(self.durations) - min(self.durations) else 0, all(longer)

    def show(self, ages, logs):
        """Redraw the status line: the summary, and what the job with the most recently written log printed last."""
        if not self.live:
            return
        lines = []
        with contextlib.suppress(OSError):  # a job may move its log
            lines = tail(max(logs, key=lambda log: log.stat().st_mtime), 5) if logs else []
        said = [line for line in lines if not line.startswith("# ")][-1:]  # without the command at the top
        text = " | ".join([f"{self.program}: {self.summary(ages)}", *said])
        _write("\r\033[K" + cut(text, (os.get_terminal_size(2).columns or 80) - 1))

    def say(self, text):
        """Print a line on stderr, replacing the status line."""
        self.clear()
        _write(f"{self.program}: {text}\n")

    def report(self, name, failed, ending, lines):
        """Print which jobs failed, and how the first one ended; lines: its last ones, None without a log."""
        what = f"{len(failed)} / {self.total} failed" if self.total > 1 else "job failed"
        self.say(f"{what}, log is in {self.logs}")
        if self.total > 1:
            self.say(f"failed: {name} = {' '.join(map(str, sorted(failed)))}")
        after = "" if lines is None else ", after these lines:" if lines else " and printed nothing"
        self.say(f"{ending}{after}")
        for line in lines or ():
            print(f"  {line}", file=sys.stderr)

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


def cut(text, columns):
    """The start of a text that fills at most so many columns of a terminal, where some characters fill two or none."""
    fitting = ""
    for character in text:
        columns -= 2 if unicodedata.east_asian_width(character) in "WF" else not unicodedata.combining(character)
        if columns < 0:
            break
        fitting += character
    return fitting


def span(seconds):
    """Format a duration in seconds: 95 s, 12 min, 3.5 h."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
