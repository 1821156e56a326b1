"""The one reader of Kaldi's text tables (utt2spk, wav.scp ...): an id, blanks and a value on each line.

Only LF ends a line, only blanks and tabs separate fields: any other character may be part of a value, such as a file's
name. Line ends of Windows, byte order marks and a missing end of the last line are ignored here, but Kaldi's scripts
stumble over them: utils/validate_data_dir.sh names them, utils/fix_data_dir.sh removes them.

Ids become names of files (csv/<utterance>.csv), so none may lead out of a folder: `/` may stand inside an id, as in
Kaldi's, but no part between slashes may be empty, `.`, `..` or too long.
"""

import re
from pathlib import Path
from typing import NamedTuple

from cer.base.errors import BadInput
from cer.base.files import encoding_fault, read_bytes, write_text

MARK = "\ufeff"  # a byte order mark; where files were joined it may begin any line
VALUES_ARE_IDS = ("utt2spk", "spk2utt")  # files whose values are ids, too
RENAME = "rename it in every file"
LONGEST = 240  # bytes: file systems have 255 for a name, .<id>.TextGrid.tmp~
KALDIS_OWN = ("wav", "feats", "cmvn", "vad")  # scp files of a data directory that hold no labels


class Row(NamedTuple):
    """One line: its number, the id and the rest."""

    number: int
    key: str
    value: str


class Problem(NamedTuple):
    """What is wrong with one line (0: with the file); mended: fix_data_dir.sh mends it; harmless: it can be ignored."""

    number: int
    text: str
    mended: bool
    harmless: bool


class Table:
    """The rows of a table, and what is wrong with the form of its lines."""

    def __init__(self, path, cure="check the path", content=None):
        """Read the file, or take its bytes from `content`. Raises BadInput, with the cure, if it cannot be read.

        Faults of lines are noted in `problems`; lines that have no id are left out of `rows`.
        """
        self.path, self.rows, self.problems = Path(path), [], []
        data = read_bytes(path, cure) if content is None else content
        if fault := encoding_fault(data):
            self.note(*fault)
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return
        # Bytes that are no UTF-8 stay as they are. In UTF-8 the order of characters is that of bytes, as in LC_ALL=C.
        lines = data.decode("utf-8", "surrogateescape").split("\n")
        if lines[-1]:
            found = (len(lines), "a last line without a line end", "one: Kaldi's tools may drop the line")
            self.note(*found, mended=True, harmless=True)
        else:
            lines.pop()
        lines = self._without(lines, "\r", str.endswith, str.removesuffix, "{} line ends of Windows (CR LF)", "LF only")
        mark = "a byte order mark in {} lines (saved by a program of Windows?)"
        lines = self._without(lines, MARK, str.startswith, str.removeprefix, mark, "plain UTF-8")
        are_ids = self.path.name in VALUES_ARE_IDS
        for number, line in enumerate(lines, 1):
            self._add(number, line, are_ids)

    def _without(self, lines, end, has, remove, found, expected):
        numbers = [number for number, line in enumerate(lines, 1) if has(line, end)]
        if not numbers:
            return lines
        self.note(numbers[0], found.format(len(numbers)), expected, mended=True, harmless=True)
        return [remove(line, end) for line in lines]

    def _add(self, number, line, values_are_ids):
        key, _, value = line.partition(" ")
        if not key or "\t" in line or value[:1] == " " or value[-1:] == " ":  # seldom, and slow
            key, *rest = re.split("[ \t]+", line.strip(" \t"), maxsplit=1)
            value = rest[0] if rest else ""
        if not key:
            self.note(number, "an empty line", "none: Kaldi's programs stop reading there without a word", mended=True)
            return
        if line[0] in " \t":
            self.note(number, "white space at the start of the line", "the id", mended=True)
        if fault := id_fault(key):
            self.note(number, f"the id {key!r}", f"{fault}; {RENAME}")
        if "\0" in value or "\r" in value:
            self.note(number, f"{line!r}", "no NUL and no carriage return within a line; take it out")
        elif values_are_ids and (wrong := [one for one in fields(value) if id_fault(one)]):
            self.note(number, f"the id {wrong[0]!r}", f"{id_fault(wrong[0])}; {RENAME}")
        self.rows.append(Row(number, key, value))

    def note(self, number, found, expected, mended=False, harmless=False):
        """Add a problem of one line. What cannot be printed is shown as Python writes it."""
        text = f"found {found}, expected {expected}"
        text = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)
        self.problems.append(Problem(number, text, mended, harmless))

    def checked(self):
        """The table itself; raises BadInput for the first problem that cannot be ignored."""
        for number, text, mended, harmless in self.problems:
            if not harmless:
                cure = "; in a data directory utils/fix_data_dir.sh mends it" if mended else ""
                raise BadInput(f"{self.path}:{number}: {text}{cure}")
        return self

    def messages(self, fix):
        """Each problem with its file and line, and with `fix`, what to do, if that mends it."""
        for number, text, mended, _ in self.problems:
            yield f"{self.path}{f':{number}' if number else ''}: {text}{f'; {fix}' if mended else ''}"

    def keys(self):
        """The ids, in the file's order."""
        return [row.key for row in self.rows]

    def as_dict(self):
        """The value of each id; the first one if an id stands there twice, as `sort -u` keeps it."""
        return {row.key: row.value for row in reversed(self.rows)}


