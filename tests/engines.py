"""Real engines for tests, started by tests/cluster/: what a test does to them, and launchers that are timed."""

import os
import re
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from conftest import ROOT

from cer.base import markdown

CANNOT = 77  # the exit status of tests/cluster/*.sh when an engine cannot be had


class Engine:
    """One engine, running in a folder of its own. The classes below say in which words it is asked."""

    def __init__(self):
        """Start it; skips the test, with the reason, where it cannot be had."""
        self.aside = set()  # jobs that queue() leaves out
        self.folder = Path(tempfile.mkdtemp(prefix=f"{self.script}."))
        self.environment = {"PATH": f"{ROOT}/utils:{os.environ['PATH']}", "HOME": os.environ.get("HOME", "/")}
        self.start()
        lines = (self.folder / "env").read_text().splitlines()
        self.environment |= dict(line.split("=", 1) for line in lines)

    def control(self, *words):
        """Call the engine's script. Returns the process, which goes on."""
        command = [ROOT / "tests" / "cluster" / self.script, *words]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def start(self, wait=True):
        """Start whatever of the engine does not run."""
        # A range of ports for each process of pytest: the port of a killed daemon is free, and must stay its own.
        port = self.port + 20 * int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:])
        starting = self.control(*self.options, "--port", str(port), "start", self.folder)
        if wait:
            said = starting.communicate()[1].strip()
            if starting.returncode == CANNOT:
                self.folder.rmdir()
                pytest.skip(f"{self.name} cannot be had here: {said}")
            assert starting.returncode == 0, said
        return starting

    def crash(self, *victim):
        """Kill the controller, the nodes' daemons, or a node with its jobs."""
        assert self.control("crash", self.folder, *victim).wait() == 0

    def stop(self):
        """End it for good; what it wrote stays where a test failed on it."""
        self.control("stop", self.folder).communicate()
        subprocess.run(["rm", "-rf", self.folder], check=True)

    def ask(self, *words):
        """What one of the engine's programs prints."""
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}"
        return done.stdout

    def wait_for_job(self):
        """The number of the job in the queue, as soon as there is one."""
        return until(self.queue, 20, f"a job in the queue of {self.name}").pop()


class Slurm(Engine):
    """Two nodes with two processors and two made-up GPUs each."""

    name, launcher, script = "Slurm", "slurm.py", "slurm.sh"
    over_memory, lost, cards, card, reconnect = (
        "emory",
        ".*(lost|requeue|queued again|does not answer).*",
        2,
        r"n\d:\d",
        20,
    )
    port, options = 6817, ("--nodes", "2", "--cpus", "2", "--gpus", "2")

    def queue(self):
        """The jobs that wait or run, but those set aside."""
        return set(self.ask("squeue", "-h", "-o", "%F").split()) - self.aside

    def tasks(self):
        """All tasks that it has been given in the last minutes."""
        return set(self.ask("squeue", "-h", "-r", "-t", "all", "-o", "%F.%K").split())

    def cancel(self, job, task):
        """Cancel a task, as an operator does."""
        self.ask("scancel", f"{job}_{task}")

    def save(self):
        """Let the controller write down what it knows, which it does within seconds after a change, not at once."""
        state, since = self.folder / "state" / "job_state", time.time()
        self.ask("scontrol", "update", f"JobId={self.wait_for_job()}", "Comment=changed")
        until(lambda: state.exists() and state.stat().st_mtime > since, 20, "saved state of Slurm")

    def lose_node(self, job):
        """Lose the node where the job runs."""
        self.crash("node", self.ask("squeue", "-h", "-j", job, "-o", "%N").split()[0])

    def forget(self):
        """Nothing: a restarted slurmd reports the end of its old jobs at once."""

    def run_again(self, job):
        """Let a job that lost its node begin: Slurm would wait for two minutes."""
        self.ask("scontrol", "update", f"JobId={job}", "StartTime=now")


class GridEngine(Engine):
    """One node with four slots and two made-up GPUs."""

    name, launcher, script = "Grid Engine", "sge.py", "gridengine.sh"
    over_memory, lost, cards, card, reconnect = "emory", ".*(lost|does not answer).*", 1, ":", 60
    port, options = 6444, ("--slots", "4", "--gpus", "2")

    def queue(self):
        """The jobs that wait or run, but those set aside."""
        return {line.split()[0] for line in self.ask("qstat", "-u", "*").splitlines()[2:]} - self.aside

    def tasks(self):
        """All tasks that have ended."""
        accounting = self.folder / "root" / "default" / "common" / "accounting"
        lines = accounting.read_text().splitlines() if accounting.exists() else []
        fields = [line.split(":") for line in lines if not line.startswith("#")]
        return {f"{field[5]}.{field[35]}" for field in fields}

    def cancel(self, job, task):
        """Cancel a task, as an operator does."""
        self.ask("qdel", job, "-t", task)

    def save(self):
        """Nothing: the controller writes down at once what it knows."""

    def lose_node(self, _):
        """Lose the only node."""
        self.crash("node")

    def forget(self):
        """Take jobs out of the queue: a restarted sge_execd reports the end of its old jobs a minute late."""
        for job in self.queue():
            self.ask("qdel", "-f", job)

    def run_again(self, job):
        """A job that lost its node begins again when the node is back."""


