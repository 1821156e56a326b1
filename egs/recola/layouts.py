"""RECOLA's two layouts: paths of recordings and labels, and the participants of each set.

Original release                                              AVEC 2015/2016 package
    RECOLA-Audio-recordings/P16.wav                               recordings_audio/dev_1.wav
    RECOLA-Annotation/emotional_behaviour/arousal/P16.csv         ratings_individual/arousal/dev_1.csv
                                                                  ratings_gold_standard/arousal/dev_1.arff
"""

import glob
from dataclasses import dataclass
from pathlib import Path

from cer.base.errors import BadInput, listed
from cer.corpora import partition
from cer.corpora.partition import SETS


@dataclass
class Layout:
    """The folders of a corpus; gold: folder of the gold standard, None if the corpus has only single raters."""

    name: str
    audio: Path
    ratings: Path
    gold: Path | None
    sets: dict[str, list[str]] | None  # None: the layout does not define the sets

    def recordings(self):
        """List the ids of all recordings, sorted."""
        return stems(self.audio, ".wav")

    def wav(self, key):
        """Return the path of a recording's wav file."""
        return in_any_case(self.audio / f"{key}.wav")

    def ratings_of(self, target, key):
        """Return the path of a recording's raters' file."""
        return in_any_case(self.ratings / target / f"{key}.csv")

    def gold_of(self, target, key):
        """Return the path of a recording's gold standard, or None."""
        path = self.expected(target, key, "given") if self.gold else None
        return path if path and path.exists() else None

    def expected(self, target, key, method):
        """Return the path that this method reads labels from: the file of the gold standard, or of the raters."""
        return in_any_case(self.gold / target / f"{key}.arff") if method == "given" else self.ratings_of(target, key)


def stems(folder, suffix):
    """List the names, without suffix, of all files with the suffix in upper or lower case; sorted."""
    return sorted({path.stem for path in folder.iterdir() if path.suffix.lower() == suffix})


def in_any_case(path):
    """Find a file whose suffix may be in upper or lower case (P16.WAV); returns the path itself if there is none."""
    if path.exists():
        return path
    others = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
    return next((one for one in others if one.suffix.lower() == path.suffix and one.stem == path.stem), path)


def original(corpus):
    """Return the layout of the original release in a folder, which need not exist yet."""
    audio, ratings = Path(corpus) / "RECOLA-Audio-recordings", Path(corpus) / "RECOLA-Annotation/emotional_behaviour"
    return Layout("original release", audio, ratings, None, None)


def find(corpus):
    """Detect the layout of a folder. Raises BadInput for neither, with the expected folders."""
    corpus = Path(corpus)
    release, package = original(corpus), corpus / "recordings_audio"
    if release.audio.is_dir():
        return release
    if package.is_dir():
        gold, ids = corpus / "ratings_gold_standard", stems(package, ".wav")
        sets = {name: [key for key in ids if key.startswith(f"{name}_")] for name in SETS}
        ratings = corpus / "ratings_individual"
        return Layout("AVEC 2015/2016 package", package, ratings, gold if gold.is_dir() else None, sets)
    there = sorted(path.name for path in corpus.iterdir()) if corpus.is_dir() else []
    raise BadInput(
        f"{corpus}: found neither {release.audio.name} (RECOLA's original release) nor {package.name} (the AVEC"
        f" 2015/2016 package), but {listed(there) or 'nothing'}; pass the folder that holds one of them with"
        " --corpus-dir"
    )


def choose(layout, own, given):
    """The recordings of each set, by the layout or by a partition: set -> ids, as cer.corpora.partition.choose().

    own: a partition, set -> ids; given: whether the user specified it.
    """
    return partition.choose(layout.audio, layout.recordings(), layout.sets if layout.sets and not given else own, given)
