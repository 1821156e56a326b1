"""conf/slurm.conf and conf/queue.conf: how a launcher's options become those of the engine, in Kaldi's grammar.

    command sbatch --export=ALL           what submits a job: needed, once
    option mem=* --mem-per-cpu $0         an option with any value, which stands for $0
    option gpu=0                          an option with this very value: it goes before the general case
    default gpu=0                         as if the user had given it
Everything from # on is a comment.
"""

import re
import shlex

from jobs import BadCommandLine


class Config:
    """What one such file says: the words of `command`, (name, value or *) -> words, name -> default."""

    def __init__(self, text, name):
        """name: the file's, for messages. Raises BadCommandLine with the file and line."""
        self.name, self.command, self.options, self.defaults = name, [], {}, {}
        for number, line in enumerate(text.splitlines(), 1):
            if line := line.partition("#")[0].strip():
                try:
                    self._take(line)
                except ValueError as error:
                    raise BadCommandLine(f"{name}:{number}: found '{line}', expected {error}") from None
        if not self.command:
            raise BadCommandLine(f"{name}: found no line 'command ...', expected how a job is submitted")

    def _take(self, line):
        kind, _, rest = line.partition(" ")
        if kind == "command":
            if self.command:
                raise ValueError("one line 'command ...' only")
            self.command = _split(rest)
        elif kind == "option" and (match := re.fullmatch(r"\s*(\w+)=(\S+)\s*(.*)", rest)):
            name, value, text = match.groups()
            if value == "*" and "$0" not in text:
                raise ValueError("$0 after 'option name=*', where the value goes")
            self.options[name, value] = _split(text)
        elif kind == "default" and (match := re.fullmatch(r"\s*(\w+)=(\S+)", rest)):
            self.defaults[match[1]] = match[2]
        else:
            raise ValueError("'command ...', 'option name=* ... $0', 'option name=value ...' or 'default name=value'")

    def words(self, options):
        """The words of a submission. options: name (with underscores) -> value. Raises BadCommandLine."""
        words = list(self.command)
        for name, value in {**self.defaults, **options}.items():
            if (name, value) in self.options:
                words += self.options[name, value]
            elif (name, "*") in self.options:
                words += [word.replace("$0", value) for word in self.options[name, "*"]]
            else:
                known = " ".join(sorted({f"--{known.replace('_', '-')}" for known, _ in self.options}))
                raise BadCommandLine(
                    f"found --{name.replace('_', '-')} {value}, which {self.name} does not describe;"
                    f" expected one of {known}, or a line 'option {name}=* ... $0 ...' there"
                )
        return words


def _split(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        raise ValueError(f"words as in a shell ({error})") from None
