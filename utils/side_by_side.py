#!/usr/bin/env python3
"""Runs commands on this machine, several at a time, and prints what they print in the order of the commands."""

import quiet_start  # noqa: F401

# isort: split
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

from launch.jobs import processors

from cer.base.errors import status_of

USAGE = """\
Usage: side_by_side.py < <commands>
e.g.: for n in 1 2 3; do echo "wc -l data/part.$n.txt"; done | side_by_side.py
For short commands of a script, one per line, each run by bash: one for each processor at a time, at most 16. Long ones
are jobs: utils/run_lines.sh runs them. Exit status: 0, or that of the first command that failed; after a failure no
further ones begin, and what those beside it print is left out: most often the same."""

AT_ONCE = 16  # each may import torch, which takes 0.4 GB


def run(line):
    """Run a command, bytes, in bash: returns (its exit status, what it printed on stdout, on stderr; both bytes)."""
    done = subprocess.run(["bash", "-c", line], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def main(argv):
    """Run the program; returns the exit status."""
    if argv:
        asked = argv in (["-h"], ["--help"])
        print(USAGE, file=sys.stdout if asked else sys.stderr)
        return int(not asked)
    lines = [line for line in sys.stdin.buffer.read().split(b"\n") if line]
    with ThreadPoolExecutor(min(AT_ONCE, processors())) as pool:
        for status, output, told in pool.map(run, lines):
            for stream, text in ((sys.stdout, output), (sys.stderr, told)):
                stream.buffer.write(text)
                stream.flush()
            if status:
                pool.shutdown(cancel_futures=True)
                return status if status > 0 else 128 - status
    return 0


if __name__ == "__main__":
    sys.exit(status_of(main, sys.argv[1:]))
