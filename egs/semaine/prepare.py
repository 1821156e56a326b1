"""Prepare SEMAINE: AVEC 2012's package, or the database -> data directories train, dev and test with labels."""

from pathlib import Path

from cer.base.errors import BadInput, program, warn
from cer.base.kinds import Seed
from cer.base.options import Parser
from cer.corpora import found, partition
from cer.corpora.placing import placement, scales
from cer.corpora.preparation import add_options, chosen, prepare
from egs.semaine import database, package


def divide(corpus, speakers, own, seed):
    """The speakers of each set, by the user's list or a random split: the database has none. Returns set -> ids."""
    if not speakers:
        raise BadInput(f"{corpus}: found no session with traces of these targets; check --targets and --role")
    if not own:
        by_chance = partition.split({speaker: len(sessions) for speaker, sessions in speakers.items()}, seed)
        sets = {name: sorted(key for key, one in by_chance.items() if one == name) for name in partition.SETS}
        told = "; ".join(f"{name} {', '.join(keys) or 'nobody'}" for name, keys in sets.items())
        warn(f"{corpus}: the database has no sets: divided by speaker, --seed={seed}: {told}; yours: --partition=FILE")
        return sets
    sets = {name: [database.padded(key) for key in keys] for name, keys in partition.read_partition(own).items()}
    return partition.choose(corpus, sorted(speakers), sets, given=True)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help=f"folder that holds `{package.LABELS}`, or sessions with {database.ABOUT}")
    options.add_argument("data", help="output folder for train, dev and test")
    options.add_argument("--scale", default="", help="numbers that mean -1 and 1, LOW:HIGH or TARGET=LOW:HIGH,...")
    options.add_argument("--role", default="User", help="of the database: User or Operator (default: User)")
    text = "of the database: a word in the names of wav files (default: HeadMounted)"
    options.add_argument("--microphone", default="HeadMounted", help=text)
    partition.add_option(options)
    text = "of the random split by speaker, where the database is not divided by --partition (default: 1)"
    options.add_argument("--seed", type=Seed, default=1, help=text)
    options.add_keywords(placement)
    add_options(options, [*database.LETTERS])
    values = options.parse(argv)
    corpus, scale = Path(values.corpus), scales(values.scale, values.targets)
    packed = (corpus / package.LABELS).is_dir()
    choice = chosen(options, values, given=packed)
    if packed:
        if choice["method"] != "given" or values.partition:
            raise BadInput(f"{corpus}: AVEC 2012's package has its own sets and gold standard; leave out other choices")
        what, items = "SEMAINE, AVEC 2012", package.read(corpus, scale)
    elif any(path.name == database.ABOUT for path in found.walk(corpus)):
        speakers = database.read_sessions(corpus, values.role, values.targets)
        sets, grid = (
            divide(corpus, speakers, values.partition, values.seed),
            placement(**options.keywords(values, placement)),
        )
        what = "SEMAINE"
        items = database.read(speakers, sets, scale, grid, values.role, values.microphone)
    else:
        expected = f"`{package.LABELS}` (AVEC 2012) or sessions with {database.ABOUT} (the database)"
        raise BadInput(f"{corpus}: found neither {expected}; pass the folder that holds one of them with --corpus-dir")
    print(f"{corpus}: {what}; gold standard: {choice['method']}")
    prepare(values.data, what, items, **choice)


if __name__ == "__main__":
    main()
