"""Checks of sbatch's and qsub's options in a configuration: none may override what the launcher itself sets."""

import re
from pathlib import Path
from typing import NamedTuple


class Options(NamedTuple):
    """The options of an engine's submitting program that the launcher has to know.

    ours: option -> (pattern of forbidden values, reason). flags: options without a value. two: options with two values.
    letters: whether -Jx means -J x, and --job means --job-name.
    """

    program: str
    ours: dict
    flags: frozenset
    two: frozenset = frozenset()
    letters: bool = False

    def start(self, words):
        """Return the index of the first option in words such as `nice sbatch --export=ALL`."""
        return next((n + 1 for n, word in enumerate(words) if Path(word).name == self.program), 1)

    def check(self, words):
        """Raise ValueError, with what is expected instead, for a forbidden option or word."""
        for name, value in self._pairs(words):
            found = f"{name} {value}".strip()
            if not name:
                raise ValueError(f"options only: {self.program} would take {value!r} for the script of the jobs")
            long = [ours for ours in self.ours if ours == name or (self.letters and ours.startswith(name))]
            if long and name != "-":
                harmful, why = self.ours[long[0]]
                if re.match(harmful, value, re.I):
                    raise ValueError(f"no {found!r}, because {why}: take it out")

    def _pairs(self, words):
        """Yield (option, value); for other words ("", word)."""
        words = list(words)
        while words:
            word = words.pop(0)
            if word in ("-", "--") or not word.startswith("-"):
                yield "", word
                continue
            name, _, value = word.partition("=") if word.startswith("--") else (word, "", "")
            if self.letters and not word.startswith("--"):
                name, value = word[:2], word[2:]
                if value and name in self.flags:
                    words.insert(0, f"-{value}")
                    value = ""
            if not value and name not in self.flags:
                count = 2 if name in self.two else 1
                while count and words and not words[0].startswith("-"):
                    value, count = f"{value} {words.pop(0)}".strip(), count - 1
            yield name, value


def _ours(*rows):
    """Make the dict `ours` from rows (options, pattern of forbidden values, reason)."""
    return {option: (harmful, why) for options, harmful, why in rows for option in options.split()}


NAME = "the launcher names the array, and finds it by that name"
NUMBERS = "JOB=1:N on the launcher's command line says which jobs there are"
OUTPUT = "the log is named on the launcher's command line"
SCRIPT = "the launcher writes the script of the jobs"
SUBMITS = "the launcher reads the array's number, and waits for its jobs itself"

SBATCH = Options(
    "sbatch",
    _ours(
        ("-J --job-name", "", NAME),
        ("-a --array", "", NUMBERS),
        ("-o --output -e --error", "", OUTPUT),
        ("--wrap", "", SCRIPT),
        ("-W --wait -Q --quiet --test-only -h --help --usage -V --version", "", SUBMITS),
        ("-M --clusters", "", "the launcher asks this machine's own cluster about the jobs"),
    ),
    frozenset(
        "-H -h -I -k -O -Q -s -v -V -W --contiguous --exclusive --get-user-env --help --hold --ignore-pbs --no-kill"
        " --no-requeue --overcommit --oversubscribe --parsable --quiet --reboot --requeue --share --spread-job"
        " --test-only --usage --use-min-nodes --verbose --version --wait".split()
    ),
    letters=True,
)

QSUB = Options(
    "qsub",
    _ours(
        ("-N", "", NAME),
        ("-t", "", NUMBERS),
        ("-o", "", OUTPUT),
        ("-b", "y", SCRIPT),
        ("-S", r"(?!\S*\bbash$)", f"{SCRIPT}, which is for bash"),
        ("-sync", "y", SUBMITS),
        ("-w", "[pv]", SUBMITS),
        ("-verify -help", "", SUBMITS),
        ("-@", "", "options in other files cannot be checked: write them here"),
    ),
    frozenset("-clear -cwd -h -hard -help -notify -soft -terse -V -verbose -verify -nostdin".split()),
    two=frozenset(["-pe", "-binding"]),
)
