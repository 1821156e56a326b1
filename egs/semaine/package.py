"""SEMAINE as AVEC 2012 gave it out: a gold standard, one number a line, and no traces of single raters."""

import re

from cer.base.errors import BadInput, listed
from cer.corpora import found, partition, traces
from cer.corpora.placing import gold
from cer.corpora.preparation import Item, Rated

LABELS = "emotion labels"
RATE = 49.979  # labels a second, of video frames


def key_of(path, corpus):
    """The (set, number) of a file by its path, such as train/..._001_arousal.dat. Raises BadInput."""
    sets = re.findall("train|devel|test", str(path.relative_to(corpus)).lower())
    number = re.search(r"(?<!\d)\d{3}(?!\d)", path.stem)
    if not sets or not number:
        raise BadInput(f"{path}: found this name, expected train, devel or test, and a number of three digits")
    return partition.set_of(sets[-1]), number[0]


def keyed(paths, corpus):
    """Paths by set and number: (set, number) -> path. Raises BadInput for two of one."""
    files = {}
    for path in paths:
        if (key := key_of(path, corpus)) in files:
            raise BadInput(f"{path}: found another recording {key[1]} of {key[0]}, {files[key]}; move it away")
        files[key] = path
    return dict(sorted(files.items()))


def read(corpus, scale):
    """Read all recordings, one by one: yields Items. scale: target -> the numbers that mean -1 and 1."""
    wavs = keyed(found.files(corpus, ".wav", "the recordings").values(), corpus)
    files = found.files(corpus / LABELS, ".dat", "the labels").values()
    labels = {target: keyed([path for path in files if path.stem.lower().endswith(target)], corpus) for target in scale}
    for (name, number), sound in wavs.items():
        item = Item(name, f"{name}_{number}", f"{name}_{number}", sound)
        for target, ends in scale.items():
            path = labels[target].get((name, number))
            if path is None and name != "test":
                raise BadInput(f"{corpus / LABELS}: found no labels of {target} for {sound}, expected ...{target}.dat")
            if path:
                trace = traces.read(path, rate=RATE, names=[target], scale=ends)
                item.rated |= {one: Rated(gold=row) for one, row in gold(trace, sound, 1 / RATE).items()}
        yield item
    lost = sorted({path for one in labels.values() for key, path in one.items() if key not in wavs})
    if lost:
        raise BadInput(f"{listed(lost)}: found labels, and no wav file of this set and number; is the audio there?")
