"""One job on this machine: bash with its log, in a process group of its own so that all of it can be ended."""

import os
import signal
import time


class Task:
    """One job while it runs: its number, log and start."""

    def __init__(self, number, log, command, cards=()):
        """Start it. log: Path; command: what bash runs; cards: the GPUs that it may use, if it asked for some."""
        self.number, self.log, self.begun, self.cards = number, log, time.monotonic(), list(cards)
        environment = {**os.environ, "CUDA_VISIBLE_DEVICES": ",".join(cards)} if cards else os.environ
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8", errors="surrogateescape") as file:
            file.write(f"# {command}\n# Started at {now()}\n#\n")
        fd = os.open(log, os.O_WRONLY | os.O_APPEND)
        streams = [(os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0)]
        streams += [(os.POSIX_SPAWN_DUP2, fd, 1), (os.POSIX_SPAWN_DUP2, fd, 2)]
        defaults = [signal.SIGPIPE, signal.SIGXFSZ]  # Python ignores them; a job must not
        try:
            argv = ["bash", "-c", command]
            self.pid = os.posix_spawnp("bash", argv, environment, file_actions=streams, setpgroup=0, setsigdef=defaults)
        finally:
            os.close(fd)

    def age(self):
        """Seconds since the start."""
        return time.monotonic() - self.begun

    def kill(self, number):
        """Send a signal to all processes of the job. Returns whether there still was one."""
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        return True

    def finish(self, status, threads, stopped):
        """Write the log's last lines; status: as waitstatus_to_exitcode gives it; stopped: signal that ended run.py."""
        code = f"code {status}" if status >= 0 else f"code 0; signal {-status}"
        with self.log.open("a+b") as file:  # "a", so that a log that the job took away does not stop the others
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
    """The date as `date` prints it."""
    return time.strftime("%a %b %e %H:%M:%S %Z %Y")
