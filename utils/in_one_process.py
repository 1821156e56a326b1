#!/usr/bin/env python3
"""Runs commands of a list in one Python process, so that packages are imported, and a GPU is started, only once."""

import quiet_start  # noqa: F401

# isort: split
import contextlib
import gc
import os
import runpy
import sys
from pathlib import Path

import once

from cer.base.errors import BadInput, message_of, status_of

USAGE = """\
Usage: in_one_process.py <file> <number> <step>
e.g.: in_one_process.py exp/x/log/lines 2 4     # runs the lines 2, 6, 10 ...
Each line of <file> is a command of utils/once.py. A Python program in it (python3 -m <module> ... or python3 <file>)
runs in this process, any other program in a process of its own. A line that fails does not stop the next ones. Removes
<file>.<line>.ok of each line, and writes it if the line succeeds.
Exit status: 0 if all lines succeeded, otherwise 1."""

PYTHONS = ("python3", "python.sh")


class Tee:
    """A text stream that writes to several others."""

    def __init__(self, *streams):
        self.streams = streams

    def write(self, text):
        """Write to all streams."""
        for stream in self.streams:
            stream.write(text)
        return len(text)

    def flush(self):
        """Flush all streams."""
        for stream in self.streams:
            stream.flush()


def run(command, lock, log):
    """Run a command, a list of words, in this process if it is a Python program; returns its exit status.

    lock, log: as once.child takes them.
    """
    if Path(command[0]).name not in PYTHONS:
        return once.child(command, lock, log)
    with contextlib.ExitStack() as stack:
        if log:
            file = stack.enter_context(once.log_file(log, "w"))
            stack.enter_context(contextlib.redirect_stdout(Tee(sys.stdout, file)))
            stack.enter_context(contextlib.redirect_stderr(Tee(sys.stderr, file)))
        return call(command[1:])


def call(words):
    """Run `-m <module> ...` or `<file> ...` as python3 would; returns the exit status."""
    before = sys.argv
    try:
        if words[0] == "-m":
            sys.argv = words[1:]
            runpy.run_module(words[1], run_name="__main__", alter_sys=True)
        else:
            sys.argv = words
            runpy.run_path(words[0], run_name="__main__")
    except SystemExit as end:
        if isinstance(end.code, str):
            print(end.code, file=sys.stderr)
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except Exception:
        sys.excepthook(*sys.exc_info())
        return 1
    finally:
        sys.argv = before
        gc.collect()  # a GPU's memory is needed by the next program
    return 0


def main(argv):
    """Run the program; returns the exit status."""
    if len(argv) != 3 or not all(word.isdigit() and int(word) for word in argv[1:]):
        print(USAGE, file=sys.stdout if argv[:1] in (["-h"], ["--help"]) else sys.stderr)
        return int(argv[:1] not in (["-h"], ["--help"]))
    os.environ.pop("CER_OWNER", None)  # the job may be on another machine; its launcher ends it
    try:
        lines = list(enumerate(Path(argv[0]).read_text(encoding="utf-8", errors="surrogateescape").splitlines(), 1))
    except OSError as error:
        print(f"in_one_process.py: {message_of(error)}; expected a file of commands", file=sys.stderr)
        return 1
    mine, failed = lines[int(argv[1]) - 1 :: int(argv[2])], 0
    for done, (number, line) in enumerate(mine, 1):
        print(f"# line {number}, {done} of {len(mine)} of this process: {line}", flush=True)
        ok = Path(f"{argv[0]}.{number}.ok")
        try:
            ok.unlink(missing_ok=True)
            status = once.main(once.arguments_of([line])[0], run)
        except (BadInput, OSError) as error:
            print(f"in_one_process.py: line {number}: {message_of(error)}", file=sys.stderr, flush=True)
            status = 2
        if done == 1:
            gc.freeze()  # later collections skip the packages, which takes 0.1 s a time
        if status == 0:
            ok.touch()
        failed += status != 0
    if failed:
        print(f"in_one_process.py: {failed} of {len(mine)} lines failed", file=sys.stderr)
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(status_of(main, sys.argv[1:]))
