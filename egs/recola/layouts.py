"""The two layouts that RECOLA comes in: where recordings and labels lie, and who is in which set.

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
    """Folders of a corpus; gold is None where it holds raters only."""

    name: str
    audio: Path
    ratings: Path
    gold: Path | None
    sets: dict[str, list[str]] | None  # None: the layout does not tell the sets

    def recordings(self):
        """Ids of all recordings, sorted."""
        return stems(self.audio, ".wav")

    def wav(self, key):
        """The recording's wav file."""
        return in_any_case(self.audio / f"{key}.wav")

    def ratings_of(self, target, key):
        """The raters' file of a recording."""
        return in_any_case(self.ratings / target / f"{key}.csv")

    def gold_of(self, target, key):
        """The gold standard's file of a recording, or None."""
        path = self.expected(target, key, "given") if self.gold else None
        return path if path and path.exists() else None

    def expected(self, target, key, method):
        """Where the labels of a recording should be for this method: the gold standard's file or the raters'."""
        return in_any_case(self.gold / target / f"{key}.arff") if method == "given" else self.ratings_of(target, key)


def stems(folder, suffix):
    """The names, without it, of all files that have the suffix, in any case; sorted."""
    return sorted({path.stem for path in folder.iterdir() if path.suffix.lower() == suffix})


def in_any_case(path):
    """The file of this name whose suffix may be written otherwise, as P16.WAV is; the path itself where none is."""
    if path.exists():
        return path
    others = sorted(path.parent.glob(f"{glob.escape(path.stem)}.*"))
    return next((one for one in others if one.suffix.lower() == path.suffix and one.stem == path.stem), path)


def original(corpus):
    """The layout of the original release in a folder, which need not be there yet."""
    audio, ratings = Path(corpus) / "RECOLA-Audio-recordings", Path(corpus) / "RECOLA-Annotation/emotional_behaviour"
    return Layout("original release", audio, ratings, None, None)


def find(corpus):
    """Tell which layout the folder has. Raises BadInput naming what was looked for."""
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
    """Read lines `set id` (sets: train, dev, test). Returns set -> ids; raises BadInput naming the line."""
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
    """The recordings of each set: the layout's own, or those of a partition.

    partition: set -> ids; given: whether the user named it. Leaves out, with a warning, recordings that are in no set.
    Raises BadInput where the partition names a recording that is not there, but for test: its labels are not public.
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
