#!/usr/bin/env python3
"""Runs jobs on this machine. Same command line, logs and exit statuses as Kaldi's run.pl."""

import quiet_start  # noqa: F401

# isort: split
import os
import signal
import sys
import time
from pathlib import Path

from launch.guard import Guard
from launch.jobs import BadCommandLine, Jobs, open_streams, processors, show
from launch.owner import Owner
from launch.progress import Progress, tail
from launch.task import Task

from cer.base.errors import message_of

USAGE = """\
Usage: run.py [options] [JOB=1:N] <log-file> <command> [<argument> ...]
e.g.: run.py JOB=1:4 exp/log/count.JOB.log wc -l data/part.JOB.txt
      run.py exp/log/sort.log sort names.txt \\| uniq \\> exp/names.txt
Runs the command in bash and writes its output to the log. With a range, each job's number replaces JOB (or any other
name) everywhere in the command and in the log's name.
Options:
  --max-jobs-run N, -tc N   at most N jobs at a time (default: the number of processors)
  --gpu N                   N GPUs per job, by CUDA_VISIBLE_DEVICES; jobs wait for free GPUs
  --num-threads N           only written to the log
  --quiet                   print nothing while jobs run, except failures
Other options with one argument (--mem 4G) are for clusters, and are ignored.
Exit status: 0 all jobs succeeded, 1 a job failed, 2 interrupted, 255 wrong command line."""

GRACE = 3  # seconds between SIGTERM and SIGKILL
PATIENCE = 10  # seconds in total to wait for log folders that are temporarily unavailable (NFS)


class Runner:
    """Runs the jobs of an array, a limited number at a time."""

    def __init__(self, jobs, at_once, cards=(), cards_each=0):
        """jobs: a Jobs; at_once: maximum running; cards: GPU names for CUDA_VISIBLE_DEVICES; cards_each: per job."""
        self.jobs, self.at_once, self.cards, self.cards_each = jobs, at_once, list(cards), cards_each
        self.threads = ([1, *jobs.integers("--num-threads")])[-1]
        self.waiting, self.running, self.failures = list(jobs.numbers), {}, {}
        self.stopped, self.stopped_at = 0, 0.0
        self.patience = PATIENCE
        self.owner, self.guard = Owner(), Guard(GRACE)
        quiet = "--quiet" in jobs.options
        self.progress = Progress("run.py", len(jobs.numbers), at_once, jobs.all_logs(), quiet)

    def run(self):
        """Run all jobs, and return the exit status."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) != signal.SIG_IGN:  # ignored under nohup, or behind `&` in a script
                signal.signal(number, self.stop)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)  # if it stays ignored, the exit statuses of jobs are lost
        signal.signal(signal.SIGALRM, self.tick)
        signal.setitimer(signal.ITIMER_REAL, 1, 1)
        self.tick()
        killed = self.run_all()
        signal.setitimer(signal.ITIMER_REAL, 0)
        self.progress.clear()
        end_leftovers(killed)
        self.guard.end()
        if self.stopped:
            what = "Ctrl-C" if self.stopped == signal.SIGINT else f"signal {self.stopped}"
            self.progress.say(f"stopped by {what}, log is in {self.jobs.all_logs()}")
            return 2
        return self.report()

    def run_all(self):
        """Start jobs and wait for them until none is left. Returns those that ended because run.py was stopped.

        A log that cannot be written raises OSError; the guard ends the running jobs then.
        """
        killed = []
        self.start_waiting()
        while self.running:
            task = self.reap()
            self.start_waiting()
            if self.stopped:
                killed.append(task)
            else:
                self.progress.ended([task.age()], task.number in self.failures, self.ages())
        return killed

    def start_waiting(self):
        """Start waiting jobs, as many as may run."""
        while self.waiting and not self.stopped and len(self.running) < self.at_once:
            self.start(self.waiting.pop(0))

    def start(self, number):
        """Start the job of this number."""
        log = Path(self.jobs.with_number(self.jobs.log, number))
        cards, self.cards = self.cards[: self.cards_each], self.cards[self.cards_each :]
        task = Task(number, log, self.jobs.with_number(self.jobs.command, number), cards)
        self.running[task.pid] = task
        self.guard.begun(task.pid)
        if self.stopped:  # by a signal that arrived before the job was registered
            task.kill(signal.SIGTERM)

    def reap(self):
        """Wait until a job ends; returns it."""
        pid = 0
        while pid not in self.running:  # a shell that replaced itself by run.py (exec) may have had children
            pid, status = os.waitpid(-1, 0)
        task = self.running.pop(pid)
        self.cards += task.cards
        status = os.waitstatus_to_exitcode(status)
        self.guard.ended(task.pid)
        code, complete = self.finish(task, status)
        if status or not complete:
            self.failures[task.number] = (task, code)
        return task

    def finish(self, task, status):
        """Write the end of a job's log. Returns a description of how it ended, and whether the log is complete."""
        while True:
            try:
                return task.finish(status, self.threads, self.stopped), True
            except OSError as error:
                if self.patience <= 0 or self.stopped:
                    return f"status {status}, but the end of its log cannot be written ({error.strerror})", False
            self.patience -= 0.2
            time.sleep(0.2)

    def ages(self):
        """Seconds since the start of each running job."""
        return [task.age() for task in self.running.values()]

    def tick(self, *_):
        """Called every second: redraw the status line; after GRACE, kill jobs that ignore SIGTERM."""
        if self.stopped and time.monotonic() - self.stopped_at > GRACE:
            self.kill(signal.SIGKILL)
        if not self.stopped and self.owner.is_gone():
            self.progress.say(f"{self.owner.words}: ending the jobs")
            self.stop(signal.SIGTERM, None)
        self.progress.show(self.ages(), [task.log for task in self.running.values()])

    def stop(self, number, _):
        """Signal handler (Ctrl-C etc.): end the jobs; at the second signal, kill them."""
        self.kill(signal.SIGKILL if self.stopped else signal.SIGTERM)
        if not self.stopped:
            self.stopped, self.stopped_at = number, time.monotonic()

    def kill(self, number):
        """Send a signal to all running jobs."""
        for task in list(self.running.values()):
            task.kill(number)

    def report(self):
        """Print which jobs failed, and the end of the first one's log. Returns the exit status."""
        if not self.failures:
            return 0
        task, code = self.failures[min(self.failures)]
        lines = tail(task.log, 5) if task.log.is_file() else []
        self.progress.report(self.jobs.name, self.failures, f"{task.log} ended with {code}", lines)
        return 1


