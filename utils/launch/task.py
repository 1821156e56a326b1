"""One job on this machine: a bash process with a log, in its own process group, so that the whole job can be ended."""

import os
import signal
import time


class Task:
    """A running job: its number, log and start time."""

    def __init__(self, number, log, command, cards=()):
        """Start the job. log: Path; command: bash code; cards: names of its GPUs, empty if it requested none."""
        self.number, self.log, self.begun, self.cards = number, log, time.monotonic(), list(cards)
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ",".join(cards)} if cards else os.environ
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("w", encoding="utf-8", errors="surrogateescape") as file:
                file.write(f"# {command}\n# Started at {now()}\n#\n")
        except OSError as error:
            error.filename = str(log)  # when the disk is full, Python does not name the file
            raise
        fd = os.open(log, os.O_WRONLY | os.O_APPEND)
        streams = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        streams += [(os.POSIX_SPAWN_DUP2, fd, 1), (os.POSIX_SPAWN_DUP2, fd, 2)]
        defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them; jobs must have the default
        try:
            argv = ["bash", "-c", command]
            self.pid = os.posix_spawnp("bash", argv, environment, file_actions=streams, setpgroup=0, setsigdef=defaults)
        finally:
            os.close(fd)

    def age(self):
        """Seconds since the start."""
        return time.monotonic() - self.begun

    def kill(self, number):
        """Send a signal to all processes of the job. Returns whether any still existed."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def finish(self, status, threads, stopped):
        """Write the last lines of the log; status: from waitstatus_to_exitcode; stopped: signal that ended run.py."""
        code = f"code {status}" if status >= 0 else f"code 0; signal {-status}"
        with self.log.open("a+b") as file:  # "a" recreates a log that the job removed, so that other jobs continue
            file.seek(max(file.tell() - 1, 0))
            in_line = file.read() not in (b"\n", b"")
        with self.log.open("a") as file:
            file.write("\n" if in_line else "")
            if stopped:
                file.write(f"# Stopped with run.py, which got signal {stopped}\n")
            file.write(f"# Accounting: time={self.age():.0f} threads={threads}\n")
            file.write(f"# Ended ({code}) at {now()}, elapsed time {self.age():.0f} seconds\n")
        return code


def now():
    """Return the date as `date` prints it."""
    return time.strftime("%a %b %e %H:%M:%S %Z %Y")
