#!/usr/bin/env python3
"""Runs jobs on a Slurm cluster. Same command line as Kaldi's slurm.pl; reports problems within seconds."""

import quiet_start  # noqa: F401

# isort: split
import re
import sys

from launch.engine import (
    State,
    Unnumbered,
    Unreachable,
    Unreadable,
    ask,
    complaint,
    first_line,
    job_id,
    numbers_as_ranges,
    numbers_of,
)
from launch.engine_options import SBATCH
from launch.launcher import main

USAGE = """\
Usage: slurm.py [options] [JOB=1:N] <log-file> <command> [<argument> ...]
e.g.: slurm.py --mem 4G JOB=1:4 exp/log/count.JOB.log wc -l data/part.JOB.txt
      slurm.py --gpu 1 --time 8:00:00 exp/log/train.log train.sh
Submits an array of jobs and waits for its end. Writes the output of the command to the log. With a range, each job's
number replaces JOB (or any other name) everywhere in the command and in the log's name.
Options:
  --config FILE             translates the options below to sbatch's (default: conf/slurm.conf, or a built-in one)
  --mem 4G                  memory per processor
  --num-threads N           processors per job
  --gpu N                   GPUs per job
  --time 4:00:00            time limit per job
  --max-jobs-run N, -tc N   at most N jobs at a time
Exit status: 0 all jobs succeeded, 1 a job failed, 2 interrupted and jobs cancelled, 255 wrong command line."""

DEFAULT = """\
command sbatch --export=ALL
option mem=* --mem-per-cpu $0
option mem=0
option num_threads=* --cpus-per-task $0
option time=* --time $0
default gpu=0
option gpu=0
option gpu=* --gres=gpu:$0"""

WAITING = "PENDING CONFIGURING REQUEUED REQUEUE_FED REQUEUE_HOLD RESV_DEL_HOLD SPECIAL_EXIT SUSPENDED STOPPED".split()
ENDED = {
    "COMPLETED": "",
    "FAILED": "",
    "CANCELLED": "was cancelled",
    "TIMEOUT": "reached its time limit",
    "DEADLINE": "reached its deadline",
    "OUT_OF_MEMORY": "ran out of memory",
    "NODE_FAIL": "lost its node, and was not queued again",
    "BOOT_FAIL": "had a node that did not boot",
    "PREEMPTED": "was preempted by another job, and not queued again",
    "REVOKED": "was revoked",
}
# Reasons of waiting tasks that can never start.
NEVER = re.compile(
    "Partition(Config|NodeLimit|TimeLimit)|BadConstraints|DependencyNeverSatisfied|InvalidAccount|InvalidQOS|AccountNot"
    r"Allowed|QOSNotAllowed|launch_failed_requeued_held|(Assoc|QOS)Max\w*PerJob\w*|QOSMin\w*|(Assoc|QOS)MaxWall\w*"
)
OVER_MEMORY = re.compile("exceeded (job )?memory limit|oom.kill", re.I)  # message of slurmstepd
AWAY = re.compile(
    "unable to contact|timed out|connection|zero bytes|temporarily|try again|authentication|munge|shut"
    "|communicat|no job response",
    re.I,
)


