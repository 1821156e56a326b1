"""Options of a program: each declared once, as a typed keyword argument of the code that uses it.

A configuration file in conf/ sets them (Kaldi's form, `--name=value` a line, `#` for comments), the command line
overrides it, and `--help` is made from the docstring of the code. An unknown or ill-typed option stops the program.
"""

import argparse
import inspect
import re
import textwrap

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_text


class Parser(argparse.ArgumentParser):
    """An argument parser that takes options from functions and from configuration files."""

    def __init__(self, description):
        super().__init__(description=description, allow_abbrev=False, formatter_class=argparse.RawTextHelpFormatter)
        text = "file of --name=value lines; several are read in order, the command line wins"
        self.add_argument("--config", action="append", default=[], metavar="FILE", help=text)
        self._keywords = {}  # function -> names of its options

    def add_keywords(self, function):
        """Declare every keyword-only argument of `function` (or of a class's constructor) as an option."""
        signature = inspect.signature(function)
        keywords = [p for p in signature.parameters.values() if p.kind is p.KEYWORD_ONLY]
        group = self.add_argument_group(f"options of {function.__module__}.{function.__qualname__}")
        for keyword in keywords:
            text = _help(function, keyword.name)
            group.add_argument(
                f"--{keyword.name.replace('_', '-')}", dest=keyword.name, default=keyword.default,
                type=keyword.annotation, metavar=kinds.parts(keyword.annotation)[0].__name__.upper(),
                help=f"{text} (default: {show(keyword.default)})".replace("%", "%%"),
            )  # fmt: skip
        self._keywords[function] = [keyword.name for keyword in keywords]

    def parse(self, argv=None):
        """Parse configuration files, then the command line; returns the namespace of all values."""
        first = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        first.add_argument("--config", action="append", default=[])
        files, rest = first.parse_known_args(argv)
        return self.parse_args([token for file in files.config for token in self._read(file)] + rest)

    def keywords(self, values, function):
        """The part of the parsed `values` that `function` takes: a dict for `function(**dict)`."""
        return {name: getattr(values, name) for name in self._keywords[function]}

    def _get_value(self, action, text):
        """The value of an option, which must be of its kind (kinds.py); of an argument, which must not be empty."""
        try:
            if not text and not action.option_strings:
                raise ValueError("found '', expected something")
            return kinds.names(text) if action.type is kinds.names else kinds.parse(action.type or str, text)
        except ValueError as error:
            raise argparse.ArgumentError(action, str(error)) from None

    def _read(self, path):
        tokens = []
        for number, token in read_config(path):
            option, _, text = token.partition("=")
            if option not in self._option_string_actions or option == "--config":
                known = " ".join(sorted(o for o in self._option_string_actions if o.startswith("--")))
                self.error(f"{path}:{number}: unknown option {option}; known are {known}")
            action = self._option_string_actions[option]
            try:
                self._check_value(action, self._get_value(action, text))
            except argparse.ArgumentError as error:
                self.error(f"{path}:{number}: {error}")
            tokens.append(token)
        return tokens


def read_config(path):
    """Read a Kaldi configuration file; returns a list of (line number, "--name=value"), no name twice."""
    tokens = {}
    for number, line in enumerate(read_text(path, "check the path of the configuration").split("\n"), 1):
        token = line.partition("#")[0].strip()
        if token and not re.fullmatch(r"--[a-z0-9-]+=.*", token):
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


def _help(function, name):
    """What the docstring's line `name: ...`, with its continuation lines, says of an option."""
    doc = inspect.cleandoc(function.__doc__ or "")
    found = re.search(rf"^( *){name}: (.*(?:\n\1 +\S.*)*)", doc, re.MULTILINE)
    if not found:
        raise TypeError(f"{function.__qualname__}: its docstring does not say what the option {name} is")
    return textwrap.fill(" ".join(found[2].split()), 90)
