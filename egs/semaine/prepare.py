"""Prepare SEMAINE: AVEC 2012's package, or the database -> data directories train, dev and test with labels."""

from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.options import Parser
from cer.corpora import found
from cer.corpora.partition import add_option
from cer.corpora.placing import placement, scales
from cer.corpora.preparation import add_options, chosen, prepare
from egs.semaine import database, package


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("corpus", help=f"folder that holds `{package.LABELS}`, or sessions with {database.ABOUT}")
    options.add_argument("data", help="output folder for train, dev and test")
    add_option(options)
    for function in (scales, database.read, database.divide, placement):
        options.add_keywords(function)
    add_options(options, database.TARGETS.values())
    values = options.parse(argv)
    corpus, scale = Path(values.corpus), scales(values.targets, **options.keywords(values, scales))
    packed = (corpus / package.LABELS).is_dir()
    choice = chosen(options, values, given=packed)
    if packed:
        if choice["method"] != "given" or values.partition:
            raise BadInput(f"{corpus}: AVEC 2012's package has its own sets and gold standard; leave out other choices")
        what, items = "SEMAINE, AVEC 2012", package.read(corpus, scale)
    elif sessions := [path for path in found.walk(corpus) if path.name == database.ABOUT]:
        rated = database.read_sessions(corpus, sessions, values.role, values.targets)
        sets = database.divide(corpus, rated, values.partition, **options.keywords(values, database.divide))
        grid, words = placement(**options.keywords(values, placement)), options.keywords(values, database.read)
        what, items = "SEMAINE", database.read(rated, sets, scale, grid, **words)
    else:
        expected = f"`{package.LABELS}` (AVEC 2012) or sessions with {database.ABOUT} (the database)"
        raise BadInput(f"{corpus}: found neither {expected}; pass the folder that holds one of them with --corpus-dir")
    print(f"{corpus}: {what}; gold standard: {choice['method']}")
    prepare(values.data, what, items, **choice)


if __name__ == "__main__":
    main()
