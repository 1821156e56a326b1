"""The SEMAINE database: a folder a session, with session.xml, wav files and a FEELTRACE file a rater and dimension."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from cer.base import csvs
from cer.base.errors import BadInput, listed, warn
from cer.base.files import read_text
from cer.base.kinds import Seed
from cer.corpora import traces
from cer.corpora.partition import SETS, choose, padded, read_partition, split
from cer.corpora.placing import ratings
from cer.corpora.preparation import Item, Rated

ABOUT, DIGITS = "session.xml", 3
TARGETS = {"A": "arousal", "V": "valence", "P": "power", "E": "expectancy"}
NAME = r"([AR]\d+).*T([UO]).*D([A-Z][a-z]?)\.txt"  # R5S1TUCPoDA.txt: rater 5, the user, talking to Poppy, activation


@dataclass
class Session:
    """A session of a speaker; traces: target -> [(rater, path)]."""

    id: str
    speaker: str
    folder: Path
    traces: dict[str, list] = field(default_factory=dict)


def read_xml(path):
    """The root of an XML file. Raises BadInput.

    A DOCTYPE, which could make a parser fetch files or fill the memory, is refused.
    """
    for number, line in csvs.lines(path):
        if "<!DOCTYPE" in line or "<!ENTITY" in line:
            shown = line.strip()[:60]
            raise BadInput(f"{path}:{number}: found {shown!r}, expected no DOCTYPE and no entities; remove it")
    try:
        return ElementTree.fromstring(read_text(path))
    except ElementTree.ParseError as error:
        raise BadInput(f"{path}:{error.position[0]}: is no XML ({error}); is the file whole?") from None


def read_session(path, role):
    """What a session.xml says of the subject with a role, User or Operator: a Session."""
    about = read_xml(path)
    number, subjects = about.get("sessionId"), about.iterfind(".//{*}subject")
    speakers = [one.get("id") for one in subjects if one.get("role", "").lower() == role.lower()]
    if not number or len(speakers) != 1 or not speakers[0]:
        expected = f"a sessionId and one subject of the role {role} with an id"
        raise BadInput(f"{path}: found the session {number}, and {listed(speakers) or 'no ids'}, expected {expected}")
    session = Session(padded(number, DIGITS), padded(speakers[0], DIGITS), path.parent)
    for annotation in about.iterfind(".//{*}annotation[@type='FeelTrace']"):
        name = annotation.get("filename", "")
        if Path(name).name != name or not name:
            line = next((line for line, text in csvs.lines(path) if name in text), 1)
            raise BadInput(f"{path}:{line}: found the file name {name!r}, expected one in the session's folder")
        match = re.fullmatch(NAME, name)
        if match and match[2] == role[0].upper() and match[3] in TARGETS:
            session.traces.setdefault(TARGETS[match[3]], []).append((match[1], path.parent / name))
    return session


def read_sessions(corpus, paths, role, targets):
    """The Sessions with traces of any target; paths: of their files session.xml. Raises BadInput if there are none."""
    sessions = [read_session(path, role) for path in paths]
    rated = [one for one in sessions if {*targets} & {*one.traces}]
    if len(rated) < len(sessions):
        left = listed(one.id for one in sessions if one not in rated)
        warn(f"{corpus}: sessions {left} left out: no traces of {', '.join(targets)} of the {role.lower()}")
    if not rated:
        raise BadInput(f"{corpus}: found no session with traces of these targets; check --targets and --role")
    return rated


def divide(corpus, sessions, own, *, seed: Seed = 1):
    """The speakers of each set, by the user's list or a random split: the database has none. Returns set -> ids.

    seed: of the random split by speaker, where the database is not divided by --partition
    """
    speakers = Counter(one.speaker for one in sessions)
    if own:
        sets = {name: [padded(key, DIGITS) for key in keys] for name, keys in read_partition(own).items()}
        return choose(corpus, sorted(speakers), sets, given=True)
    by_chance = split(speakers, seed)
    sets = {name: sorted(key for key in speakers if by_chance[key] == name) for name in SETS}
    told = "; ".join(f"{name} {', '.join(keys) or 'nobody'}" for name, keys in sets.items())
    warn(f"{corpus}: the database has no sets: divided by speaker, --seed={seed}: {told}; yours: --partition=FILE")
    return sets


def sound_of(session, role, microphone):
    """The wav file of a session: the one with both words in its name. Raises BadInput."""
    wavs = [path.name for path in sorted(session.folder.iterdir()) if path.suffix.lower() == ".wav"]
    there = [name for name in wavs if role.lower() in name.lower() and microphone.lower() in name.lower()]
    if len(there) != 1:
        expected = f"one with {role} and {microphone} in its name; other words: --role, --microphone"
        raise BadInput(f"{session.folder}: found the wav files {listed(wavs) or 'none'}, expected {expected}")
    return session.folder / there[0]


def read(sessions, sets, scale, grid, *, role: str = "User", microphone: str = "HeadMounted"):
    """Read the sessions of all sets, one by one: yields Items. grid: as placement() gives it.

    role: of the database: User or Operator
    microphone: of the database: a word in the names of wav files
    """
    for name, keys in sets.items():
        for session in [one for key in keys for one in sessions if one.speaker == key]:
            item = Item(name, f"{session.speaker}_{session.id}", session.speaker, sound_of(session, role, microphone))
            for target, ends in scale.items():
                files = session.traces.get(target, [])
                pieces = [(traces.read(path, columns=[1], names=[rater], scale=ends), 0.0) for rater, path in files]
                if pieces:
                    item.rated[target] = Rated(ratings(pieces, item.wav, **grid))
            yield item
