"""Programs: parse, call, write. Run as `python3 -m cer.bin.<name>`; --help tells the options."""

import signal
import sys

# Ctrl-C while torch is imported, which takes a second, ends a program at once; then cer.base.errors.program takes over.
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
