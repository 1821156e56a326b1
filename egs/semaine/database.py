"""The SEMAINE database: a folder a session, with session.xml, wav files and a FEELTRACE file a rater and dimension."""

import re
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from cer.base.errors import BadInput, listed, warn
from cer.base.files import read_text
from cer.corpora import found, traces
from cer.corpora.placing import ratings
from cer.corpora.preparation import Item, Rated

ABOUT = "session.xml"
LETTERS = {"arousal": "A", "valence": "V", "power": "P", "expectancy": "E"}
NAME = r"([AR]\d+).*T([UO]).*D([A-Z][a-z]?)\.txt"  # R5S1TUCPoDA.txt: rater 5, the user, talking to Poppy, activation


@dataclass
class Session:
    """A session of a speaker; traces: letter of the dimension -> [(rater, path)]."""

    id: str
    speaker: str
    folder: Path
    traces: dict[str, list]


def padded(name):
    """Numbers in the order of texts: 7 -> 007."""
    return f"{int(name):03d}" if name.isascii() and name.isdigit() else name


def elements(path):
    """The elements of an XML file: name -> list of their attributes; "": the root. Raises BadInput.

    A DOCTYPE, which could make a parser fetch files or fill the memory, is refused.
    """
    text = read_text(path)
    for number, line in enumerate(text.split("\n"), 1):
        if "<!DOCTYPE" in line or "<!ENTITY" in line:
            raise BadInput(
                f"{path}:{number}: found {line.strip()[:60]!r}, expected no DOCTYPE and no entities; remove it"
            )
    try:
        root = ElementTree.fromstring(text)
    except ElementTree.ParseError as error:
        raise BadInput(f"{path}:{error.position[0]}: is no XML ({error}); is the file whole?") from None
    there = defaultdict(list)
    for one in root.iter():
        there[one.tag.rpartition("}")[2]].append(one.attrib)
    return there | {"": [root.attrib]}


def read_session(path, role):
    """What a session.xml says of the subject with a role, User or Operator: a Session."""
    about = elements(path)
    number = about[""][0].get("sessionId")
    speakers = [one.get("id") for one in about["subject"] if one.get("role", "").lower() == role.lower()]
    if not number or len(speakers) != 1 or not speakers[0]:
        expected = f"a sessionId and one subject of the role {role} with an id"
        raise BadInput(f"{path}: found the session {number}, and {listed(speakers) or 'no ids'}, expected {expected}")
    session = Session(padded(number), padded(speakers[0]), path.parent, defaultdict(list))
    for name in [one.get("filename", "") for one in about["annotation"] if one.get("type") == "FeelTrace"]:
        if Path(name).name != name or not name:
            lines = [number for number, line in enumerate(read_text(path).split("\n"), 1) if name in line] or [1]
            raise BadInput(f"{path}:{lines[0]}: found the file name {name!r}, expected one in the session's folder")
        match = re.fullmatch(NAME, name)
        if match and match[2] == role[0].upper():
            session.traces[match[3]].append((match[1], path.parent / name))
    return session


def read_sessions(corpus, role, targets):
    """The sessions with traces of any target: speaker -> list of Sessions."""
    sessions = [read_session(path, role) for path in found.walk(corpus) if path.name == ABOUT]
    rated = [one for one in sessions if any(LETTERS.get(target) in one.traces for target in targets)]
    if len(rated) < len(sessions):
        left = listed(one.id for one in sessions if one not in rated)
        warn(f"{corpus}: sessions {left} left out: no traces of {', '.join(targets)} of the {role.lower()}")
    speakers = defaultdict(list)
    for one in rated:
        speakers[one.speaker].append(one)
    return speakers


def sound_of(session, role, microphone):
    """The wav file of a session: the one with both words in its name. Raises BadInput."""
    wavs = [path.name for path in sorted(session.folder.iterdir()) if path.suffix.lower() == ".wav"]
    there = [name for name in wavs if role.lower() in name.lower() and microphone.lower() in name.lower()]
    if len(there) != 1:
        expected = f"one with {role} and {microphone} in its name; other words: --role, --microphone"
        raise BadInput(f"{session.folder}: found the wav files {listed(wavs) or 'none'}, expected {expected}")
    return session.folder / there[0]


def read(speakers, sets, scale, grid, role, microphone):
    """Read the sessions of all sets, one by one: yields Items. grid: as placement() gives it."""
    for name, keys in sets.items():
        for session in [one for key in keys for one in speakers[key]]:
            sound = sound_of(session, role, microphone)
            item = Item(name, f"{session.speaker}_{session.id}", session.speaker, sound)
            for target, ends in scale.items():
                pieces = [
                    (traces.read(path, columns=[1], names=[rater], scale=ends), 0.0)
                    for rater, path in session.traces.get(LETTERS.get(target), [])
                ]
                if pieces:
                    item.rated[target] = Rated(ratings(pieces, sound, **grid))
            yield item