class Slurm:
    """Slurm's commands, for the launcher."""

    program, controller, config, default = "slurm.py", "slurmctld", "conf/slurm.conf", DEFAULT
    task_id, job_name, naming, options = "$SLURM_ARRAY_TASK_ID", "$SLURM_JOB_NAME", "-J", SBATCH
    limits_arrays = True  # --max-jobs-run becomes part of --array, independent of the configuration, as in Kaldi

    def submission(self, words, jobs, folder):
        """Return the command line that submits the folder's script, a list of words."""
        limit = min(jobs.integers("--max-jobs-run"), default=0)
        array = f"{jobs.numbers[0]}-{jobs.numbers[-1]}" + (f"%{limit}" if limit else "")
        start, log = SBATCH.start(words), f"{folder.path}/".replace("%", "%%") + "%a.out"
        if "\\" in log:  # sbatch cannot escape it
            log = "/dev/null"
        overridable = [*words[:start], "--requeue", "--open-mode=append", *words[start:]]
        return [*overridable, "--parsable", "-o", log, "--array", array, str(folder.script)]

    def submit(self, words):
        """Submit with the command line `words`; returns the job id. Raises Unreachable, Unnumbered or Refused."""
        return job_id(ask(*words, timeout=120, late=Unnumbered), AWAY)

    def limit(self, jobs):
        """Return the cluster's limit that the jobs exceed: (maximum, name of the limit); or None."""
        match = re.search(r"^MaxArraySize\s*=\s*(\d+)", ask("scontrol", "show", "config").stdout, re.M)
        most = int(match[1]) - 1 if match else jobs.numbers[-1]
        return (most, f"MaxArraySize {match[1]}") if jobs.numbers[-1] > most else None

    def find(self, name):
        """Return the id of the job with this name that has not ended, or an empty string."""
        return next((found[1] for found in _squeue(r"\s*(\d+)\s*", "--me", "--name", name, "-o", "%F")), "")

    def poll(self, job):
        """Return the State of each task that Slurm still knows: task number -> State."""
        states = {}
        for found in _squeue(r"\s*([^|]+)[|](\w+)[|](.*)", "-r", "-t", "all", "-j", job, "-o", "%K|%T|%r"):
            states.update(dict.fromkeys(numbers_of(found[1]), _state(found[2], found[3].strip())))
        return states

    def is_gone(self, job):
        """Whether the controller answers that this job does not exist."""
        return "Invalid job id" in ask("scontrol", "show", "job", job).stderr

    def explain(self, job, said):
        """Describe how tasks ended, beyond their exit status: task number -> text; said: task number -> last lines."""
        words = {}
        for line in ask("scontrol", "-o", "show", "job", job).stdout.splitlines():
            fields = dict(word.split("=", 1) for word in line.split() if "=" in word)
            if fields.get("JobState") in ENDED:
                for number in numbers_of(fields.get("ArrayTaskId", "")):
                    words[number] = _ending(fields, said(number))
        return words

    def cancelling(self, job, numbers=None):
        """Return the command line that cancels a job, or tasks of it."""
        return ["scancel", f"{job}_[{numbers_as_ranges(numbers)}]" if numbers else job]

    def cancel(self, job, numbers=None):
        """Cancel a job, or tasks of it. Returns True."""
        done = ask(*self.cancelling(job, numbers))
        if done.returncode and AWAY.search(done.stderr):
            raise Unreachable(complaint(done))
        return True


def _squeue(form, *words):
    """The matches of a regular expression with the lines of squeue's answer; other lines, such as notes, do not count.

    Raises Unreadable where there are only such lines, and Unreachable where Slurm does not answer.
    """
    done = ask("squeue", "-h", *words)
    if done.returncode and "Invalid job id" not in done.stderr:
        raise Unreachable(complaint(done))
    found = [match for line in done.stdout.splitlines() if (match := re.fullmatch(form, line))]
    if done.stdout.strip() and not found:
        raise Unreadable(f"squeue gave what cannot be read ({first_line(done.stdout)[:60]!r})")
    return found


def _state(state, reason):
    if state in ENDED:
        return State("ended")
    if state not in WAITING:
        return State("running")
    if NEVER.fullmatch(reason.replace(" ", "_")):  # blanks: Slurm 22.05's squeue
        return State("stuck", f"can never start, Slurm says {reason}")
    return State("waiting", "" if reason in ("None", "JobArrayTaskLimit") else f"Slurm says {reason}")


def _ending(fields, said):
    """Describe the end of a task from the fields of `scontrol show job`."""
    state, number = fields["JobState"], fields.get("ExitCode", "0:0").partition(":")[2]
    if state == "FAILED" and number != "0" and OVER_MEMORY.search(said):
        state = "OUT_OF_MEMORY"
    limits = {"TIMEOUT": "TimeLimit", "OUT_OF_MEMORY": "MinMemoryCPU", "NODE_FAIL": "NodeList"}
    words = ENDED[state]
    if (limit := fields.get(limits.get(state, ""))) and limit != "(null)":
        words += f" ({limit})"
    if state == "FAILED" and number != "0":
        words = f"was killed by signal {number}"
    return words


if __name__ == "__main__":
    sys.exit(main(Slurm(), USAGE, sys.argv[1:]))
