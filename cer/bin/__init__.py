"""Command-line programs: python3 -m cer.bin.<name>; --help lists the options."""

import signal
import sys

# Importing torch takes a second; meanwhile Ctrl-C ends the program at once. Later cer.base.errors.program handles it.
if sys.argv[:1] == ["-m"] and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
