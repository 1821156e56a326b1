"""A small process beside run.py that ends the jobs if run.py is killed, which it notices by the end of a pipe."""

import contextlib
import os
import signal
import time


class Guard:
    """Tells the guard process which process groups of jobs are running."""

    def __init__(self, grace):
        """grace: seconds between SIGTERM and SIGKILL."""
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
        """Register the process group of a job that started."""
        self._say(b"+%d\n" % group)

    def ended(self, group):
        """Unregister the process group of a job that ended."""
        self._say(b"-%d\n" % group)

    def _say(self, line):
        with contextlib.suppress(BrokenPipeError):  # somebody killed the guard process
            os.write(self._pipe, line)

    def end(self):
        """End the guard process: no job is left."""
        os.close(self._pipe)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self._pid, 0)


def _guard(pipe, grace):
    os.setsid()  # so that signals to run.py's process group do not reach the guard
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    # Close all other files, so that readers of run.py's output and processes that want its locks need not wait.
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
    """Send a signal to a process group. Returns whether it still existed."""
    try:
        os.killpg(group, number)
    except OSError:
        return False
    return True
