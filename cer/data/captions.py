"""Captions, SubRip (.srt) and WebVTT (.vtt): who says what from when to when.

The speaker is the voice of WebVTT, <v Ann>, or what a caption begins with: `Ann Lee:` or `[SPEAKER_01]:`, up to three
words with capitals or digits, a colon and a blank. Markup is left out.
"""

import html
import re

from cer.base import csvs
from cer.base.errors import BadInput

TIME = r"(?:(\d{1,4}):)?([0-5]?\d):([0-5]?\d)[,.](\d{1,3})"
TIMING = re.compile(rf"\s*{TIME}\s*-->\s*{TIME}(?:\s.*)?")
VOICE = re.compile(r"<v(?:\.[^\s<>]*)?[ \t]([^<>]*)>")
WORD = r"\w[\w.'-]*"
PREFIX = re.compile(rf"(\[)?({WORD}(?: {WORD}){{0,2}})(?(1)\]):\s+(.*)", re.DOTALL)
OTHER = ("WEBVTT", "NOTE", "STYLE", "REGION")  # what blocks of WebVTT that are no captions begin with
EXPECTED = "expected the times of a caption, 00:00:01,000 --> 00:00:02,500, below its number"


def read(path):
    """All captions: list of (line, speaker or "", start, end, text), one a voice. Raises BadInput, with file and line.

    A block without times is more text of the caption before it.
    """
    captions = []
    for block in _blocks(path):
        if block[0][1].split(maxsplit=1)[0] in OTHER:
            continue
        timed = [place for place, (_, line) in enumerate(block) if "-->" in line]
        if len(timed) > 1 or timed not in ([0], [1], []):
            number, line = block[timed[-1]]
            raise BadInput(f"{path}:{number}: found {line!r} within a caption, expected an empty line before each one")
        if timed:
            number, line = block[timed[0]]
            captions.append((number, *_times(path, number, line), [words for _, words in block[timed[0] + 1 :]]))
        elif captions and not block[0][1].isdecimal() and not any("->" in line for _, line in block):
            captions[-1][3].extend(words for _, words in block)
        else:
            number, line = block[min(1, len(block) - 1)]
            raise BadInput(f"{path}:{number}: found {line!r}, {EXPECTED}")
    if not captions:
        raise BadInput(f"{path}: found no caption, expected one or more; check the path")
    return [(number, who, start, end, words)
            for number, start, end, lines in captions for who, words in _voices(" ".join(lines))]  # fmt: skip


def _blocks(path):
    """The lines, (number, text), between empty ones: a list of them each."""
    blocks, last = [], -1
    for number, line in csvs.lines(path):
        if number > last + 1:
            blocks.append([])
        blocks[-1].append((number, line))
        last = number
    return blocks


def _times(path, number, line):
    """The start and the end in s."""
    found = TIMING.fullmatch(line)
    if not found:
        raise BadInput(f"{path}:{number}: found {line!r}, {EXPECTED}")
    parts = found.groups()
    return [
        3600 * int(hours or 0) + 60 * int(minutes) + int(seconds) + int(f"{rest:0<3}") / 1000
        for hours, minutes, seconds, rest in (parts[:4], parts[4:])
    ]


def _voices(words):
    """Each speaker, or "", with what is said."""
    before, *voices = VOICE.split(words)
    if voices:
        found = [("", before), *zip(voices[::2], voices[1::2], strict=True)]
        return [(_plain(who), _plain(said)) for who, said in found if who or _plain(said)]
    prefix = PREFIX.fullmatch(_plain(words))
    if prefix and not any(word[0].islower() for word in prefix[2].split()):
        return [(prefix[2], prefix[3])]
    return [("", _plain(words))]


def _plain(words):
    """Words without markup, blanks at the ends, and `&amp;` for &."""
    return html.unescape(re.sub(r"</?[^<>]*>", "", words)).strip()
