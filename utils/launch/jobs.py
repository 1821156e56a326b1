"""The command line of all launchers, as Kaldi's: `[options] [JOB=1:N] log-file command ...`."""

import os
import re
import sys
from pathlib import Path

from cer.base.errors import message_of

RANGE = re.compile(r"(\w+)=(\d{1,10})(?::(\d{1,10}))?", re.ASCII)
MOST = 10**6  # most jobs in an array


class BadCommandLine(Exception):
    """A wrong command line of a launcher; `status`: the exit status of Kaldi's launchers in this case."""

    def __init__(self, message, status=255):
        super().__init__(message)
        self.status = status


def processors():
    """How many processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


class Jobs:
    """One job, or an array of jobs that differ in a number.

    options: dict, name (with dashes) -> list of its values. name: text that the number replaces, or None for a single
    job. numbers: range.
    """

    def __init__(self, argv):
        """argv: the command-line arguments of the launcher. Raises BadCommandLine."""
        words = list(argv)
        self.options, self.name, self.numbers = {}, None, range(1, 2)
        while words:
            if len(words) > 1 and words[0].startswith("-"):
                self._take_option(words)
            elif self.name is None and re.match(r"\w+=[^/]*$", words[0], re.ASCII):
                self.name, self.numbers = _parse_range(words.pop(0))
            else:
                break
        self._check_for_misplaced_ranges(words)
        if len(words) < 2:
            raise BadCommandLine(f"found {words or 'nothing'} after the options, expected a log file and a command", 1)
        self.log, self.command = words[0], " ".join(map(quote, words[1:]))
        if len(self.numbers) > 1 and self.name not in self.log:
            raise BadCommandLine(
                f"you are putting the output into just one log file: found {self.log}, expected {self.name} in it,"
                f" e.g. {re.sub(r'([.]log)?$', f'.{self.name}.log', self.log, count=1)}",
                1,
            )

    def _check_for_misplaced_ranges(self, words):
        """words: log and command. Raises BadCommandLine if they begin with a second or a misplaced range."""
        if self.name and words and RANGE.fullmatch(words[0]):
            found = f"{self.name}={self.numbers[0]}:{self.numbers[-1]}"
            raise BadCommandLine(f"found a second range, {words[0]} after {found}, expected one and then a log file")
        match = RANGE.fullmatch(words[1]) if len(words) > 1 else None
        if match and not self.name and match[1] in words[0]:
            raise BadCommandLine(f"found {words[1]} after the log file {words[0]}, expected it before")

    def _take_option(self, words):
        option = words.pop(0)
        if option.startswith("--") and (option == "--" or "=" in option):
            raise BadCommandLine(f"found {option}, expected options as in --mem 4G: a name, a blank, a value")
        count = {"-V": 0, "--quiet": 0, "-pe": 2}.get(option, 1)
        values = [words.pop(0) for _ in range(min(count, len(words)))]
        if option.startswith("--") and values and ":" in values[0] and RANGE.fullmatch(values[0]):
            raise BadCommandLine(f"found {option} {values[0]}, expected a value of {option} before the range of jobs")
        self.options.setdefault("--max-jobs-run" if option == "-tc" else option.replace("_", "-"), []).extend(values)

    def integers(self, option):
        """Return the values of an option as integers above 0; an empty list if it was not given."""
        values = self.options.get(option, [])
        for value in values:
            if not re.fullmatch("0{0,9}[1-9][0-9]{0,9}", value):
                raise BadCommandLine(f"{option}: found {value!r}, expected a whole number of at least 1")
        return [int(value) for value in values]

    def warn_of_options(self, program):
        """Warn of options whose value looks like another option: probably the value was forgotten."""
        for name, values in self.options.items():
            for value in [value for value in values if value.startswith("--")]:
                text = f"WARNING: {name} has the value {value}; was its own value forgotten?"
                print(f"{program}: {text}", file=sys.stderr)

    def with_number(self, text, number):
        """Replace the array's name in a text by a number everywhere, even inside longer words, as Kaldi does."""
        return text.replace(self.name, str(number)) if self.name else text

    def all_logs(self):
        """Return a file name pattern for all logs, for messages."""
        return self.with_number(self.log, "*" if len(self.numbers) > 1 else self.numbers[0])


def _parse_range(word):
    match = RANGE.fullmatch(word)
    if not match:
        raise BadCommandLine(f"found {word!r}, expected a range of jobs such as JOB=1:4, or a log file")
    name, first, last = match[1], int(match[2]), int(match[3] or match[2])
    if not 1 <= first <= last:
        raise BadCommandLine(f"found the range {word}, expected first:last with 1 <= first <= last")
    if last - first >= MOST:
        raise BadCommandLine(f"found the range {word}, expected at most {MOST} jobs")
    return name, range(first, last + 1)


def quote(word):
    r"""Quote a word for bash as Kaldi's launchers do.

    A word without white space stays unquoted, so that `\|`, `\>`, `\&\&` and `$x` have their shell meaning. Other
    words and empty ones get double quotes, or single quotes if they contain a double quote.
    """
    if re.fullmatch(r"\S+", word, re.ASCII):
        return word
    if '"' not in word:
        return f'"{word}"'
    if "'" in word:
        raise BadCommandLine(f"found both kinds of quotes and white space in {word!r}, expected one kind; use a script")
    return f"'{word}'"


def show(usage):
    """Print the help; returns the exit status. A reader that has read enough of it (`| head`) is no error."""
    try:
        print(usage, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # Python flushes the rest into it
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        print(f"{Path(sys.argv[0]).name}: {message_of(error)}", file=sys.stderr)
        return 1
    return 0


def open_streams():
    """Open closed standard streams on /dev/null: otherwise a log file could get their descriptor."""
    while (stream := os.open(os.devnull, os.O_RDWR)) <= 2:
        pass
    os.close(stream)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