class Launched:
    """A launcher, or a script that calls one, with the moment of the fault and that of its end."""

    def __init__(self, engine, record, folder, *words, **environment):
        """record: takes the row of the table of faults; words: the command line; environment: more variables."""
        self.engine, self.record, self.log = engine, record, folder / f"launched.{time.monotonic_ns()}"
        with self.log.open("w") as file:
            self.process = subprocess.Popen(
                [str(word) for word in words], cwd=folder, env=engine.environment | environment,
                stdin=subprocess.DEVNULL, stdout=file, stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        self.at = time.time()

    def now(self):
        """The fault happens now."""
        self.at = time.time()

    def text(self):
        """What it has said so far."""
        return self.log.read_text()

    def end(self, fault, status, *words, within=15, ended=None):
        """Wait for its end, so many seconds after the fault at most. Returns all that it said.

        status: expected, or several; words: patterns of what it must say; ended: when, where that was earlier than now.
        """
        try:
            self.process.wait(max(self.at + 3 * within - time.time(), 1))
        except subprocess.TimeoutExpired:
            self.kill()
            self.row(fault, "nothing noticed", time.time() - self.at)
            pytest.fail(f"{fault}: still waiting {time.time() - self.at:.0f} s after it:\n{self.text()}")
        seconds, text = (ended or time.time()) - self.at, self.text()
        lines = [line for line in text.splitlines() if line.startswith(f"{self.engine.launcher}:")]
        lines = [line for line in lines if words and re.search(words[0], line)] or lines
        self.row(fault, lines[0].partition(": ")[2] if lines else "", seconds)
        assert self.process.returncode in (status if isinstance(status, tuple) else (status,)), text
        for word in words:
            assert re.search(word, text), f"no {word!r} in:\n{text}"
        within *= 1 + os.getloadavg()[0] / os.cpu_count()  # other programs slow the engine down, too
        assert seconds < within, f"noticed after {seconds:.1f} s:\n{text}"
        return text

    def row(self, fault, said, seconds):
        """One row of the table that is printed at the end."""
        said = said.partition("; was asked: ")[0]  # the command of a submission is long
        self.record("fault", [self.engine.name, fault, said, self.process.poll(), f"{seconds:.1f}"])

    def kill(self, number=signal.SIGKILL):
        """Send a signal to it and what it started, but not to the engine's jobs."""
        os.killpg(self.process.pid, number)
        if number == signal.SIGKILL:
            self.process.wait()


class Array:
    """A folder with a payload, and the launcher that runs it as an array."""

    def __init__(self, engine, record, folder):
        self.engine, self.record, self.folder, self.launched = engine, record, folder, []

    def launch(self, payload, *options, tasks=1):
        """Write the payload, bash with the task's number in $1, and launch it. It first writes its process number."""
        (self.folder / "payload.sh").write_text(f"echo $$ >> pid.$1\n{payload}\n")
        words = [*options, f"JOB=1:{tasks}", "log/x.JOB.log", "bash", "payload.sh", "JOB"]
        self.launched.append(Launched(self.engine, self.record, self.folder, self.engine.launcher, *words))
        return self.launched[-1]

    def pids(self, task):
        """The process numbers of the payload, one a start."""
        path = self.folder / f"pid.{task}"
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def wait_for_payload(self, task=1):
        """Wait until the task's payload runs. Returns its process number."""
        return until(lambda: self.pids(task), 30, f"payload {task}")[-1]

    def runs(self, task=1):
        """Whether the payload still runs."""
        return any(map(lives, self.pids(task)))


def lives(pid):
    """Whether there is such a process, and it is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except OSError:
        return False


def until(condition, seconds, what):
    """Wait until the condition is true. Returns its value."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if value := condition():
            return value
        time.sleep(0.1)
    pytest.fail(f"no {what} after {seconds} s")


def table(rows):
    """The table of faults, in Markdown."""
    return markdown.table([["engine", "fault", "what the launcher said", "exit status", "seconds"], *rows]).splitlines()
