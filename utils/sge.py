#!/usr/bin/env python3
"""Runs jobs on a Grid Engine cluster. Same command line as Kaldi's queue.pl; reports problems within seconds."""

import quiet_start  # noqa: F401

# isort: split
import os
import pwd
import re
import sys
from xml.etree import ElementTree

from launch.engine import (
    State,
    Unnumbered,
    Unreachable,
    Unreadable,
    ask,
    complaint,
    job_id,
    numbers_as_ranges,
    numbers_of,
)
from launch.engine_options import QSUB
from launch.launcher import main

USAGE = """\
Usage: sge.py [options] [JOB=1:N] <log-file> <command> [<argument> ...]
e.g.: sge.py --mem 4G JOB=1:4 exp/log/count.JOB.log wc -l data/part.JOB.txt
      sge.py --gpu 1 --time 8:00:00 exp/log/train.log train.sh
Submits an array of jobs and waits for its end. Writes the output of the command to the log. With a range, each job's
number replaces JOB (or any other name) everywhere in the command and in the log's name.
Options:
  --config FILE             translates the options below to qsub's (default: conf/queue.conf, or a built-in one)
  --mem 4G                  memory per job
  --num-threads N           processors (slots) per job
  --gpu N                   GPUs per job
  --time 4:00:00            time limit per job
  --max-jobs-run N, -tc N   at most N jobs at a time
Exit status: 0 all jobs succeeded, 1 a job failed, 2 interrupted and jobs cancelled, 255 wrong command line."""

DEFAULT = """\
command qsub -w e -v PATH -cwd -S /bin/bash -j y
option mem=* -l mem_total=$0,h_vmem=$0
option mem=0
option num_threads=* -pe smp $0
option num_threads=1
option max_jobs_run=* -tc $0
option time=* -l h_rt=$0
default gpu=0
option gpu=0
option gpu=* -l gpu=$0"""

AWAY = re.compile(
    "commlib|unable to contact|unable to send|unable to receive|got no|can't connect|timeout|gdi request", re.I
)
OUT_OF_MEMORY = re.compile("MemoryError|cannot allocate memory|bad_alloc|out of memory|failed to allocate", re.I)


