"""Prepare SEMAINE as AVEC 2012 gave it out -> data directories train, dev and test with its own gold standard."""

import re
from pathlib import Path

from cer.base.errors import BadInput, listed, program
from cer.base.kinds import names
from cer.base.options import Parser
from cer.corpora import found, partition, traces
from cer.corpora.placing import gold, scales
from cer.corpora.preparation import Item, Rated, prepare

LABELS = "emotion labels"
RATE = 49.979  # labels a second, of video frames
TARGETS = ["arousal", "valence", "power", "expectancy"]


def keyed(paths, corpus):
    """Paths such as train/..._001_arousal.dat by set and number: (set, number) -> path. Raises BadInput."""
    files = {}
    for path in paths:
        sets = re.findall("train|devel|test", str(path.relative_to(corpus)).lower())
        number = re.search(r"(?<!\d)\d{3}(?!\d)", path.stem)
        if not sets or not number:
            raise BadInput(f"{path}: found this name, expected train, devel or test, and a number of three digits")
        key = partition.set_of(sets[-1]), number[0]
        if key in files:
            raise BadInput(f"{path}: found another recording {key[1]} of {key[0]}, {files[key]}; move it away")
        files[key] = path
    return dict(sorted(files.items()))


def read(corpus, scale):
    """Read all recordings, one by one: yields Items. scale: target -> the numbers that mean -1 and 1."""
    files = found.files(corpus / LABELS, ".dat", "the labels").values()
    wavs = keyed(found.files(corpus, ".wav", "the recordings").values(), corpus)
    labels = {target: keyed([path for path in files if path.stem.lower().endswith(target)], corpus) for target in scale}
    for key, sound in wavs.items():
        item = Item(key[0], "_".join(key), "_".join(key), sound)
        for target, ends in scale.items():
            if path := labels[target].pop(key, None):
                trace = traces.read(path, rate=RATE, names=[target], scale=ends)
                item.rated |= {one: Rated(gold=row) for one, row in gold(trace, sound, 1 / RATE).items()}
            elif item.set != "test":
                raise BadInput(f"{corpus / LABELS}: found no labels of {target} for {sound}, expected ...{target}.dat")
        yield item
    if lost := sorted({path for left in labels.values() for path in left.values()}):
        raise BadInput(f"{listed(lost)}: found labels, and no wav file of this set and number; is the audio there?")


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help=f"folder that holds `{LABELS}` and the wav files")
    options.add_argument("data", help="output folder for train, dev and test")
    text = f"dimensions to prepare (default: {','.join(TARGETS)})"
    options.add_argument("--targets", type=names, default=TARGETS, help=text)
    options.add_keywords(scales)
    values = options.parse(argv)
    corpus = Path(values.corpus)
    print(f"{corpus}: SEMAINE, AVEC 2012; its own gold standard")
    items = read(corpus, scales(values.targets, **options.keywords(values, scales)))
    prepare(values.data, "SEMAINE, AVEC 2012", items, method="given")


if __name__ == "__main__":
    main()
