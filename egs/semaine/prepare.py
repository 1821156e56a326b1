"""Prepare the SEMAINE database: sessions with a FEELTRACE file per rater and dimension -> train, dev and test."""

import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from cer.base import csvs
from cer.base.errors import BadInput, listed, program, warn
from cer.base.kinds import Pattern
from cer.base.options import Parser
from cer.corpora import found, partition, traces, xmls
from cer.corpora.partition import padded
from cer.corpora.placing import placement, ratings, scales
from cer.corpora.preparation import Item, Rated, add_options, chosen, prepare

ABOUT, DIGITS = "session.xml", 3
TARGETS = {"A": "arousal", "V": "valence", "P": "power", "E": "expectancy"}
NAME = r"([AR]\d+).*T([UO]).*D([A-Z][a-z]?)\.txt"  # R5S1TUCPoDA.txt: rater 5, the user, talking to Poppy, activation
Role = Annotated[str, Pattern("User|Operator", "User or Operator")]


@dataclass
class Session:
    """A session of a speaker; traces: target -> [(rater, path)]."""

    id: str
    speaker: str
    folder: Path
    traces: dict[str, list] = field(default_factory=dict)


def read_session(path, role):
    """What a session.xml says of the subject with a role, User or Operator: a Session."""
    about = xmls.read(path)
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


def read_sessions(corpus, role, targets):
    """The Sessions with traces of any target, wherever in the corpus they are. Raises BadInput if there are none."""
    paths = [path for path in found.walk(corpus) if path.name == ABOUT]
    if not paths:
        other = "; AVEC 2012's package: --corpus avec2012" if (corpus / "emotion labels").is_dir() else ""
        raise BadInput(f"{corpus}: found no {ABOUT}, expected one a session; check --corpus-dir{other}")
    sessions = [read_session(path, role) for path in paths]
    rated = [one for one in sessions if {*targets} & {*one.traces}]
    if len(rated) < len(sessions):
        left = listed(one.id for one in sessions if one not in rated)
        warn(f"{corpus}: sessions {left} left out: no traces of {', '.join(targets)} of the {role.lower()}")
    if not rated:
        raise BadInput(f"{corpus}: found no session with traces of these targets; check --targets and --role")
    return rated


def sound_of(session, role, microphone):
    """The wav file of a session: the one with both words in its name. Raises BadInput."""
    wavs = [path.name for path in sorted(session.folder.iterdir()) if path.suffix.lower() == ".wav"]
    there = [name for name in wavs if role.lower() in name.lower() and microphone.lower() in name.lower()]
    if len(there) != 1:
        expected = f"one with {role} and {microphone} in its name; other words: --role, --microphone"
        raise BadInput(f"{session.folder}: found the wav files {listed(wavs) or 'none'}, expected {expected}")
    return session.folder / there[0]


def read(sessions, sets, scale, grid, *, role: Role = "User", microphone: str = "HeadMounted"):
    """Read the sessions of all sets, one by one: yields Items. grid: as placement() gives it.

    role: whose sound and traces: User or Operator
    microphone: a word in the names of wav files
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


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help=f"folder of the sessions, each with {ABOUT}")
    options.add_argument("data", help="output folder for train, dev and test")
    partition.add_option(options)
    for function in (scales, read, partition.divide, placement):
        options.add_keywords(function)
    add_options(options, TARGETS.values())
    values = options.parse(argv)
    corpus, choice = Path(values.corpus), chosen(options, values, given=False)
    scale = scales(values.targets, **options.keywords(values, scales))
    sessions = read_sessions(corpus, values.role, values.targets)
    own = partition.read_partition(values.partition) if values.partition else {}
    own = {name: [padded(key, DIGITS) for key in keys] for name, keys in own.items()}
    speakers = Counter(one.speaker for one in sessions)
    sets = partition.divide(corpus, speakers, own, **options.keywords(values, partition.divide))
    print(f"{corpus}: SEMAINE; gold standard: {choice['method']}")
    grid, words = placement(**options.keywords(values, placement)), options.keywords(values, read)
    prepare(values.data, "SEMAINE", read(sessions, sets, scale, grid, **words), **choice)


if __name__ == "__main__":
    main()
