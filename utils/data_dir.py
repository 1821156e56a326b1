#!/usr/bin/env python3
"""Runs the module of datadir/ that does what a script beside it says: data_dir.py fix_data_dir.sh data/train."""

import quiet_start  # noqa: F401

# isort: split
import importlib
import sys
from pathlib import Path

from datadir.words import WrongCall

from cer.base.errors import BadInput, message_of, status_of


def main(argv):
    """Run the program; returns the exit status. argv: the name of the script, whose first word names the module."""
    script, *words = argv
    does = script.partition("_")[0]
    if not does.isalpha() or not [*Path(__file__).parent.glob(f"{does}_data*.sh")]:
        print(
            f"data_dir.py: found {script or 'nothing'}, expected the name of a script: fix_data_dir.sh", file=sys.stderr
        )
        return 1
    module = importlib.import_module(f"datadir.{does}")
    if {"-h", "--help"}.intersection(words):
        print(module.USAGE)
        return 0
    try:
        return module.work(words) or 0
    except (BadInput, OSError) as error:
        if isinstance(error, WrongCall):
            print(module.USAGE, file=sys.stderr)
        print(f"{script}: {message_of(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.argv = sys.argv[1:] or [""]  # so that Ctrl-C names the script, too
    sys.exit(status_of(main, sys.argv))
