"""conf/slurm.conf and conf/queue.conf: translate a launcher's options to the engine's, in Kaldi's syntax.

    command sbatch --export=ALL           the command that submits a job: required, once
    option mem=* --mem-per-cpu $0         an option with any value, which replaces $0
    option time=*                         one that changes nothing
    option gpu=0                          an option with exactly this value; it takes precedence over gpu=*
    default gpu=0                         value of an option that the user does not give
A # starts a comment.
"""

import re
import shlex
from pathlib import Path

from .jobs import BadCommandLine


class Config:
    """The content of such a file: the words of `command`, (name, value or *) -> words, name -> default."""

    def __init__(self, text, name):
        """text: content of the file; name: its name, for messages. Raises BadCommandLine with file and line."""
        self.name, self.command, self.options, self.defaults = name, [], {}, {}
        self.lines = {}  # "command", or name and value of an option -> number of its line
        for number, line in enumerate(text.split("\n"), 1):
            if line := line.partition("#")[0].strip():
                try:
                    self._take(line, number)
                except ValueError as error:
                    raise BadCommandLine(f"{name}:{number}: found '{line}', expected {error}") from None
        if not self.command:
            raise BadCommandLine(f"{name}: found no line 'command ...', expected how a job is submitted")

    def _take(self, line, number):
        kind, rest = [*line.split(None, 1), ""][:2]
        if kind == "command":
            if self.command:
                raise ValueError("one line 'command ...' only")
            self.command, self.lines["command"] = _split(rest), number
        elif kind == "option" and (match := re.fullmatch(r"\s*(\w+)=(\S+)\s*(.*)", rest)):
            name, value, text = match.groups()
            if value == "*" and text and "$0" not in text:
                raise ValueError("$0 after 'option name=*', where the value goes")
            self.options[name, value], self.lines[name, value] = _split(text), number
        elif kind == "default" and (match := re.fullmatch(r"\s*(\w+)=(\S+)", rest)):
            self.defaults[match[1]] = match[2]
        else:
            raise ValueError("'command ...', 'option name=* ... $0', 'option name=value ...' or 'default name=value'")

    def words(self, options, known):
        """Return the command line of a submission, a list of words. Raises BadCommandLine.

        options: name (with underscores) -> value; known: Options of the program that submits.
        """
        start = known.start(self.command)
        words = self.command[:start] + self._checked("command", self.command[start:], known)
        for name, value in {**self.defaults, **options}.items():
            line = next((line for line in [(name, value), (name, "*")] if line in self.options), None)
            if line is None:
                described = " ".join(sorted({f"--{name.replace('_', '-')}" for name, _ in self.options}))
                raise BadCommandLine(
                    f"found --{name.replace('_', '-')} {value}, which {self.name} does not describe;"
                    f" expected one of {described}, or a line 'option {name}=* ... $0 ...' there"
                )
            text = self.options[line]
            words += self._checked(line, [w.replace("$0", value) for w in text] if line[1] == "*" else text, known)
        return words

    def _checked(self, line, words, known):
        try:
            known.check(words)
        except ValueError as error:
            where = f"{self.name}:{self.lines[line]}"
            raise BadCommandLine(f"{where}: found '{shlex.join(words)}', expected {error}") from None
        return words


def _split(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ValueError(f"words as in a shell ({error})") from None


def read_config(jobs, engine):
    """Read the Config: from --config, else from the engine's file in the current directory, else the built-in one."""
    named = jobs.options.get("--config")
    path = Path(named[-1] if named else engine.config)
    if not named and not path.exists():
        return Config(engine.default, "the built-in default")
    try:
        return Config(path.read_text(encoding="utf-8-sig"), str(path))
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise BadCommandLine(f"{path}:{line}: found bytes that are no UTF-8; save it as UTF-8") from None
    except OSError as error:
        given = "--config: " if named else ""
        raise BadCommandLine(
            f"{given}{path} cannot be read ({error.strerror}); expected a file as {engine.config}"
        ) from None


def engine_words(jobs, engine):
    """Return the command line that submits a job with the launcher's options, a list of words."""
    options = {}
    for option, values in jobs.options.items():
        if not option.startswith("--"):
            raise BadCommandLine(f"found {option}, expected options with two dashes that {engine.config} describes")
        options[option[2:].replace("-", "_")] = values[-1] if values else ""
    if limits := jobs.integers("--max-jobs-run"):
        options["max_jobs_run"] = str(min(limits))
    options.pop("config", None)
    if engine.limits_arrays:
        options.pop("max_jobs_run", None)
    jobs.integers("--num-threads")
    return read_config(jobs, engine).words(options, engine.options)