def fields(value):
    """The fields of a value, separated by blanks and tabs."""
    return re.findall("[^ \t]+", value)


def taken_apart(where):
    """Split a value `path:offset[range]` of an scp file: (path, offset, text of the range or None).

    Brackets at the end, after an offset, hold a range. Without an offset they may be part of the path: they are if such
    a file exists, or if they hold anything but numbers.
    """
    path, bracket, limits = where[:-1].rpartition("[") if where.endswith("]") else (where, "", "")
    if not bracket or "]" in limits:
        path, limits = where, None
    name, _, offset = path.rpartition(":")
    if re.fullmatch("[0-9]{1,18}", offset) and name:
        return name, int(offset), limits
    if limits is not None and (re.search("[^0-9:,]", limits) or Path(where).is_file()):
        return where, 0, None
    return path, 0, limits


def id_fault(key):
    """What an id should be instead, or None for a good one."""
    if not key or not key.isprintable() or " " in key:
        return "an id of printable characters without white space"
    if ("/" in key or key in (".", "..")) and not {"", ".", ".."}.isdisjoint(key.split("/")):
        return "an id that stays in its folder: not /x, x/, ./x, ../x or x//y"
    if 4 * len(key) > LONGEST and max(len(part.encode()) for part in key.split("/")) > LONGEST:
        return f"an id that can be a file's name: up to {LONGEST} bytes"
    return None


def id_of(name):
    """The id that a path below a folder gives its file: `-` for `/`, `_` for blanks and what cannot be printed."""
    key = re.sub(r"\s", "_", str(name).replace("/", "-"))
    return "".join(c if c.isprintable() else "_" for c in key)


def read_table(path, cure="check the path", bare=False, empty=False):
    """Read a table: id -> value, in the file's order.

    cure: what a user does when the file is not there; bare: an id may stand without a value, as in text; empty: there
    may be no line at all. Raises BadInput naming file and line.
    """
    found = {}
    for number, key, value in Table(path, cure).checked().rows:
        if not value and not bare:
            raise BadInput(f"{path}:{number}: found {key!r}, expected an id, a blank and a value; mend the line")
        if key in found:
            raise BadInput(f"{path}:{number}: {key} stands here for the second time; ids must be unique")
        found[key] = value
    if not found and not empty:
        raise BadInput(f"{path}: is empty; {cure}")
    return found


def as_text(table):
    """The text of a table, id -> value, in its order. Raises BadInput if it would be read back as another one."""
    lines = {key: f"{key} {value}\n" if value != "" else f"{key}\n" for key, value in table.items()}
    text = "".join(lines.values())
    if not _is_read_back(text, table):
        for key, line in lines.items():
            if not _is_read_back(line, {key: table[key]}):
                fault = id_fault(key) or "a value without line ends or white space at its ends, in UTF-8"
                raise BadInput(f"{line[:-1]!r} cannot be a line of a table; expected {fault}; rename what it names")
    return text


def _is_read_back(text, table):
    read = Table("", content=text.encode("utf-8", "surrogateescape"))
    return not read.problems and [row[1:] for row in read.rows] == [(key, str(v)) for key, v in table.items()]


def write_table(path, table):
    """Write a table, sorted by id in C order as Kaldi's tools need it. Raises BadInput for what cannot be a line."""
    try:
        text = as_text({key: table[key] for key in sorted(table)})
    except BadInput as error:
        raise BadInput(f"{path}: {error}") from None
    write_text(path, text)


def write_if_changed(path, text):
    """Write the text unless it is there already. Returns whether it was written."""
    if holds(path, text):
        return False
    write_text(path, text)
    return True


def holds(path, text):
    """Whether there is a file with this text."""
    return Path(path).is_file() and Path(path).read_bytes() == text.encode()


def inverse(utt2spk):
    """spk2utt from utt2spk: speaker -> its utterances, sorted and separated by blanks."""
    speakers = {}
    for utterance in sorted(utt2spk):
        speakers.setdefault(utt2spk[utterance], []).append(utterance)
    return {speaker: " ".join(speakers[speaker]) for speaker in sorted(speakers)}
