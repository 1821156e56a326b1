"""What is said of compared pairs of systems: p values are corrected for all pairs of a report, and words follow them.

    EXP/compare/<a>_<b>_<set>.json              figures of a pair, as compare() of local/results/compare.py makes them
    EXP/sections/30-compare_<a>_<b>_<set>.md    its section

A family of tests is what is asked again and again: all pairs on one set, for one target, ensembles or single runs.
"""

from cer.base import records
from cer.base.errors import warn
from cer.base.kinds import Name, Share, Whole
from cer.base.markdown import table
from cer.scoring import significance
from cer.scoring.scores import CONVENTION
from local.results import sections

SURE = 0.05  # significance level
SECTION = "30-compare_"
CURE = "compare these systems again (python3 -m local.results.compare), or remove it"
NUMBERS = records.Listed(float, 2, 2)
FIGURES = {"ccc": NUMBERS, "intervals": records.Listed((NUMBERS, None), 2, 2), "difference": float}
FIGURES |= {"interval": (NUMBERS, None), "p": Share, "swaps": Whole, "least": Share}
KIND = {"ensemble": FIGURES, "runs": FIGURES | {"number": records.Listed(Whole, 2, 2)}}
RECORD = {"systems": records.Listed(Name, 2, 2), "set": Name, "speakers": Whole, "targets": {...: KIND}}
HEAD = ["a", "b", "set", "target", "CCC of", "a", "b", "a − b", "p", "pairs", "p, Holm", "better"]
TEXT = """## Is one system better than another?

{convention},
of the ensembles and of the single runs, their mean. Brackets: 95 % intervals over the {speakers} speakers, by the
jackknife, for single runs over runs, too, where there are several. p: two-sided permutation test, the predictions of
both systems swapped speaker by speaker ({swaps}); for single runs, the swaps' differences are
widened as the runs widen the interval. Holm: p corrected for the number of pairs with the same set and target. It alone
decides whether one system is called better.

{table}
"""


def families(pairs):
    """Correct the p values of all pairs: {(pair, target, kind): (corrected p, number of pairs)}.

    pairs: name -> record of a pair, as compare() makes it.
    """
    found = {}
    for pair, record in pairs.items():
        for target, kinds in record["targets"].items():
            for kind, one in kinds.items():
                found.setdefault((record["set"], target, kind), {})[pair] = one["p"]
    return {
        (pair, target, kind): (p, len(ps))
        for (_, target, kind), ps in found.items()
        for pair, p in zip(ps, significance.holm([*ps.values()]), strict=True)
    }


def write(exp, made):
    """Write the sections of new pairs, and again those of earlier pairs.

    made: name of a pair's files -> (record, the facts it was made from); one pair at least.
    """
    pairs = earlier(exp, made) | made
    corrected = families({pair: record for pair, (record, _) in pairs.items()})
    for pair, (record, facts) in pairs.items():
        text = markdown(pair, record, corrected)
        if pair in made or text != sections.text_of(exp, SECTION + pair):
            sections.write(exp, SECTION + pair, text, facts, [exp / "compare" / f"{pair}.json"])


def earlier(exp, made):
    """Read the pairs compared before: name -> (record, facts). Leaves out, with a warning, what is out of date.

    made: new pairs, as for write().
    """
    code = {name: value for _, facts in made.values() for name, value in facts.items() if name.startswith("code ")}
    found = {}
    for path in sorted(exp.glob("compare/*.json")):
        if path.stem not in made:
            facts = sections.made_from(exp, SECTION + path.stem)
            if facts is not None and code.items() <= facts.items():
                found[path.stem] = records.read(path, RECORD, CURE), facts
            else:
                warn(f"{path}: is left out of the correction: made from other predictions or by other code; {CURE}")
    return found


def _shown(value, interval, sign=""):
    return f"{value:{sign}.3f}" + (f" [{interval[0]:{sign}.3f}, {interval[1]:{sign}.3f}]" if interval else "")


def verdict(one, systems, corrected, number):
    """Name the better system. Only the corrected test decides.

    one: figures of a target and a kind; corrected: its p, corrected for this number of pairs.
    """
    if one["interval"] is None:
        return "not shown: one speaker only"
    if corrected < SURE:
        return systems[one["difference"] < 0]
    return "not shown: too few speakers" if number * one["least"] >= SURE else "not shown"


def markdown(pair, record, corrected):
    """Return the section of one pair for the reports, which put all pairs into one table.

    corrected: result of families().
    """
    rows, systems = [HEAD], record["systems"]
    for target, result in record["targets"].items():
        for kind, one in result.items():
            p, number = corrected[pair, target, kind]
            of = "ensembles" if kind == "ensemble" else "{} and {} runs".format(*one["number"])
            figures = [_shown(*each) for each in zip(one["ccc"], one["intervals"], strict=True)]
            figures += [_shown(one["difference"], one["interval"], "+"), f"{one['p']:.2g}", number, f"{p:.2g}"]
            rows.append([*systems, record["set"], target, of, *figures, verdict(one, systems, p, number)])
    speakers, swaps = record["speakers"], one["swaps"]
    said = f"all {swaps} swaps" if speakers <= significance.EXACT else f"{swaps} swaps drawn by chance"
    return TEXT.format(convention=CONVENTION, speakers=speakers, swaps=said, table=table(rows))
