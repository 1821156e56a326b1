"""Compare systems on several generated corpora with different seeds -> EXP/corpora.json and a section.

Each corpus is one random sample: a difference on all of them is stronger evidence than a narrow interval on one.
With --sets=leave_one_out, compares the scores of local/leave_one_out.sh in EXP/leave_one_out/
-> EXP/leave_one_out/corpora/.
"""

import json
import statistics
from pathlib import Path

from cer.base.errors import BadInput, listed, program, warn
from cer.base.facts import take
from cer.base.files import write_text
from cer.base.kinds import names
from cer.base.markdown import table
from cer.base.options import Parser
from cer.scoring.scores import read_results
from local.results import sections
from local.results.systems import LEFT_OUT, Pair, files_of, left_out, left_out_files
from local.results.tables import names_of

TEXT = """## The same on {count} corpora

CCC of single runs (mean; concatenated recordings) on {corpora},
and mean and sample deviation over the corpora. Systems of one corpus only are left out.

{table}

Differences of these figures; *sign*: whether it is the same on all corpora and sets.

{differences}
"""


def figures(records, target, sets):
    """Find the CCC of all systems: system -> {(corpus, set): mean CCC of the single runs}.

    records: list of (corpus, record).
    """
    found = {}
    for corpus, record in records:
        if record["target"] == target and record["set"] in sets:
            found.setdefault(record["system"], {})[corpus, record["set"]] = record["ccc_mean"]
    return dict(sorted(found.items()))


def side_by_side(found, names, corpora, sets):
    """Return a table of systems: a CCC a corpus, mean and deviation over them.

    found: target -> result of figures(); names: system -> its name in the table.
    """
    places = [(target, name) for target in found for name in sets]
    rows = [["system", *(word for target, name in places for word in (f"{target}, {name}", "mean"))]]
    for system in sorted({system for each in found.values() for system in each}):
        values = {target: each.get(system, {}) for target, each in found.items()}
        if len({corpus for each in values.values() for corpus, _ in each}) < min(2, len(corpora)):
            continue
        cells = [names[system]]
        for target, name in places:
            each = [values[target][corpus, name] for corpus in corpora if (corpus, name) in values[target]]
            spread = f" ± {statistics.stdev(each):.3f}" if len(each) > 1 else ""
            cells.append(" / ".join(_number(values[target], (corpus, name), ".3f") for corpus in corpora))
            cells.append(f"{statistics.fmean(each):z.3f}{spread}" if len(each) == len(corpora) else "–")
        rows.append(cells)
    return table(rows)


def scored_sets(sets, found, corpora):
    """List those sets on which a system is scored, with a warning for others; found: target -> result of figures().

    Raises BadInput if there is none.
    """
    scored = {name for each in found.values() for places in each.values() for _, name in places}
    if lacking := [name for name in sets if name not in scored]:
        found_none = f"--sets: no system of {' '.join(corpora)} is scored on {listed(lacking)}"
        if len(lacking) == len(sets):
            raise BadInput(found_none)
        warn(f"{found_none}; left out")
    return [name for name in sets if name in scored]


def _number(values, place, form):
    return format(values[place], form) if place in values else "–"


def differences(found, corpora, sets, pairs):
    """Return a table of differences a - b of each target and set on each corpus; pairs: list of `a:b`."""
    both = all({"downup", "dilated"} <= systems.keys() for systems in found.values())
    pairs = pairs or (["downup:dilated"] if both else [])
    heads = [word for target in found for word in (*(f"{target}, {name}" for name in sets), "sign")]
    rows = [["a – b", *heads]]
    for pair in pairs:
        a, _, b = pair.partition(":")
        cells = [f"{a} – {b}"]
        for target, systems in found.items():
            if a not in systems or b not in systems:
                raise BadInput(
                    f"--pairs: found {pair!r}, expected a:b of {', '.join(systems)}, which {target} has scores of"
                )
            values = {place: systems[a][place] - systems[b][place] for place in systems[a].keys() & systems[b].keys()}
            cells += [" / ".join(_number(values, (corpus, name), "+.3f") for corpus in corpora) for name in sets]
            signs = {value > 0 for value in values.values()}
            cells.append(("–", "same", "changes")[len(signs)])
        rows.append(cells)
    return table(rows)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("exp", nargs="+", help="folders of systems, one per corpus; output goes to the first")
    options.add_argument("--pairs", type=Pair, nargs="*", help="as a:b (default: downup:dilated, if scored)")
    options.add_argument("--sets", type=names, default="dev,test", help="sets to show (default: dev,test)")
    values = options.parse(argv)
    folders, sets = [Path(folder) for folder in values.exp], values.sets
    corpora = [folder.name for folder in folders]
    if len({*corpora}) < len(corpora):
        raise BadInput(f"exp: found {' '.join(map(str, folders))}, expected folders of different names, one a corpus")
    alone = sets == [LEFT_OUT]
    records, files = [], []
    for folder in folders:
        own = left_out(folder) if alone else read_results(folder / "results.json")
        records += [(folder.name, record) for record in own]
        files += left_out_files(folder) if alone else files_of(folder, own)
    made_from = take(files, code=[__file__])
    targets = sorted({record["target"] for corpus, record in records if corpus == corpora[0]})
    found = {target: figures(records, target, sets) for target in targets}
    sets = scored_sets(sets, found, corpora)
    text = TEXT.format(
        count=len(corpora),
        corpora=" / ".join(corpora),
        table=side_by_side(found, names_of([record for _, record in records]), corpora, sets),
        differences=differences(found, corpora, sets, values.pairs),
    )
    flat = [
        {"target": target, "system": system, "corpus": corpus, "set": name, "ccc_mean": value}
        for target, systems in found.items()
        for system, places in systems.items()
        for (corpus, name), value in places.items()
    ]
    out = folders[0] / LEFT_OUT / "corpora" if alone else folders[0]
    write_text(out / "corpora.json", json.dumps(flat, indent=1) + "\n")
    sections.write(out, "20-corpora", text, made_from, [out / "corpora.json"])
    print(text)


if __name__ == "__main__":
    main()
