"""cer.base.locks: who does some work does it alone."""

import errno
import fcntl
import os
import re

import pytest

from cer.base import locks
from cer.base.errors import BadInput


def test_a_lock_has_one_owner_and_ends_with_it(tmp_path):
    refused = pytest.raises(BadInput, match=rf"run1: process {os.getpid()} on .* is at work on it")
    with locks.alone(tmp_path / ".lock", "run1"), refused, locks.alone(tmp_path / ".lock", "run1"):
        pass
    with locks.alone(tmp_path / ".lock", "run1"):
        pass


def test_a_lock_tells_its_owner_alone(tmp_path):
    lock = tmp_path / "locks" / ".lock"
    lock.parent.mkdir()
    lock.write_text("what an earlier owner left\n" * 9)
    with locks.alone(lock, "run1"):
        assert re.fullmatch(rf"process {os.getpid()} on \S+ \(since [-0-9]{{10}} [:0-9]{{8}}\)\n", lock.read_text())
        os.truncate(lock, 0)
        with pytest.raises(BadInput, match="run1: another process is at work on it"), locks.alone(lock, "run1"):
            pass


def test_a_file_system_without_locks_is_worked_on_all_the_same(tmp_path, monkeypatch):
    def without(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", without)
    with locks.alone(tmp_path / "new" / "er" / ".lock", "run1"):
        pass
