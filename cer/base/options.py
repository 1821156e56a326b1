"""Options of a program: each declared once, as a typed keyword argument of the code that uses it.

A configuration file in conf/ sets them (Kaldi's form, `--name=value` a line, `#` for comments), the command line
overrides it, and `--help` is made from the docstring of the code. An unknown or ill-typed option stops the program.
"""

import argparse
import difflib
import inspect
import re
import sys
import textwrap
from pathlib import Path

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text

CONFIG = "file of --name=value lines, options of the groups below; several are read in order, the command line wins"


class Arguments(argparse.ArgumentParser):
    """argparse with errors of one line; it would read --name=-- as [], whatever the option's type: refused here."""

    def __init__(self, **about):
        super().__init__(prog=typed(), allow_abbrev=False, **about)

    def error(self, message):
        """End the program with one line that says what is wrong, and status 2."""
        self.exit(2, f"{self.prog}: error: {message}; see --help\n")

    def parse_known_args(self, args=None, namespace=None):
        """Parse words, of the command line by default; returns (namespace, unknown words)."""
        words = sys.argv[1:] if args is None else list(args)
        for name in (word.removesuffix("=--") for word in words if word.startswith("--") and word.endswith("=--")):
            if "=" not in name:
                error = argparse.ArgumentError(None, f"argument {name}: found '--', expected a value")
                if not self.exit_on_error:
                    raise error
                self.error(str(error))
        return super().parse_known_args(words, namespace)


class Parser(Arguments):
    """An argument parser that takes options from functions and from configuration files."""

    def __init__(self, description):
        self._declared = {}  # option, with its dashes -> what add_argument was told about it
        self._keywords = {}  # function -> names of its options
        self._groups = {}  # title -> group, one for each module
        super().__init__(description=description, formatter_class=argparse.RawTextHelpFormatter)
        about = {"action": "append", "default": [], "metavar": "FILE", "help": argparse.SUPPRESS}
        self._config = self.add_argument("--config", **about)  # help shows it where there are options that it can set

    def add_argument(self, *names, **about):
        """As argparse does it, but `type` is a kind of value (kinds.py); the text of an argument must not be empty."""
        return super().add_argument(*names, **self._with_reader(names, about))

    def add_keywords(self, function):
        """Declare every keyword-only argument of `function` (or of a class's constructor) as an option."""
        signature = inspect.signature(function)
        keywords = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
        module = function.__module__.rpartition(".")[2]
        title = f"options of {'this program' if module == '__main__' else module}"
        if title not in self._groups:
            self._groups[title] = self.add_argument_group(title)
        self._config.help = CONFIG
        for keyword in keywords:
            if keyword.annotation is keyword.empty or keyword.default is keyword.empty:
                raise TypeError(
                    f"{function.__module__}.{function.__qualname__}: the option {keyword.name} needs a type and"
                    " a default, as in `width: Count = 32`"
                )
            option = f"--{keyword.name.replace('_', '-')}"
            about = {
                "dest": keyword.name,
                "default": keyword.default,
                "type": keyword.annotation,
                "metavar": _metavar(keyword.annotation),
                "help": f"{_help(function, keyword.name)}{_default(keyword.default)}".replace("%", "%%"),
            }
            self._groups[title].add_argument(option, **self._with_reader([option], about))
        self._keywords[function] = [keyword.name for keyword in keywords]

    def error(self, message):
        """As Arguments does; for an option that does not exist, with the one that is most like it."""
        wrong = re.match(r"unrecognized arguments: (--[^ =]+)", message)
        like = difflib.get_close_matches(wrong[1], self.options(), 1) if wrong else []
        super().error(f"{message} (did you mean {like[0]}?)" if like else message)

    def options(self):
        """The names of all options, with their dashes, sorted."""
        return sorted(name for name in self._declared if name.startswith("--"))

    def _of_functions(self):
        """The options that configurations may set: those of functions, never the program's own."""
        return sorted(f"--{name.replace('_', '-')}" for names in self._keywords.values() for name in names)

    def parse(self, argv=None):
        """Parse configuration files, then the command line; returns the namespace of all values."""
        first = Arguments(add_help=False)
        first.add_argument("--config", action="append", default=[])
        files, rest = first.parse_known_args(argv)
        # intermixed: an option may stand between two arguments; argparse loses a "--" then
        parse = self.parse_args if "--" in rest else self.parse_intermixed_args
        return parse([token for file in files.config for token in self._read(file)] + rest)

    def parse_one(self, token):
        """The value of one option alone, from `--name=value`. Raises ValueError, which names the option."""
        option = token.partition("=")[0]
        alone = Arguments(exit_on_error=False)
        alone.add_argument(option, **self._declared[option] | {"dest": "value"})
        try:
            return alone.parse_args([token]).value
        except argparse.ArgumentError as error:
            raise ValueError(str(error)) from None

    def keywords(self, values, function):
        """The part of the parsed `values` that `function` takes: a dict for `function(**dict)`."""
        return {name: getattr(values, name) for name in self._keywords[function]}

    def _with_reader(self, names, about):
        """What argparse is told about an argument or option of these names: its type is a function that reads it."""
        is_option = names[0].startswith("-")
        if about.get("action", "store") in ("store", "append"):
            about = about | {"type": _reader(about.get("type", str), may_be_empty=is_option)}
        if is_option:
            self._declared |= dict.fromkeys(names, about)
        return about

    def _read(self, path):
        """The lines of a configuration file, as words of a command line. Ends the program at a line that is wrong."""
        tokens, known = [], self._of_functions()
        for number, token in read_config(path):
            option = token.partition("=")[0]
            if option not in known:
                self.error(f"{path}:{number}: unknown option {option}; known are {' '.join(known) or 'none'}")
            try:
                self.parse_one(token)
            except ValueError as error:
                self.error(f"{path}:{number}: {error}")
            tokens.append(token)
        return tokens


