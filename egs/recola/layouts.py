"""RECOLA's two layouts: paths of recordings and labels, and the participants of each set.

Original release                                              AVEC 2015/2016 package
    RECOLA-Audio-recordings/P16.wav                               recordings_audio/dev_1.wav
    RECOLA-Annotation/emotional_behaviour/arousal/P16.csv         ratings_individual/arousal/dev_1.csv
                                                                  ratings_gold_standard/arousal/dev_1.arff
"""

import glob
from dataclasses import dataclass
from pathlib import Path

from cer.base.errors import BadInput, warn
from cer.base.files import read_text

SETS = ("train", "dev", "test")


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
    raise BadInput(
        f"{corpus}: found neither {release.audio.name} (RECOLA's original release) nor {package.name} (the AVEC"
        " 2015/2016 package); pass the folder that holds one of them with --corpus-dir"
    )


def read_partition(path):
    """Read lines `set id` (sets: train, dev, test). Returns set -> ids. Raises BadInput with the line."""
    lines = read_text(path, "check --partition").split("\n")
    sets, where = {name: [] for name in SETS}, {}
    for number, line in enumerate(lines, 1):
        words = line.partition("#")[0].split()
        if not words:
            continue
        if len(words) != 2 or words[0] not in SETS:
            raise BadInput(f"{path}:{number}: found {line!r}, expected train, dev or test, a blank and an id")
        if words[1] in where:
            raise BadInput(
                f"{path}:{number}: {words[1]} stands here in {words[0]}, and in line {where[words[1]]} already"
            )
        where[words[1]] = f"{number} ({words[0]})"
        sets[words[0]].append(words[1])
    return sets


def choose(layout, partition, given):
    """Choose the recordings of each set, from the layout or from a partition: set -> ids.

    partition: set -> ids; given: whether the user specified it. Leaves out recordings in no set, with a warning. Raises
    BadInput if a recording of the partition does not exist; test may lack recordings, as its labels are not public.
    """
    there = layout.recordings()
    sets = layout.sets if layout.sets and not given else partition
    for name in SETS:
        lacking = [key for key in sets[name] if key not in there]
        if lacking and (name != "test" or given):
            raise BadInput(
                f"{layout.audio}: {name} needs {', '.join(lacking)}, which is not there; found"
                f" {', '.join(there) or 'none'}; to divide them otherwise pass --partition=FILE with lines `set id`"
            )
    unused = sorted(set(there) - {key for ids in sets.values() for key in ids})
    if unused:
        warn(f"{layout.audio}: {', '.join(unused)} left out: in no set of the partition")
    sets = {name: [key for key in sets[name] if key in there] for name in SETS}
    if not sets["train"] or not sets["dev"]:
        raise BadInput(
            f"{layout.audio}: found {len(sets['train'])} recordings for train and {len(sets['dev'])} for dev"
        )
    return sets
