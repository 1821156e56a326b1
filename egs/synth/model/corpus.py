"""Which recordings there are: RECOLA's participants, in the partition of AVEC 2016."""

from typing import NamedTuple

SPEAKERS = 9  # a set
PARTICIPANTS = {
    "train": ("P16", "P21", "P23", "P25", "P37", "P39", "P41", "P46", "P56"),
    "dev": ("P19", "P26", "P28", "P30", "P34", "P42", "P45", "P64", "P65"),
    "test": ("P13", "P20", "P32", "P38", "P47", "P49", "P53", "P59", "P63"),
}


class Entry(NamedTuple):
    """A recording's name, the key of its random streams, and its place in the whole corpus, from 0."""

    name: str
    slot: str
    index: int


def entries(num_speakers=SPEAKERS):
    """The first num_speakers recordings of each set; a smaller corpus holds the same speakers as the whole one."""
    return [
        Entry(name, f"{part}_{k + 1}", SPEAKERS * p + k)
        for p, (part, names) in enumerate(PARTICIPANTS.items())
        for k, name in enumerate(names[:num_speakers])
    ]
