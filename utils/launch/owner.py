"""The script that all is done for: run.sh names its process in CER_OWNER; launchers end their jobs when it is gone."""

import os
from pathlib import Path


class Owner:
    """The process that CER_OWNER names, if it is of this machine: a job on another one may inherit the variable."""

    def __init__(self, environment=os.environ):
        """environment: has CER_OWNER, or not."""
        named = environment.get("CER_OWNER", "")
        self.pid = int(named) if named.isdecimal() else 0
        in_a_job = "SLURM_JOB_ID" in environment or "JOB_ID" in environment
        if self.pid and (lives(self.pid) or in_a_job) and self.pid not in ancestors():
            self.pid = 0
        self.words = f"the script that called it is gone (process {self.pid}, CER_OWNER)"

    def is_gone(self):
        """Whether there is an owner, and its process has ended."""
        return self.pid > 0 and not lives(self.pid)


def lives(pid):
    """Whether there is such a process; one that ended, but that nobody waited for, does not live."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it is another user's
        pass
    return _stat(pid)[:1] not in (["Z"], ["X"])


def ancestors():
    """The processes that this one descends from, the nearest first."""
    pid = os.getppid()
    while pid > 0:
        yield pid
        pid = int((_stat(pid) or [0, 0])[1])


def _stat(pid):
    """State, parent and more of a process; an empty list where there is no /proc, or it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
