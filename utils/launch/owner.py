"""The owner: the top script, such as run.sh, sets CER_OWNER to its process id; launchers end jobs when it is gone."""

import os
from pathlib import Path


class Owner:
    """The process CER_OWNER, if it is an ancestor or has ended; a job on another machine has no owner."""

    def __init__(self, environment=os.environ):
        """environment: mapping that may contain CER_OWNER."""
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
    """Whether a process exists and is not a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it belongs to another user
        pass
    return _stat(pid)[:1] not in (["Z"], ["X"])


def ancestors():
    """List the ids of this process's ancestors, nearest first."""
    pid = os.getppid()
    while pid > 0:
        yield pid
        pid = int((_stat(pid) or [0, 0])[1])


def _stat(pid):
    """Read state, parent etc. of a process from /proc; an empty list if there is no /proc or no such process."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return []
