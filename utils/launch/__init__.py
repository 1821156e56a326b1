"""Modules of run.py, slurm.py and sge.py: they start or submit jobs, watch them, and report how they ended."""

import signal
import sys
from pathlib import Path

# While a launcher imports its modules, Ctrl-C ends it at once; later it ends its jobs.
LAUNCHERS = {"run.py", "slurm.py", "sge.py"}
if Path(sys.argv[0]).name in LAUNCHERS and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