def typed():
    """What the user typed to start this program: its module, or its file."""
    module = getattr(sys.modules["__main__"], "__spec__", None)
    return f"python3 -m {module.name}" if module else Path(sys.argv[0]).name


def _metavar(kind):
    """What help shows for the value of an option of this kind."""
    return "ROWS or 8s" if kinds.in_seconds(kind) else kinds.parts(kind)[0].__name__.upper()


def _reader(kind, may_be_empty):
    """A function that reads a text of the command line as a value of a kind (kinds.py), for argparse."""

    def read(text):
        try:
            if not text and not may_be_empty:
                raise ValueError("found '', expected something")
            return kinds.names(text) if kind is kinds.names else kinds.parse(kind, text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(error) from None

    return read


def peek(argv, name, default=None):
    """The value of one option, which decides what other options there are, before all of them are parsed."""
    first = Arguments(add_help=False)
    first.add_argument(f"--{name}", default=default)
    return getattr(first.parse_known_args(argv)[0], name)


def read_config(path):
    """Read a Kaldi configuration file; returns a list of (line number, "--name=value"), no name twice.

    Raises BadInput, naming file and line.
    """
    tokens = {}
    for number, line in enumerate(read_text(path, "check the path of the configuration").split("\n"), 1):
        token = line.partition("#")[0].strip()
        if token and (not re.fullmatch(r"--[a-z0-9-]+=.*", token) or token.endswith("=--")):
            raise BadInput(f"{path}:{number}: found {token!r}, expected --name=value")
        name = token.partition("=")[0]
        if token and name in tokens:
            raise BadInput(f"{path}:{number}: {name} stands here for the second time, after line {tokens[name][0]}")
        if token:
            tokens[name] = number, token
    return list(tokens.values())


def defaults(function):
    """The defaults of a function's keyword-only arguments, a dict."""
    keywords = inspect.signature(function).parameters.values()
    return {keyword.name: keyword.default for keyword in keywords if keyword.kind is keyword.KEYWORD_ONLY}


def show(value):
    """A value as it is typed on a command line: Kaldi's true and false, numbers without trailing zeros."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _default(value):
    """What help shows of a default; an empty text is explained by the option's own words."""
    return "" if value == "" else f" (default: {show(value)})"


def _help(function, name):
    """What the docstring's line `name: ...`, with its continuation lines, says of an option."""
    doc = inspect.cleandoc(function.__doc__ or "")
    found = re.search(rf"^( *){name}: (.*(?:\n\1 +\S.*)*)", doc, re.MULTILINE)
    if not found:
        raise TypeError(f"{function.__qualname__}: its docstring does not say what the option {name} is")
    return textwrap.fill(" ".join(found[2].split()), 90)
