"""The core of slurm.py and sge.py: submits an array of jobs to the engine, waits, and reports the result."""

import contextlib
import math
import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from cer.base.errors import message_of

from .engine import Refused, Tasks, Unnumbered, Unreachable, too_many
from .job_folder import folders, working_directory
from .job_script import job_script
from .jobs import BadCommandLine, Jobs, open_streams, show
from .launcher_config import engine_words
from .owner import Owner
from .progress import Progress, span, tail
from .watch import Watch

TRY_TO_SUBMIT = 120  # seconds of retries to submit while the controller does not answer
TRY_TO_RECORD = 60  # seconds of retries to record the job id while the logs' file system is unavailable
TRY_TO_CANCEL = 10  # seconds to wait for cancelled tasks to end


class Interrupted(BaseException):  # no handler of errors may take it for one
    """A signal asks the launcher to end; argument: the signal number."""


class Launcher:
    """One array of jobs, from its submission to the report of its result."""

    def __init__(self, engine, jobs, words):
        """engine: Slurm of slurm.py or GridEngine of sge.py; jobs: a Jobs; words: submit command with its options."""
        directory = working_directory()
        self.engine, self.jobs = engine, jobs
        self.folder, self.others = folders(jobs, directory)
        self.submission = engine.submission(words, jobs, self.folder)
        self.script = job_script(jobs, engine, self.submission, self.folder, directory)
        self.progress = Progress(engine.program, len(jobs.numbers), 1, jobs.all_logs())
        self.job, self.signalled, self.interruptible, self.cancelling = "", 0, True, False
        self.unknown = "nothing was submitted"  # what is said while there is no job id

    def run(self):
        """Run all jobs; returns the exit status."""
        try:
            self.hear_signals()
            return self.run_to_the_end()
        except Interrupted:
            return self.stop(f"stopped by signal {self.signalled}")

    def hear_signals(self):
        """Interrupt the work at a signal, and at the end of the calling script."""
        self.owner = Owner()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # ignored under nohup, or behind `&` in a script
                signal.signal(number, self.interrupt)
        signal.signal(signal.SIGALRM, self.look_for_owner)
        signal.setitimer(signal.ITIMER_REAL, 0.01, 1)

    def run_to_the_end(self):
        """Take over or submit the array, wait for it, and report its result; returns the exit status."""
        try:
            if not self.take_over():
                self.submit()
            watch = Watch(self.engine, self.jobs, self.folder, self.job, self.progress)
            watch.wait()
            self.interruptible = False
        except Exception as error:  # after any error, the array must not continue without a launcher
            self.interruptible = False
            if not self.job:
                raise
            self.stop(f"gave up: {message_of(error)}")
            return 1
        self.progress.clear()
        status = self.report(watch.failures)
        self.forget()
        return status

    def look_for_owner(self, *_):
        """Called every second: if the calling script has ended, end as after a signal."""
        if not self.signalled and self.owner.is_gone():
            self.progress.say(f"{self.owner.words}: ending")
            self.interrupt(signal.SIGTERM, None)

    def interrupt(self, number, _):
        """Signal handler (Ctrl-C etc.): interrupt all work, except a submission until its job id is known."""
        if self.cancelling:  # a second time
            subprocess.Popen(self.engine.cancelling(self.job), start_new_session=True)
            os._exit(2)
        self.signalled = self.signalled or number
        if self.interruptible:
            self.interruptible = False
            raise Interrupted

    def take_over(self):
        """Look for an array that a killed launcher left: take it over if it is the same, cancel it if it differs.

        Returns whether there is an array to wait for.
        """
        for folder in (self.folder, *self.others):
            folder.lock()
            name, job = folder.recorded()
            if name and not job:  # the launcher was killed while it submitted
                job = self.patiently(self.engine.find, name)
            if job and self.patiently(Tasks(self.engine, job).are_live):
                if folder.is_same(self.script):
                    self.job = job
                    folder.record(name, job)
                    self.progress.say(f"job {job} of an earlier call is the same and still there: waiting for it")
                    return True
                self.progress.say(f"job {job} of an earlier, different call still writes these logs: cancelling it")
                if not self.cancel(job, 6 * TRY_TO_CANCEL):
                    raise Refused(f"job {job} does not end; nothing was submitted beside it")
            folder.forget()
        return False

    def patiently(self, do, *arguments, fault=Unreachable, seconds=math.inf, meanwhile="an earlier job may still run"):
        """Call `do` again while it raises `fault`, for at most `seconds`; meanwhile: text for the first message."""
        deadline, told = time.monotonic() + seconds, False
        while True:
            try:
                return do(*arguments)
            except fault as error:
                if time.monotonic() > deadline:
                    raise
                if not told:
                    self.progress.say(f"{message_of(error)}; {meanwhile}: waiting")
                told = True
            time.sleep(1)

    def submit(self):
        """Submit the array; stores the job id in self.job and in the folder."""
        if not shutil.which(self.submission[0]):
            raise Refused(f"found no program {self.submission[0]}, expected the engine's programs in PATH")
        for number in self.jobs.numbers:
            Path(self.jobs.with_number(self.jobs.log, number)).parent.mkdir(parents=True, exist_ok=True)
        self.folder.prepare(self.script)
        name = self.folder.new_name()
        self.folder.record(name)
        self.interruptible = False
        self.job = self.try_to_submit(name)
        self.interruptible = True
        if self.signalled:  # by a signal that arrived before the job id was known
            raise Interrupted  # without a job, the record stays: the next call asks the engine whether there is one
        meanwhile = f"noting job {self.job} there for {span(TRY_TO_RECORD)}"
        self.patiently(self.folder.record, name, self.job, fault=OSError, seconds=TRY_TO_RECORD, meanwhile=meanwhile)

    def try_to_submit(self, name):
        """Return the job id; "" if a signal arrived and no job is known. Raises Refused."""
        begun, tried, doubt = time.monotonic(), 0, None  # doubt: the error after which the job may exist
        words = [*self.submission[:-1], self.engine.naming, name, self.submission[-1]]
        while True:
            try:
                # After an apparent failure the job may exist: the answer may be lost.
                if number := tried and self.engine.find(name):
                    return number
                if doubt:
                    raise doubt
                return self.engine.submit(words)
            except Refused as error:
                self.forget()  # nothing runs, which the next call need not ask an engine that may be out of reach
                raise Refused(too_many(self.engine, self.jobs) + str(error)) from None
            except Unreachable as error:
                new = isinstance(error, Unnumbered) and not doubt
                if new:
                    begun, doubt, self.unknown = time.monotonic(), error, f"it may run under the name {name}"
                elif self.signalled:
                    return ""
                elif time.monotonic() - begun > TRY_TO_SUBMIT:
                    raise Refused(f"{error}; gave up after {TRY_TO_SUBMIT} s, {self.unknown}") from None
                if new or not tried:
                    what = "looking for the job" if doubt else "trying to submit"
                    self.progress.say(f"{error}; {what} for {TRY_TO_SUBMIT} s")
            tried += 1
            time.sleep(2)

    def forget(self):
        """Remove the record that the array may still run."""
        try:
            self.folder.forget()
        except OSError as error:  # the next call finds it, and asks the engine
            self.progress.say(f"WARNING: {message_of(error)}; the array's end could not be noted there")

    def stop(self, why):
        """Cancel the array, and print why. Returns the exit status for a signal."""
        self.progress.clear()
        self.cancelling = bool(self.job)
        if not self.job:  # a record in the folder is an earlier launcher's, and stays
            what = self.unknown
        elif self.cancel(self.job, TRY_TO_CANCEL):
            what = f"job {self.job} was cancelled"
            self.forget()
        else:
            what = f"job {self.job} may still run ({shlex.join(self.engine.cancelling(self.job))} ends it)"
        self.progress.say(f"{why}, {what}, log is in {self.jobs.all_logs()}")
        return 2

    def cancel(self, job, seconds):
        """Cancel a job. Returns whether the engine confirmed within `seconds` that no task of it is left."""
        deadline, sent, tasks = time.monotonic() + seconds, False, Tasks(self.engine, job)
        while time.monotonic() < deadline:
            with contextlib.suppress(Unreachable):
                sent = sent or self.engine.cancel(job)
                if sent and not tasks.are_live():
                    return True
            time.sleep(0.3)
        return False

    def report(self, failures):
        """Print which jobs failed, and why the first one did; failures: number -> text. Returns the exit status."""
        if not failures:
            return 0
        first = min(failures)
        log = Path(self.jobs.with_number(self.jobs.log, first))
        own = first in self.folder.started and log.is_file()  # otherwise a log is of an earlier call
        self.progress.report(self.jobs.name, failures, f"{log} {failures[first]}", tail(log, 5) if own else None)
        return 1


def main(engine, usage, argv):
    """Run the program; returns the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        return show(usage)
    open_streams()
    try:
        jobs = Jobs(argv)
        jobs.warn_of_options(engine.program)
        return Launcher(engine, jobs, engine_words(jobs, engine)).run()
    except BadCommandLine as error:
        print(f"{engine.program}: {error}; see {engine.program} --help", file=sys.stderr)
        return error.status
    except (Refused, OSError) as error:
        cure = "" if isinstance(error, Refused) else "; expected a log file that can be written"
        print(f"{engine.program}: {message_of(error)}{cure}", file=sys.stderr)
        return 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
