"""utils/side_by_side.py: short commands of a script, run several at a time, printed in their order."""

import os
import subprocess

import pytest
from conftest import ROOT


def run(commands, *words):
    done = subprocess.run([ROOT / "utils/side_by_side.py", *words], input=commands, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one processor")
def test_what_they_print_comes_in_their_order_whoever_ends_first(tmp_path):
    wait = f"until [ -e {tmp_path}/second ]; do sleep 0.01; done"
    commands = f"{wait}; echo 1; echo told >&2\ntouch {tmp_path}/second; printf '2\\377'\n\necho 3\n"
    assert run(commands.encode()) == (0, b"1\n2\xff3\n", b"told\n")  # the first waits for the second: both run at once


@pytest.mark.parametrize("command, status", [("exit 3", 3), ("false", 1), ("kill -TERM $$", 143)])
def test_the_first_that_fails_gives_the_status_and_ends_what_follows(command, status):
    found = run(f"echo 1\necho why >&2; {command}\necho why >&2; {command}\necho 3\n".encode())
    assert found == (status, b"1\n", b"why\n")  # once


def test_nothing_is_nothing_and_words_are_a_wrong_call():
    assert run(b"") == (0, b"", b"")
    assert run(b"", "--help")[1].startswith(b"Usage: side_by_side.py")
    status, output, told = run(b"echo 1\n", "echo")
    assert (status, output) == (1, b"") and told.startswith(b"Usage: ")


def test_commands_do_not_read_the_list():
    assert run(b"cat\necho 2\n") == (0, b"2\n", b"")
