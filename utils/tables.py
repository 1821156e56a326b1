"""Keyed text files (utt2spk, wav.scp ...): an id, a blank and a value on each line."""

import os
import re
from pathlib import Path
from typing import NamedTuple


class BadData(Exception):
    """What is wrong with a data directory or with what was asked of it, and what to do."""


class Row(NamedTuple):
    """One line: its number, the id and the rest."""

    number: int
    key: str
    value: str


class Table:
    """The rows of a keyed file, and what is wrong with its lines whatever they mean."""

    def __init__(self, path):
        """Read the file. Line ends of Windows and empty lines are noted in `problems`, and left out of `rows`."""
        self.path, self.rows, self.problems = Path(path), [], []
        # Bytes that are no UTF-8 stay as they are; of all others the order of characters is that of bytes, as in C.
        lines = self.path.read_bytes().decode("utf-8", "surrogateescape").split("\n")
        if lines[-1]:
            self.note(len(lines), "a last line without a line end", "one: Kaldi's tools may drop the line")
        else:
            lines.pop()
        returns = [number for number, line in enumerate(lines, 1) if line.endswith("\r")]
        if returns:
            self.note(returns[0], f"{len(returns)} line ends of Windows (CR LF)", "LF only")
        for number, line in enumerate(lines, 1):
            self._add(number, line.removesuffix("\r"))

    def _add(self, number, line):
        key, *value = re.split(r"[ \t]+", line.strip(" \t"), maxsplit=1)
        if not key:
            self.note(number, "an empty line", "none: Kaldi's programs stop reading there without a word")
            return
        if line[0] in " \t":
            self.note(number, "white space at the start of the line", "the id")
        if not key.isprintable() or any(c.isspace() for c in key):
            self.note(number, f"the id {key!r}", "an id of printable characters without white space")
        self.rows.append(Row(number, key, value[0] if value else ""))

    def note(self, number, found, expected, cure=""):
        """Add a problem of one line."""
        self.problems.append(f"{self.path}:{number}: found {found}, expected {expected}{'; ' if cure else ''}{cure}")

    def keys(self):
        """The ids, in the file's order."""
        return [row.key for row in self.rows]

    def as_dict(self):
        """The value of each id; of an id that stands there twice the first one, as `sort -u` keeps it."""
        return {row.key: row.value for row in reversed(self.rows)}


def read(path):
    """The value of each id of a file, in sorted order; empty if there is no such file."""
    return dict(sorted(Table(path).as_dict().items())) if Path(path).is_file() else {}


def as_text(table):
    """A file's text from the value of each id."""
    return "".join(f"{key} {value}\n" if value else f"{key}\n" for key, value in table.items())


def write_if_changed(path, text):
    """Write the text, to a temporary name first, unless it is there already. Returns whether it was written."""
    path, content = Path(path), text.encode("utf-8", "surrogateescape")
    if path.is_file() and path.read_bytes() == content:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
    return True


def inverse(utt2spk):
    """spk2utt from utt2spk: speaker -> its utterances in sorted order, parted by blanks."""
    speakers = {}
    for utterance in sorted(utt2spk):
        speakers.setdefault(utt2spk[utterance], []).append(utterance)
    return {speaker: " ".join(speakers[speaker]) for speaker in sorted(speakers)}
