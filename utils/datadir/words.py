"""The words of a command line: which are missing, which are too many, and which data directories they name."""

import re
from pathlib import Path

from cer.base.errors import BadInput


class WrongCall(BadInput):
    """A command line that does not have the form that USAGE says; it is printed before the message."""


def check(words, usage):
    """Raise WrongCall unless the words, without options, are as many as the first line of `usage` has <word>s.

    A word in brackets belongs to an option; the last may stand several times if `...` follows.
    """
    form = re.sub(r"\[[^]]*\]|\([^)]*\)", "", usage.partition("\n")[0])
    needed = re.findall("<[^>]+>", form)
    if word := next((word for word in words if word.startswith("--")), None):
        raise WrongCall(f"found {word}, expected {' '.join(needed)} after options as above")
    if len(words) < len(needed):
        found = f"the argument{'s' * (len(words) > 1)} {' '.join(words)}" if words else "no argument"
        raise WrongCall(f"found {found}, missing: {' '.join(needed[len(words) :])}")
    if len(words) > len(needed) and "..." not in usage.partition("\n")[0]:
        raise WrongCall(f"found {words[len(needed)]!r}, expected nothing after {' '.join(needed)}")


def directories(words):
    """Convert words to paths of data directories. Raises BadInput if one does not exist."""
    paths = [Path(word) for word in words]
    for path in paths:
        if not path.is_dir():
            raise BadInput(f"{path}: no such directory")
    return paths
