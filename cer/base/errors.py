"""Bad input: one exception whose message a user can act on, and how a program ends on it."""

import functools
import os
import signal
import sys
from pathlib import Path


class BadInput(ValueError):
    """Input that cannot be used.

    The message says which file, line or utterance, what was found, what was expected and what to do.
    """


class MissingPackage(BadInput):
    """A Python package that the user may install is not there."""


def program(main):
    """Wrap a program's main: bad input becomes one `ERROR (program)` line and exit status 1, as Kaldi logs it.

    Ctrl-C ends the program as the signal itself would. When nobody reads its output any more (`| head`), it ends
    quietly, with status 141.
    """

    @functools.wraps(main)
    def run(*args):
        name = _name()
        try:
            status_of(main, *args)
        except MemoryError as error:
            sys.exit(f"ERROR ({name}) not enough memory ({error}); is a size among the options or the input too large?")
        except (BadInput, OSError, UnicodeError) as error:
            sys.exit(f"ERROR ({name}) {message_of(error)}")

    return run


def status_of(main, *args):
    """Call the main of a program, and return what it returns; Ctrl-C and `| head` end the program as in program()."""
    loading = signal.getsignal(signal.SIGINT)
    try:
        if loading is signal.SIG_DFL:
            signal.signal(signal.SIGINT, signal.default_int_handler)  # so that temporary files are removed
        try:
            return main(*args)
        finally:  # --help ends by SystemExit
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes the rest into it
        sys.exit(128 + signal.SIGPIPE)
    except KeyboardInterrupt:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        print(f"ERROR ({_name()}) stopped by Ctrl-C", file=sys.stderr)
        os.kill(os.getpid(), signal.SIGINT)  # so that the shell above knows what ended it
    finally:
        if loading is signal.SIG_DFL:  # Python's own end would print a traceback
            signal.signal(signal.SIGINT, signal.SIG_DFL)


def message_of(error):
    """The message of an error; of an OSError the file and the reason, without its number."""
    if not isinstance(error, OSError) or not error.strerror:
        return str(error)
    return f"{error.filename or 'standard input or output'}: {error.strerror}"


def listed(names, most=5):
    """Names for a message: all of them, or the first and how many more there are."""
    names = [str(name) for name in names]
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


def warn(message):
    """Print a `WARNING (program)` line to stderr, the form that Kaldi's summarize_logs.pl counts."""
    print(f"WARNING ({_name()}) {message}", file=sys.stderr, flush=True)


def once():
    """Return a function as warn() that prints no message twice."""
    told = set()

    def say(message):
        if message not in told:
            told.add(message)
            warn(message)

    return say


def _name():
    """The program's name; "cer" where there is none, as in `python3 -`."""
    name = Path(sys.argv[0]).stem
    return "cer" if name in ("", "-", "-c") else name
