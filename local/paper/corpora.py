#!/usr/bin/env python3
"""Compare systems on several generated corpora with different seeds -> EXP/corpora.json and a section.

Each corpus is one random sample: a difference on all of them is stronger evidence than a narrow interval on one.
"""

import json
import statistics
from pathlib import Path

from cer.base.errors import BadInput, program
from cer.base.files import write_text
from cer.base.kinds import names
from cer.base.markdown import table
from cer.base.options import Parser
from cer.scoring.scores import read_results
from local.results import sections

TEXT = """## The same on {count} corpora

CCC on {sets}, mean of the single runs (concatenated recordings); then mean and sample deviation over the corpora
({corpora}).
{tables}
"""
DIFFERENCES = """
Differences of these figures; *sign*: whether it is the same on all corpora, dev and test.

{table}
"""


def figures(folders, target, sets):
    """Read the CCC of all systems: system -> {(corpus, set): mean CCC of the single runs}."""
    found = {}
    for folder in folders:
        for record in read_results(folder / "results.json"):
            if record["target"] == target and record["set"] in sets:
                found.setdefault(record["system"], {})[folder.name, record["set"]] = record["ccc_mean"]
    return dict(sorted(found.items()))


def side_by_side(systems, corpora, sets):
    """Return a table of systems: for each set the CCC on each corpus, then mean and sample standard deviation."""
    head = ["system", *(f"{name}, {c}" for name in sets for c in (*range(1, len(corpora) + 1), "mean"))]
    rows = [head]
    for system, values in systems.items():
        cells = [system]
        for name in sets:
            each = [values[corpus, name] for corpus in corpora if (corpus, name) in values]
            cells += [f"{values[corpus, name]:.3f}" if (corpus, name) in values else "–" for corpus in corpora]
            spread = f" ± {statistics.stdev(each):.3f}" if len(each) > 1 else ""
            cells.append(f"{statistics.fmean(each):.3f}{spread}" if len(each) == len(corpora) else "–")
        rows.append(cells)
    return table(rows)


def differences(systems, corpora, sets, pairs, target):
    """Return a table of differences a - b on each corpus and set; pairs: list of `a:b`."""
    places = [(corpus, name) for name in sets for corpus in corpora]
    both = {"downup", "dilated"} <= systems.keys()
    pairs = pairs or (["downup:dilated"] if both else [])
    rows = [["a – b", *(f"{name}, {corpora.index(corpus) + 1}" for corpus, name in places), "sign"]]
    for pair in pairs:
        a, _, b = pair.partition(":")
        if a not in systems or b not in systems:
            raise BadInput(
                f"--pairs: found {pair!r}, expected a:b of {', '.join(systems)}, which {target} has scores of"
            )
        values = [systems[a][p] - systems[b][p] for p in places if p in systems[a] and p in systems[b]]
        same = "same" if len({value > 0 for value in values}) == 1 else "changes"
        cells = [
            f"{systems[a][p] - systems[b][p]:+.3f}" if p in systems[a] and p in systems[b] else "–" for p in places
        ]
        rows.append([f"{a} – {b}", *cells, same])
    return table(rows)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", nargs="+", help="folders of systems, one per corpus; output goes to the first")
    options.add_argument("--pairs", nargs="*", help="systems to compare, as a:b (default: downup:dilated, if scored)")
    options.add_argument("--sets", type=names, default="dev,test", help="sets to show (default: dev,test)")
    values = options.parse(argv)
    folders, sets = [Path(folder) for folder in values.exp], values.sets
    corpora = [folder.name for folder in folders]
    targets = sorted({record["target"] for record in read_results(folders[0] / "results.json")})
    found = {target: figures(folders, target, sets) for target in targets}
    tables = ""
    for target, systems in found.items():
        tables += f"\n### {target.capitalize()}\n\n{side_by_side(systems, corpora, sets)}\n"
        tables += DIFFERENCES.format(table=differences(systems, corpora, sets, values.pairs, target))
    each = ", ".join(f"{n}: {corpus}" for n, corpus in enumerate(corpora, 1))
    text = TEXT.format(count=len(corpora), sets=" and ".join(sets), corpora=each, tables=tables.rstrip())
    flat = [
        {"target": target, "system": system, "corpus": corpus, "set": name, "ccc_mean": value}
        for target, systems in found.items()
        for system, places in systems.items()
        for (corpus, name), value in places.items()
    ]
    write_text(folders[0] / "corpora.json", json.dumps(flat, indent=1) + "\n")
    sections.write(folders[0], "20-corpora", text)
    print(text)


if __name__ == "__main__":
    main()
