#!/usr/bin/env python3
"""Runs the module of datadir/ that does what a script beside it says: data_dir.py fix_data_dir.sh data/train."""

import quiet_start  # noqa: F401

# isort: split
import importlib
import sys

from datadir.words import WrongCall

from cer.base.errors import BadInput, said, status_of


def main(argv):
    """Run the program; returns the exit status. argv: the name of the script, whose first word names the module."""
    script, *words = argv
    module = importlib.import_module(f"datadir.{script.partition('_')[0]}")
    if {"-h", "--help"}.intersection(words):
        print(module.USAGE)
        return 0
    try:
        return module.work(words) or 0
    except (BadInput, OSError) as error:
        if isinstance(error, WrongCall):
            print(module.USAGE, file=sys.stderr)
        print(f"{script}: {said(error)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    del sys.argv[0]  # so that Ctrl-C names the script, too
    sys.exit(status_of(main, sys.argv))
