"""Which recordings are train, dev and test: by a corpus's own list, by the user's, or by a split of the speakers."""

import random

from cer.base import csvs
from cer.base.errors import BadInput, listed, warn
from cer.base.files import read_text
from cer.base.kinds import Seed
from cer.base.words import composed

SETS = ("train", "dev", "test")
SHOWN = 20  # ids in a message
WORDS = {"train": "train", **dict.fromkeys("dev devel development validation valid val".split(), "dev"), "test": "test"}
SHARE = 0.2  # of the recordings, at least, in dev and in test
OTHERWISE = "to divide them otherwise pass --partition=FILE (to run.sh: --corpus-opts --partition=FILE), lines `set id`"


def add_option(options):
    """Declare --partition."""
    options.add_argument("--partition", metavar="FILE", help="lines `set id`, with train, dev and test for sets")


def set_of(word):
    """A corpus's word for a set, such as Validation or Test2 -> train, dev or test; None for another word."""
    return WORDS.get(word.lower().rstrip("0123456789"))


def padded(name, digits):
    """An id whose numbers come in the order of texts: 7 -> 007, for three digits; others stay as they are."""
    return name.lstrip("0").zfill(digits) if name.isascii() and name.isdigit() else name


def read_listed(path, separator, head=False):
    """Read a corpus's own list, a line `id;...;set`; head: whether the first line may be one. Returns set -> ids.

    Raises BadInput with the line.
    """
    rows = []
    for number, line in csvs.lines(path):
        fields = csvs.split(path, number, line, separator)
        if head and not rows and not set_of(fields[-1]):
            head = False
        elif len(fields) < 2 or not fields[0] or not set_of(fields[-1]):
            raise BadInput(f"{path}:{number}: found {line!r}, expected an id, '{separator}' and train, devel or test")
        else:
            rows.append((number, set_of(fields[-1]), fields[0]))
    return _sets(path, rows)


def read_partition(path):
    """Read lines `set id` (sets: train, dev, test). Returns set -> ids. Raises BadInput with the line."""
    rows = []
    for number, line in enumerate(read_text(path, "check --partition").split("\n"), 1):
        words = line.partition("#")[0].split()
        if words and (len(words) != 2 or words[0] not in SETS):
            raise BadInput(f"{path}:{number}: found {line!r}, expected train, dev or test, a blank and an id")
        rows += [(number, *words)] if words else []
    return _sets(path, rows)


def _sets(path, rows):
    """rows: (line, set, id). Ids are composed, whatever wrote them."""
    sets, where = {name: [] for name in SETS}, {}
    for number, name, key in ((number, name, composed(key)) for number, name, key in rows):
        if key in where:
            raise BadInput(f"{path}:{number}: {key} stands here in {name}, and in line {where[key]} already")
        where[key] = f"{number} ({name})"
        sets[name].append(key)
    return sets


def choose(where, there, sets, given):
    """The recordings of each set, of those that are there: set -> ids.

    where: file or folder of the recordings, for messages; there: their ids; sets: set -> ids; given: whether the user
    divided them. Recordings in no set are left out, with a warning. Raises BadInput if a recording of a set is not
    there; the test set may lack some, since they are seldom public, unless the user divided them.
    """
    known = {composed(key): key for key in there}
    sets = {name: [known.get(key, key) for key in keys] for name, keys in sets.items()}
    for name in SETS:
        lacking = [key for key in sets[name] if key not in there]
        if lacking and (name != "test" or given):
            found = f"which {'is' if len(lacking) == 1 else 'are'} not there; found {listed(there, SHOWN) or 'none'}"
            raise BadInput(f"{where}: {name} needs {listed(lacking, SHOWN)}, {found}; {OTHERWISE}")
    unused = sorted(set(there) - {key for ids in sets.values() for key in ids})
    if unused:
        warn(f"{where}: {listed(unused, SHOWN)} left out: in no set of the partition")
    sets = {name: [key for key in sets[name] if key in there] for name in SETS}
    if not sets["train"] or not sets["dev"]:
        found = f"found {len(sets['train'])} recordings for train and {len(sets['dev'])} for dev"
        raise BadInput(f"{where}: {found}, expected some for both; {OTHERWISE}")
    return sets


def split(speakers, seed):
    """Divide speakers at random, no one in two sets: speaker -> set.

    speakers: speaker -> number of recordings; seed: of the random order. Dev and test get speakers until each has a
    share of SHARE of the recordings; two speakers leave nobody for test. Raises BadInput for fewer.
    """
    if len(speakers) < 2:
        found = f"found {len(speakers)} speakers ({listed(speakers)}), expected two or more"
        raise BadInput(f"{found}: dev must be of others than train; {OTHERWISE}")
    order = sorted(speakers)
    random.Random(seed).shuffle(order)
    found, total = {}, sum(speakers.values())
    for name in ("dev", "test"):
        count = 0
        while count < SHARE * total and len(order) > (2 if name == "dev" and len(speakers) > 2 else 1):
            found[order[-1]] = name
            count += speakers[order.pop()]
    return found | dict.fromkeys(order, "train")


def divide(corpus, speakers, own, *, seed: Seed = 1):
    """The speakers of each set, of a corpus that has no sets: by the user's list or by split(). Returns set -> ids.

    corpus: for messages; speakers: speaker -> number of recordings; own: set -> speakers, or None.

    seed: of the random split by speaker, where --partition does not say the sets
    """
    if own:
        return choose(corpus, sorted(speakers), own, given=True)
    by_chance = split(speakers, seed)
    sets = {name: sorted(key for key in speakers if by_chance[key] == name) for name in SETS}
    told = "; ".join(f"{name} {', '.join(keys) or 'nobody'}" for name, keys in sets.items())
    warn(f"{corpus}: the corpus has no sets: divided by speaker, --seed={seed}: {told}; yours: --partition=FILE")
    return sets
