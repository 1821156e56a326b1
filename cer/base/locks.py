"""Locks on work, so that two processes never do it at the same time. The kernel releases them when the holders end."""

import contextlib
import fcntl
import os
import socket
import time
from pathlib import Path

from cer.base.errors import BadInput


@contextlib.contextmanager
def alone(path, what):
    """Hold the lock `path`, so that nobody else works on `what`: until the block ends, or this process dies.

    Yields the lock's file descriptor: processes that inherit it hold the lock as well. Raises BadInput, naming the
    owner, when it is held.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        hold(lock, path, what, os.getpid())
        yield lock
    finally:
        os.close(lock)


def hold(lock, path, what, owner):
    """Lock an open file descriptor of `path` for all processes that share it; owner: the process to name.

    Raises BadInput, naming the owner, when it is held.
    """
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = Path(path).read_text(encoding="utf-8", errors="replace").strip() or "another process"
        raise BadInput(f"{what}: {other} is at work on it; wait until it has ended, or end it first") from None
    except OSError:
        return  # a file system without locks
    since = time.strftime("%Y-%m-%d %H:%M:%S")
    try:
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"process {owner} on {socket.gethostname()} (since {since})\n".encode(), 0)
    except OSError as error:  # it names no file
        raise OSError(error.errno, error.strerror, str(path)) from None
