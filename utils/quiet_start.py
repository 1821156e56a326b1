"""What each program of this folder imports first: Ctrl-C while it is loaded ends it at once, without a traceback.

Later launchers end their jobs, the others end as cer.base.errors.status_of says.
"""

import signal
import sys

if __file__ == f"{sys.path[0]}/quiet_start.py":  # it is a program of this folder that starts
    sys.path.append(sys.path[0].rpartition("/")[0])  # cer.base, also where nobody sourced path.sh
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
