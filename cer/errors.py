"""Bad input: one exception whose message a user can act on, and how a program ends on it."""

import functools
import sys
from pathlib import Path


class BadInput(ValueError):
    """Input that cannot be used.

    The message says which file, line or utterance, what was found, what was expected and what to do.
    """


def program(main):
    """Wrap a program's main: bad input becomes one `ERROR (program)` line and exit status 1, as Kaldi logs it."""

    @functools.wraps(main)
    def run(*args):
        try:
            return main(*args)
        except (BadInput, OSError, UnicodeDecodeError) as error:
            sys.exit(f"ERROR ({Path(sys.argv[0]).stem}) {error}")

    return run


def warn(message):
    """Print a `WARNING (program)` line to stderr, the form that Kaldi's summarize_logs.pl counts."""
    print(f"WARNING ({Path(sys.argv[0]).stem}) {message}", file=sys.stderr, flush=True)
