"""Waits until all tasks of an array have ended, and determines how, from the tasks' status files and the engine."""

import contextlib
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

from cer.base.errors import message_of

from .engine import State, Tasks, Unreachable, first_line, numbers_as_ranges
from .progress import span, tail

PAUSE = (0.1, 2)  # seconds between checks: at first, and after a minute
ASK = 0.5  # minimum seconds between queries of the engine
PERSISTS = 10  # seconds that tasks wait for a reason before it is reported
SOON = 5  # seconds for the engine to notice an end that the task has recorded
HOPELESS = {"stuck": 5, "running": 600}  # seconds after which a task with a problem in this state counts as failed
SETTLED = 1  # seconds after which a status file in flight must have arrived
FOLDER = 600  # seconds to wait for the array's folder if its file system is unavailable
LATE = 20  # seconds that a status file (NFS) or the engine's accounting may be late
STAGES = {"folder": "entering the working directory", "log": "writing its log"}

GONE = State("ended")


class Watch:
    """Watches the tasks of an array until they have ended."""

    def __init__(self, engine, jobs, folder, job, progress):
        """engine: Slurm or GridEngine; jobs: a Jobs; folder: its JobFolder; job: job id; progress: a Progress."""
        self.engine, self.jobs, self.folder, self.job, self.progress = engine, jobs, folder, job, progress
        self.unfinished, self.failures = list(jobs.numbers), {}
        self.tasks = Tasks(engine, job)
        self.states, self.asked, self.took = {}, 0.0, 0.0
        self.away = self.folder_away = None  # times since when the engine and the array's folder are unavailable
        self.running = {}  # number -> time when first seen running
        self.ended = {}  # number -> time when first seen ended without a status of success
        self.words = {}  # number -> the engine's description of its end
        self.since, self.told = {}, set()  # State with a reason -> time when first seen; States already reported
        self.hopeless = {}  # (number, State) -> time when first seen

    def wait(self):
        """Wait for all tasks. Afterwards `failures` maps the number of each failed task to a description.

        Raises OSError if the array's folder is unavailable for more than FOLDER seconds.
        """
        begun = time.monotonic()
        while True:
            self.look()
            if not self.unfinished:
                return
            newest = sorted(self.running, key=self.running.get)[-8:]
            with contextlib.suppress(OSError):  # logs that cannot be read now
                self.progress.show(self.ages(), [self.log(n) for n in newest if self.log(n).is_file()])
            time.sleep(min(max(PAUSE[0], (time.monotonic() - begun) / 30), PAUSE[1]))

    def look(self):
        """Check once, and record all tasks that have ended."""
        if time.monotonic() - self.asked >= max(ASK, self.took):  # do not query a slow engine all the time
            self.ask()
        statuses = self.statuses()  # read after the engine's answer: ended tasks have written theirs
        if statuses is None:
            return
        if any(self.states.get(number, GONE).kind == "waiting" for number in statuses):
            self.ask()  # a quick task, or one that was requeued after its end
        seconds, failed, hopeless = [], defaultdict(list), []
        for number in list(self.unfinished):
            state, status = self.states.get(number, GONE), statuses.get(number)
            words = self.judge(number, state, status)
            if words is None:
                continue
            self.unfinished.remove(number)
            begun = self.running.pop(number, time.monotonic())
            seconds.append(status.seconds if status else time.monotonic() - begun)
            if words:
                self.failures[number] = words
                failed[words].append(number)
                hopeless += [number] if state.kind != "ended" and not status else []
        if hopeless:
            with contextlib.suppress(Unreachable):
                self.engine.cancel(self.job, hopeless)
        for words, numbers in failed.items():
            self.tell_failure(words, numbers)
        self.progress.at_once = max(self.progress.at_once, len(self.running), len(seconds))
        if seconds:
            self.progress.ended(seconds, sum(map(len, failed.values())), self.ages())

    def statuses(self):
        """JobFolder.statuses; None while its file system is unavailable, when nothing is known about the tasks."""
        now = time.monotonic()
        try:
            statuses = self.folder.statuses(self.unfinished)
        except OSError as error:
            if self.folder_away is None:
                self.folder_away = now
                self.progress.say(
                    f"{message_of(error)}; the jobs may well go on: waiting up to {span(FOLDER)} until it is back"
                )
            if now - self.folder_away > FOLDER:
                raise
            return None
        if self.folder_away is not None:
            self.progress.say(f"{self.folder.path} is back after {now - self.folder_away:.0f} s")
            self.folder_away = None
            self.ended.clear()  # tasks that ended meanwhile may still be writing their status
        return statuses

    def ages(self):
        """Seconds since each running task was first seen running."""
        return [time.monotonic() - since for since in self.running.values()]

    def ask(self):
        """Query the engine, and update the states; if the controller does not answer, they stay as they are."""
        begun = time.monotonic()
        try:
            states = self.tasks.poll()
        except Unreachable as error:
            if self.away is None:
                self.away = time.monotonic()
                self.progress.say(f"{error}; the jobs may well go on: waiting until it is back")
        else:
            if self.away is not None:
                self.progress.say(f"{self.engine.controller} is back after {time.monotonic() - self.away:.0f} s")
            self.away = None
            self.tell_changes(states)
            self.states = states
            if any(number not in self.words for number in self.ended):
                with contextlib.suppress(Unreachable):
                    self.words.update(self.engine.explain(self.job, self.said))
        self.asked = time.monotonic()
        self.took = self.asked - begun

    def said(self, number):
        """Return the last messages of the engine and of the task itself."""
        log = self.log(number)
        with contextlib.suppress(OSError):  # a file system that is away
            return "\n".join([self.folder.said(number)[-2000:], *(tail(log, 5) if log.is_file() else [])])
        return ""

    def log(self, number):
        """Return the path of a task's log."""
        return Path(self.jobs.with_number(self.jobs.log, number))

    def judge(self, number, state, status):
        """Return "" if a task succeeded, a description if it failed, None if it goes on or nobody knows yet.

        state: the engine's State of the task; status: the Status that the task left, or None.
        """
        now, away = time.monotonic(), self.away is not None
        if state.kind == "running":
            self.running.setdefault(number, now)
        else:
            self.running.pop(number, None)
        queued_again = state.kind == "waiting" and not away  # such a task repeats all its work, even if it succeeded
        if status and status.code == 0 and not queued_again:
            return ""
        if away and not status:
            return None
        if self.is_hopeless(number, state, now):
            return f"{state.reason}: cancelled"
        if state.kind in ("waiting", "stuck") or (state.kind == "running" and not status):
            self.ended.pop(number, None)
            self.words.pop(number, None)
            return None
        return self.failure(number, status, now - self.ended.setdefault(number, now))

    def is_hopeless(self, number, state, now):
        """Whether a task has had a problem for longer than it may; now: seconds of time.monotonic()."""
        if not state.reason or state.kind not in HOPELESS:
            return False
        return now - self.hopeless.setdefault((number, state), now) > HOPELESS[state.kind]

    def failure(self, number, status, seconds):
        """Describe the end of a task that did not succeed; None while its reason may still arrive.

        status: its Status, or None; seconds: since its end was first seen.
        """
        words = self.words.get(number)  # None: the engine has said nothing yet; "": it has nothing to say
        if status:  # a task being cancelled writes one, too; the engine's answer follows soon
            return describe(status, words) if words is not None or seconds > SOON else None
        if words:
            return words if seconds > SETTLED else None
        if words is None and seconds > SOON and number not in self.folder.started:
            return "left the queue without having started: cancelled?"
        if seconds <= LATE:
            return None
        if words is None:
            return "was lost: it left no status, and the engine knows it no more"
        said = first_line(self.folder.said(number), "is it seen from all machines, is the disk full?")
        return f"ended, but left no status in {self.folder.path}: {said}"

    def tell_failure(self, words, numbers):
        """Print which tasks failed, and where their logs are."""
        if len(self.jobs.numbers) > 1:
            log = self.jobs.with_number(self.jobs.log, numbers[0] if len(numbers) == 1 else "*")
            self.progress.say(f"{self.which(numbers)} {words}; log: {log}")

    def which(self, numbers):
        """Name tasks as on the command line, such as JOB=1-3."""
        return f"{self.jobs.name}={numbers_as_ranges(numbers)}" if self.jobs.name else "the job"

    def tell_changes(self, states):
        """Print which tasks were requeued, and what waiting tasks wait for."""
        again = [n for n in self.running if n in self.unfinished and states.get(n, GONE).kind == "waiting"]
        if again:
            self.running = {number: since for number, since in self.running.items() if number not in again}
            self.progress.say(f"{self.which(again)} is back in the queue: a lost node, preemption, or an operator")
        now, reasons = time.monotonic(), Counter(states[n] for n in self.unfinished if n in states)
        self.hopeless = {key: since for key, since in self.hopeless.items() if states.get(key[0]) == key[1]}
        self.since = {state: self.since.get(state, now) for state in reasons if state.reason}
        for state, since in self.since.items():
            if state not in self.told and (state.kind == "running" or now - since > PERSISTS):
                self.told.add(state)
                self.progress.say(f"{reasons[state]} {state.kind}: {state.reason}")


def describe(status, words):
    """Describe the end of a task with a Status; words: the engine's description, "" or None for nothing."""
    code = f"exit status {status.code}"
    if 128 < status.code < 128 + signal.NSIG:
        with contextlib.suppress(ValueError):
            code = f"{signal.Signals(status.code - 128).name} (exit status {status.code})"
    if words:
        return f"{words}; {code}"
    if status.stage == "command":
        return f"was killed by {code}" if "(" in code else f"ended with {code}"
    return f"ended in {STAGES.get(status.stage, status.stage)}, before its command, with {code}"