def end_leftovers(tasks):
    """Kill remaining processes of ended jobs, such as parts of a pipe that outlive the job's bash."""
    deadline = time.monotonic() + GRACE
    while any(task.kill(0) for task in tasks) and time.monotonic() < deadline:
        time.sleep(0.1)
    for task in tasks:
        task.kill(signal.SIGKILL)


def jobs_at_once(jobs):
    """Return how many jobs run at a time, the names of the GPUs to share, and the number of GPUs per job."""
    limits = jobs.integers("--max-jobs-run")
    if jobs.options.get("--gpu", ["0"])[-1] != "0":
        each, cards = jobs.integers("--gpu")[-1], gpus()
        if len(cards) < each:
            raise BadCommandLine(
                f"--gpu {each}: found {len(cards)} GPUs here (CUDA_VISIBLE_DEVICES, or else nvidia-smi -L, names them);"
                " expected as many, or --gpu 0",
                1,
            )
        return min([*limits, len(cards) // each]), cards, each
    if limits:
        return min(limits), [], 0
    most = processors()
    # Slightly more jobs than processors finish sooner together than in two rounds, the second nearly empty.
    return max(most, len(jobs.numbers)) if len(jobs.numbers) < 1.4 * most else most, [], 0


def gpus():
    """List the names of this machine's GPUs: those in CUDA_VISIBLE_DEVICES, or all that nvidia-smi lists."""
    import subprocess  # not at the top: it takes as long to import as everything else

    if (allowed := os.environ.get("CUDA_VISIBLE_DEVICES")) is not None:
        names = allowed.split(",")
        end = next((n for n, name in enumerate(names) if name.strip() in ("", "-1", "NoDevFiles")), len(names))
        return [name.strip() for name in names[:end]]  # like CUDA, which stops at the first invalid name
    try:
        listed = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return []
    return [str(number) for number in range(sum(line.startswith("GPU ") for line in listed.splitlines()))]


def main(argv):
    """Run the program; returns the exit status."""
    if argv[:1] in (["-h"], ["--help"]):
        return show(USAGE)
    open_streams()
    try:
        jobs = Jobs(argv)
        jobs.warn_of_options("run.py")
        return Runner(jobs, *jobs_at_once(jobs)).run()
    except BadCommandLine as error:
        print(f"run.py: {error}; see run.py --help", file=sys.stderr)
        return error.status
    except OSError as error:
        expected = "expected a log file that can be written, and bash in PATH"
        print(f"run.py: {message_of(error)}; {expected}", file=sys.stderr)
        return 1
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
