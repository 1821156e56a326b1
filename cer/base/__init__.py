"""What every program needs and no speech: errors, files, tables, JSON, CSV, options, finished work, streams.

A program of the recipe (python3 -m cer.bin.train, python3 local/results/compare.py) imports this package before any
other. Importing torch and the like takes a second; meanwhile Ctrl-C ends the program at once, without a traceback, and
later as cer.base.errors.program does it. If a package is missing, the program says so in a sentence.
"""

import signal
import sys
from os.path import realpath  # pathlib takes time to import

PROGRAMS = ("cer.bin.", "local.", "egs.")


def _missing(kind, error, trace):
    """What sys.excepthook does, but a package that is not installed is no fault of the program."""
    if kind is not ModuleNotFoundError or f"{error.name}.".startswith(("cer.", *PROGRAMS)):
        return sys.__excepthook__(kind, error, trace)
    name = sys.argv[0].rpartition("/")[2].removesuffix(".py")
    cure = "in the recipe's folder, type `. ./path.sh` first; utils/setup.sh installs the packages, utils/setup.sh test"
    cure += " those of tests and benchmarks"
    print(f"ERROR ({name}) found no Python package {error.name}: {cure}", file=sys.stderr)


def _is_of_the_recipe(first):
    """Whether Python was told to run a program of the recipe; first: of argv."""
    if first == "-m":  # as long as Python looks for the module
        return any(word.startswith(PROGRAMS) for word in sys.orig_argv)
    root = realpath(__file__).removesuffix("cer/base/__init__.py")  # a recipe may reach ours by a link
    return realpath(first).startswith(tuple(root + name.replace(".", "/") for name in PROGRAMS))


OF_THE_RECIPE = _is_of_the_recipe((sys.argv or [""])[0])
IS_PROGRAM = OF_THE_RECIPE or (sys.argv[:1] and sys.argv[0].endswith("/cer-predict"))  # which pip installs
if OF_THE_RECIPE:
    sys.excepthook = _missing
if IS_PROGRAM and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
if IS_PROGRAM or "quiet_start" in sys.modules:
    # A closed stream (`>&-`) is None, which has no flush(); print() takes it for stdout.
    sys.stdin = sys.stdin or open("/dev/null")  # noqa: PTH123, SIM115
    sys.stdout = sys.stdout or open("/dev/null", "w", errors="replace")  # noqa: PTH123, SIM115
    sys.stderr = sys.stderr or open("/dev/null", "w", errors="replace")  # noqa: PTH123, SIM115
