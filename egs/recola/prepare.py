"""Prepare RECOLA: either layout -> data directories train, dev and test with labels, and a report of agreement."""

from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import read_text
from cer.base.options import Parser
from cer.corpora.annotations import read_gold_standard, read_ratings
from cer.corpora.partition import read_partition
from cer.corpora.preparation import Item, Rated, add_options, chosen, prepare
from cer.data.corpora import MADE_UP
from egs.recola.layouts import SETS, choose, find, original

AVEC_PARTITION = Path(__file__).resolve().parent / "partition.txt"


def partition_of(values):
    """Read the partition, set -> ids, and tell whether it is the user's own; values: of parser()."""
    own = Path(values.corpus) / "partition.txt"
    given = values.partition or (own if own.exists() else None)
    return read_partition(given or AVEC_PARTITION), given is not None


def kind_of(corpus):
    """Name a corpus as its data directories do: RECOLA, or a generated one with its options."""
    marker = Path(corpus) / "SYNTHETIC"
    return f"{MADE_UP} corpus ({read_text(marker).strip()})" if marker.exists() else "RECOLA"


def rated_of(layout, target, key, method):
    """Read what is known of one recording, a Rated, or None for a recording without labels."""
    raters, gold = layout.ratings_of(target, key), layout.gold_of(target, key) if method == "given" else None
    rated = Rated(read_ratings(raters) if raters.exists() else None, read_gold_standard(gold) if gold else None)
    return rated if rated.gold or (rated.raters and method != "given") else None


def read(layout, sets, targets, method):
    """Read the recordings of all sets, one by one: yields Items. Raises BadInput for labels that train or dev lack."""
    for name in SETS:
        for key in sets[name]:
            rated = {target: rated_of(layout, target, key, method) for target in targets}
            lacking = [target for target in targets if rated[target] is None]
            if lacking and name != "test":  # its labels are not public
                expected = layout.expected(lacking[0], key, method)
                raise BadInput(f"{expected}: no such file; {name} needs labels of {key}")
            yield Item(name, key, key, layout.wav(key), {target: one for target, one in rated.items() if one})


def parser(description=__doc__):
    """Return the command-line parser; description: of the program, for its help."""
    options = Parser(description)
    options.add_argument("corpus", help="folder of the corpus, in either layout")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument(
        "--partition", metavar="FILE", help="lines `set id` (default: partition.txt in the corpus, else AVEC's)"
    )
    options.add_argument(
        "--check-options", action="store_true", help="only check the options; the corpus need not exist yet"
    )
    add_options(options, ["arousal", "valence"])
    return options


@program
def main(argv=None):
    """Run the program."""
    options = parser()
    values = options.parse(argv)
    if values.check_options:
        chosen(options, values, given=original(values.corpus).gold)
        read_partition(values.partition or AVEC_PARTITION)
        return
    layout = find(values.corpus)
    sets = choose(layout, *partition_of(values))
    choice, what = chosen(options, values, given=layout.gold), kind_of(values.corpus)
    print(f"{values.corpus}: {what}, {layout.name}; gold standard: {choice['method']}")
    prepare(values.data, what, read(layout, sets, values.targets, choice["method"]), **choice, same_raters=True)


if __name__ == "__main__":
    main()
