"""Waits until every task of an array has ended, and finds out how: from the tasks' status files and the engine."""

import contextlib
import signal
import time
from collections import Counter, defaultdict
from pathlib import Path

from .engine import State, Tasks, Unreachable, first_line, numbers_as_ranges
from .progress import span, tail

PAUSE = (0.1, 2)  # seconds between two looks: the first ones and, a minute later, all others
ASK = 0.5  # seconds between two questions to the engine, at least
PERSISTS = 10  # seconds after which the reason for which tasks wait is told
SOON = 5  # seconds in which the engine should notice an end that the task has written down
HOPELESS = {"stuck": 5, "running": 600}  # seconds after which what the engine says of a task makes us give it up
SETTLED = 1  # seconds after which a status that was on its way must have come
FOLDER = 600  # seconds for which we wait for the folder of the array, if its file system is away
LATE = 20  # seconds that a status file (NFS) or the engine's accounting may come after the end
STAGES = {"folder": "entering the working directory", "log": "writing its log"}

GONE = State("ended")


class Watch:
    """The tasks of an array while they wait and run."""

    def __init__(self, engine, jobs, folder, job, progress):
        """engine: such as Slurm of slurm.py; jobs: a Jobs; folder: its JobFolder; job: its number in the engine."""
        self.engine, self.jobs, self.folder, self.job, self.progress = engine, jobs, folder, job, progress
        self.unfinished, self.failures = list(jobs.numbers), {}
        self.tasks = Tasks(engine, job)
        self.states, self.asked, self.took = {}, 0.0, 0.0
        self.away = self.folder_away = None  # since when the engine, the array's folder do not answer
        self.running = {}  # number -> when it was first seen so
        self.ended = {}  # number -> when it was first seen to have ended without good news
        self.words = {}  # number -> what the engine says about its end
        self.since, self.told = {}, set()  # State with a reason -> when it was first seen; those that were told
        self.hopeless = {}  # number and State -> when it was first seen

    def wait(self):
        """Wait for all tasks. Afterwards `failures` has number -> what happened, of those that failed.

        Raises OSError if the array's folder is away for too long.
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
        """Ask once, and take note of all tasks that ended."""
        if time.monotonic() - self.asked >= max(ASK, self.took):  # a slow engine is not asked all the time
            self.ask()
        statuses = self.statuses()  # after the engine's word: what ended has written it
        if statuses is None:
            return
        if any(self.states.get(number, GONE).kind == "waiting" for number in statuses):
            self.ask()  # a quick task, or one that was queued again after it had ended
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
        """As JobFolder.statuses; None while its file system is away, which tells nothing about the tasks."""
        now = time.monotonic()
        try:
            statuses = self.folder.statuses(self.unfinished)
        except OSError as error:
            if self.folder_away is None:
                self.folder_away = now
                self.progress.say(f"{error}; the jobs may well go on: waiting up to {span(FOLDER)} until it is back")
            if now - self.folder_away > FOLDER:
                raise
            return None
        if self.folder_away is not None:
            self.progress.say(f"{self.folder.path} is back after {now - self.folder_away:.0f} s")
            self.folder_away = None
            self.ended.clear()  # what ended meanwhile may still be writing how
        return statuses

    def ages(self):
        """Seconds since each running task was first seen running."""
        return [time.monotonic() - since for since in self.running.values()]

    def ask(self):
        """What the engine says now; a controller that does not answer tells nothing about the tasks."""
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
        """The last that the engine and the task itself had to say."""
        log = self.log(number)
        with contextlib.suppress(OSError):  # a file system that is away
            return "\n".join([self.folder.said(number)[-2000:], *(tail(log, 5) if log.is_file() else [])])
        return ""

    def log(self, number):
        """The path of a task's log."""
        return Path(self.jobs.with_number(self.jobs.log, number))

    def judge(self, number, state, status):
        """An empty string if the task ended well, words if it failed, None if it goes on. status: a Status or None."""
        now = time.monotonic()
        if status and status.code == 0 and (state.kind != "waiting" or self.away is not None):
            return ""  # but one that waits again will do all its work again
        if state.kind == "running":
            self.running.setdefault(number, now)
        else:
            self.running.pop(number, None)
        if self.away is not None and not status:
            return None
        if state.reason and state.kind in HOPELESS:
            since = self.hopeless.setdefault((number, state), now)
            if now - since > HOPELESS[state.kind]:
                return f"{state.reason}: cancelled"
        if state.kind in ("waiting", "stuck") or (state.kind == "running" and not status):
            self.ended.pop(number, None)
            self.words.pop(number, None)
            return None
        late = now - self.ended.setdefault(number, now)
        words = self.words.get(number)
        if status:  # a task that is being cancelled leaves one, too: the engine knows better, in a moment
            return describe(status, words) if words is not None or late > SOON else None
        if words:
            return words if late > SETTLED else None
        if words is None and late > SOON and number not in self.folder.started:
            return "left the queue without having started: cancelled?"
        if late <= LATE:
            return None
        if words is None:
            return "was lost: it left no status, and the engine knows it no more"
        said = first_line(self.folder.said(number), "is it seen from all machines, is the disk full?")
        return f"ended, but left no status in {self.folder.path}: {said}"

    def tell_failure(self, words, numbers):
        """Say at once which tasks failed, and where their logs are."""
        if len(self.jobs.numbers) > 1:
            log = self.jobs.with_number(self.jobs.log, numbers[0] if len(numbers) == 1 else "*")
            self.progress.say(f"{self.which(numbers)} {words}; log: {log}")

    def which(self, numbers):
        """Tasks by the name that they have on the command line."""
        return f"{self.jobs.name}={numbers_as_ranges(numbers)}" if self.jobs.name else "the job"

    def tell_changes(self, states):
        """Say what a person should know before anything ended: what was queued again, and what is waited for."""
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
    """What to say of a task that left a status. words: what the engine adds, "" or None for nothing."""
    code = f"exit status {status.code}"
    if 128 < status.code < 128 + signal.NSIG:
        with contextlib.suppress(ValueError):
            code = f"{signal.Signals(status.code - 128).name} (exit status {status.code})"
    if words:
        return f"{words}; {code}"
    if status.stage == "command":
        return f"was killed by {code}" if "(" in code else f"ended with {code}"
    return f"ended in {STAGES.get(status.stage, status.stage)}, before its command, with {code}"
