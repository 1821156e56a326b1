"""Praat's TextGrid files, as text, long or short: tiers of intervals, read and written.

Praat's own rule: what counts are texts in double quotes ("" is one quote within), flags in angle brackets and numbers
that stand alone; the names around them (xmin =, intervals [1]:) say nothing, and ! begins a comment.
"""

import math
import re

from cer.base import kinds
from cer.base.errors import BadInput
from cer.base.files import read_bytes, read_text

TOKEN = re.compile(
    r'"(?P<text>(?:[^"]|"")*)"|<(?P<flag>\w+)>|(?<!\S)!(?P<comment>.*)|=[ \t]*(?P<value>[^\s"<]\S*)|(?P<word>[^\s"<=]+)'
)
NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)(e[-+]?\d+)?", re.IGNORECASE)
NAMES = re.compile(
    r"File|type|Object|class|xmin|xmax|tiers\?|size|item|name|intervals:?|points:?|text|mark|number|time|\[\d*\]:?"
)
SAVE = "save it in Praat as a text file"


class _Tokens:
    """The texts, flags and numbers of a file, one after the other."""

    def __init__(self, path):
        self.path, self._next = path, 0
        content = _content(path)
        self._found, line, place = [], 1, 0
        for match in TOKEN.finditer(content):
            kind, token = match.lastgroup, match[match.lastgroup]
            line, place = line + content.count("\n", place, match.start()), match.start()
            if kind == "text":
                self._found.append((line, kind, token.replace('""', '"')))
            elif kind == "flag" or (kind in ("value", "word") and not NAMES.fullmatch(token)):
                self._found.append((line, kind, token))
        self._last = content.count("\n") + 1

    def take(self, kind, what):
        """The next token, (line, value): a text, flag or number; what: it is, for the message. Raises BadInput."""
        if self._next == len(self._found):
            raise BadInput(f"{self.path}:{self._last}: found the end of the file, expected {what}; {SAVE} again")
        line, found, token = self._found[self._next]
        self._next += 1
        number = found != "text" and NUMBER.fullmatch(token) and math.isfinite(float(token))
        if not (number if kind == "number" else found == kind):
            raise BadInput(f"{self.path}:{line}: found {kinds.shown(token)}, expected {what}")
        return line, float(token) if kind == "number" else token


def _content(path):
    """The text of a file, UTF-8 or, as Praat often writes it, UTF-16."""
    data = read_bytes(path)
    if data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
        return read_text(path)
    try:
        return re.sub("\r\n?", "\n", data.decode("utf-16"))
    except UnicodeDecodeError:
        raise BadInput(f"{path}: is cut off within its UTF-16; {SAVE} again") from None


def read(path):
    """The intervals that have a text: list of (line, name of the tier, start, end, text); tiers of points are left out.

    Raises BadInput, naming file and line.
    """
    tokens = _Tokens(path)
    for expected in ("ooTextFile", "TextGrid"):
        line, found = tokens.take("text", f'"{expected}"')
        if not found.startswith(expected):
            raise BadInput(f'{path}:{line}: found "{found}", expected "{expected}"; {SAVE}')
    for what in ("the start of the file (s)", "its end (s)"):
        tokens.take("number", what)
    if tokens.take("flag", "<exists>")[1] != "exists":
        return []
    intervals = []
    for _ in range(int(tokens.take("number", "the number of tiers")[1])):
        line, kind = tokens.take("text", '"IntervalTier" or "TextTier"')
        if kind not in ("IntervalTier", "TextTier"):
            raise BadInput(f'{path}:{line}: found "{kind}", expected "IntervalTier" or "TextTier"')
        name = tokens.take("text", "the name of a tier")[1]
        for what in ("the start of a tier (s)", "its end (s)"):
            tokens.take("number", what)
        for _ in range(int(tokens.take("number", "the number of its intervals or points")[1])):
            line, start = tokens.take("number", "the start of an interval, or a point (s)")
            end = tokens.take("number", "the end of an interval (s)")[1] if kind == "IntervalTier" else None
            text = tokens.take("text", 'the "text" of an interval or point')[1].strip()
            if kind == "IntervalTier" and text:
                intervals.append((line, name, start, end, text))
    return intervals


def text(tiers, end):
    """The text of a TextGrid from 0 to `end` s; tiers: list of (name, [(start, end, text)] in order, none overlaps)."""
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', ""]
    lines += [f"xmin = 0 \nxmax = {end!r} \ntiers? <exists> \nsize = {len(tiers)} \nitem []: "]
    for number, (name, intervals) in enumerate(tiers, 1):
        whole = _without_gaps(intervals, end)
        lines += [f'    item [{number}]:\n        class = "IntervalTier" \n        name = {_quoted(name)} ']
        lines += [f"        xmin = 0 \n        xmax = {end!r} \n        intervals: size = {len(whole)} "]
        for place, (first, last, words) in enumerate(whole, 1):
            lines += [f"        intervals [{place}]:\n            xmin = {first!r} \n            xmax = {last!r} "]
            lines += [f"            text = {_quoted(words)} "]
    return "\n".join(lines) + "\n"


def _without_gaps(intervals, end):
    """Intervals with empty ones between them: a tier of Praat's has no gaps."""
    whole, last = [], 0
    for one in intervals:
        whole += [(last, one[0], ""), one] if one[0] > last else [one]
        last = one[1]
    return [*whole, (last, end, "")] if end > last else whole


def _quoted(words):
    return '"{}"'.format(words.replace('"', '""'))
