"""A small process beside run.py that ends its jobs if run.py is killed: it notices the end of a pipe."""

import contextlib
import os
import signal
import time


class Guard:
    """Knows the running jobs' process groups."""

    def __init__(self, grace):
        """grace: seconds between asking a job to end and killing it."""
        read, self._pipe = os.pipe()
        self._pid = os.fork()
        if self._pid == 0:
            try:
                os.close(self._pipe)
                _guard(read, grace)
            finally:
                os._exit(0)
        os.close(read)

    def begun(self, group):
        """A job began in this process group."""
        self._say(b"+%d\n" % group)

    def ended(self, group):
        """It ended."""
        self._say(b"-%d\n" % group)

    def _say(self, line):
        with contextlib.suppress(BrokenPipeError):  # somebody ended the guard alone
            os.write(self._pipe, line)

    def end(self):
        """No job is left."""
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _guard(pipe, grace):
    os.setsid()  # what ends run.py's own process group must leave it alone
    signal.setitimer(signal.ITIMER_REAL, 0)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Nothing else stays open: whoever reads run.py's words, or wants its locks, must not wait for this process.
    os.dup2(pipe, 0)
    os.closerange(1, os.sysconf("SC_OPEN_MAX"))
    groups = set()
    with os.fdopen(0, "rb", buffering=0) as lines:
        rest = b""
        while text := lines.read(4096):
            *whole, rest = (rest + text).split(b"\n")
            for line in whole:
                (groups.add if line[:1] == b"+" else groups.discard)(int(line[1:]))
    for number, seconds in ((signal.SIGTERM, grace), (signal.SIGKILL, 0)):
        groups = {group for group in groups if reaches(group, number)}
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and any(reaches(group, 0) for group in groups):
            time.sleep(0.1)


def reaches(group, number):
    """Send a signal to a process group. Returns whether there still was one."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True