class GridEngine:
    """Grid Engine's commands, for the launcher."""

    program, controller, config, default = "sge.py", "the qmaster", "conf/queue.conf", DEFAULT
    task_id, job_name, naming, options = "$SGE_TASK_ID", "$JOB_NAME", "-N", QSUB
    limits_arrays = False  # --max-jobs-run is an option of the configuration, as in Kaldi

    def __init__(self):
        self.user, self.deleted = pwd.getpwuid(os.getuid()).pw_name, set()

    def submission(self, words, jobs, folder):
        """Return the command line that submits the folder's script, restartable if its node is lost: list of words."""
        start = QSUB.start(words)
        overridable = [*words[:start], "-r", "y", "-S", "/bin/bash", *words[start:]]
        log = ["-o", f"{folder.path}/$TASK_ID.out"]
        if re.search("[$:,]", str(folder.path)):  # qsub cannot escape these characters in a path
            log = ["-wd", "/", "-o", "/dev/null"]
        numbers = f"{jobs.numbers[0]}-{jobs.numbers[-1]}"
        return [*overridable, "-terse", "-b", "n", *log, "-j", "y", "-t", numbers, str(folder.script)]

    def submit(self, words):
        """Submit with the command line `words`; returns the job id. Raises Unreachable, Unnumbered or Refused."""
        return job_id(ask(*words, timeout=120, late=Unnumbered), AWAY)

    def limit(self, jobs):
        """Return the cluster's limit that the jobs exceed: (maximum, name of the limit); or None."""
        match = re.search(r"^max_aj_tasks\s+(\d+)", ask("qconf", "-sconf").stdout, re.M)
        most = int(match[1]) if match else 0  # 0: no limit
        return (most, f"max_aj_tasks {most}") if 0 < most < len(jobs.numbers) else None

    def find(self, name):
        """Return the id of the job with this name that has not ended, or an empty string."""
        return next((job.findtext("JB_job_number") for job in self._jobs() if job.findtext("JB_name") == name), "")

    def poll(self, job):
        """Return the State of each task that has not ended: task number -> State."""
        states = {}
        for one in self._jobs():
            if one.findtext("JB_job_number") == job:
                numbers, letters = numbers_of(one.findtext("tasks", "1")), one.findtext("state", "")
                states.update(dict.fromkeys(numbers, self._state(letters, one.get("lost"), job, numbers)))
        return states

    def is_gone(self, job):
        """Whether the qmaster answers that this job does not exist."""
        done = ask("qstat", "-j", job)
        return "do not exist" in done.stdout + done.stderr

    def _jobs(self):
        """Return all jobs of the user, as qstat's XML; for jobs on a lost node, `lost` is the name of its queue."""
        done = ask("qstat", "-f", "-ne", "-g", "d", "-xml", "-u", self.user)
        if done.returncode:
            raise Unreachable(complaint(done))
        try:
            tree = ElementTree.fromstring(done.stdout)
        except ElementTree.ParseError as error:
            raise Unreadable(f"qstat gave what cannot be read ({error})") from None
        if tree.tag != "job_info":
            raise Unreadable(f"qstat gave what cannot be read (found <{tree.tag}>, expected <job_info>)")
        for queue in tree.iter("Queue-List"):
            if "u" in queue.findtext("state", ""):
                for job in queue.iter("job_list"):
                    job.set("lost", queue.findtext("name"))
        return list(tree.iter("job_list"))

    def _state(self, letters, lost, job, numbers):
        if "E" in letters:
            return State("stuck", f"is in state {letters}: {self._why(job, 'error reason')}")
        if "d" in letters:
            self.deleted.update(numbers)
        if "q" in letters:
            held = "h" in letters
            return State("waiting", "it is held" if held else "no free slot that has what was asked for")
        return State("running", f"{lost} does not answer, its node may be lost" if lost else "")

    def _why(self, job, kind):
        """Return what `qstat -j` says about a job, such as why it waits or is in an error state."""
        match = re.search(rf"^{kind}[ \d]*:\s*(.*)", ask("qstat", "-j", job).stdout, re.M)
        return match[1] if match else "Grid Engine does not say why"

    def explain(self, job, said):
        """Describe how tasks ended, from the accounting: task number -> text; said: task number -> last lines."""
        words = {}
        for record in re.split("^=+$", ask("qacct", "-j", job, timeout=10).stdout, flags=re.M):
            fields = {key: value.strip() for key, _, value in (line.partition(" ") for line in record.splitlines())}
            again = fields.get("failed", "").startswith(("24", "25"))  # it was queued again
            if fields.get("taskid", "").isdecimal() and not again:
                number = int(fields["taskid"])
                words[number] = _ending(fields, said(number), number in self.deleted)
        return words

    def cancelling(self, job, numbers=None):
        """Return the command line that cancels a job, or tasks of it."""
        return ["qdel", job, *(["-t", numbers_as_ranges(numbers)] if numbers else [])]

    def cancel(self, job, numbers=None):
        """Cancel a job, or tasks of it. Returns True."""
        for part in numbers_as_ranges(numbers).split(",") if numbers else [""]:
            done = ask("qdel", job, *(["-t", part] if part else []))
            if done.returncode and AWAY.search(done.stderr + done.stdout):
                raise Unreachable(complaint(done))
        return True


def _ending(fields, said, deleted):
    """Describe the end of a task from the fields of its accounting record."""
    failed, status = ((fields.get(name) or "0").split()[0] for name in ("failed", "exit_status"))
    status = int(status) if status.isdecimal() else 0
    asked = fields.get("category", "")
    time, memory = re.search(r"h_rt=(\d+)", asked), re.search(r"h_vmem=\w+", asked)
    if deleted:
        return "was cancelled"
    lasted = re.match(r"\d+", fields.get("ru_wallclock", ""))
    if failed == "37" and time and lasted and int(lasted[0]) >= int(time[1]):
        return f"reached its time limit ({time[0]} seconds)"
    if memory and (failed == "37" or OUT_OF_MEMORY.search(said)):
        return f"ran out of memory ({memory[0]})"
    if failed not in ("0", "100"):
        return f"failed, Grid Engine says {fields['failed']}"
    return f"was killed by signal {status - 128}" if status > 128 else ""


if __name__ == "__main__":
    sys.exit(main(GridEngine(), USAGE, sys.argv[1:]))
