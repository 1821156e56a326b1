"""What is said of compared pairs of systems: p values are corrected for all pairs of a report, and words follow them.

    EXP/compare/<set>.json              figures of all pairs, as compare() of local/results/compare.py makes them, a
                                        line for each pair; and what they were made from
    EXP/sections/30-compare_<set>.md    their section

A family of tests is what is asked again and again: all pairs on one set, for one target, ensembles or single runs.
"""

import json
from typing import Annotated

from cer.base import records
from cer.base.errors import listed, warn
from cer.base.facts import summary
from cer.base.files import write_text
from cer.base.kinds import Name, Range, Share, Whole
from cer.base.markdown import table
from cer.base.words import counted
from cer.scoring import significance
from cer.scoring.scores import CONVENTION
from local.results import sections

SURE = 0.05  # significance level
SECTION = "30-compare_"
CURE = "compare these systems again (python3 -m local.results.compare), or remove it"
MOST = 1_000_000  # swaps
NUMBERS = records.Listed(float, 2, 2)
FIGURES = {"ccc": NUMBERS, "intervals": records.Listed((NUMBERS, None), 2, 2), "difference": float}
FIGURES |= {"interval": (NUMBERS, None), "p": Share, "swaps": Annotated[int, Range(0, MOST)], "least": Share}
KIND = {"ensemble": FIGURES, "runs": FIGURES | {"number": records.Listed(Whole, 2, 2)}}
RECORD = {"systems": records.Listed(Name, 2, 2), "set": Name, "speakers": Whole, "targets": {...: KIND}}
TABLE = {"made_from": {...: {...: str}}, "code": str, "pairs": records.Listed(RECORD)}
HEAD = ["a", "b", "set", "target", "CCC of", "a", "b", "a − b", "p", "pairs", "p, Holm", "better"]
TEXT = """## Is one system better than another?

{convention}: of the ensembles, and the mean of the single runs.
Brackets: 95 % intervals over the speakers ({speakers}), by the jackknife, for several single runs also over the runs.
p: two-sided permutation test, the predictions of both systems swapped speaker by speaker ({swaps}); for single
runs, these differences are widened as the runs widen the interval. Holm: p corrected for the number of pairs with the
same set and target. Only this p decides whether one system is called better.

{table}
"""


class Table:
    """The compared pairs of a set: those of earlier calls that still hold, and new ones."""

    def __init__(self, exp, set_name, facts, code):
        """Read the table.

        exp: folder of systems; facts: (system, target) -> facts of its predictions and labels, taken before they are
        read; code: facts of the program.
        """
        self.path, self._exp, self._section = exp / "compare" / f"{set_name}.json", exp, SECTION + set_name
        self._facts, self._now, self._code = facts, {place: summary(one) for place, one in facts.items()}, code
        self.pairs, self._stale = {}, {}  # frozenset of two systems -> record
        self._current = sections.is_intact(exp, self._section)
        if self._current:
            self._read()

    def _read(self):
        found = records.read(self.path, TABLE, CURE)
        then, same_code = found["made_from"], found["code"] == summary(self._code)
        for one in found["pairs"]:
            holds = same_code and all(
                then.get(system, {}).get(target) == self._now.get((system, target), "gone")
                for system, target in _places(one)
            )
            (self.pairs if holds else self._stale)[frozenset(one["systems"])] = one
        self._current = not self._stale

    def has(self, a, b, targets, settings):
        """Whether a against b is in the table, for these targets, with these settings (name -> value)."""
        one = self.pairs.get(frozenset([a, b]), {})
        wanted = settings | {"systems": [a, b]}
        return wanted.items() <= one.items() and [*one["targets"]] == targets

    def add(self, record):
        """Add a pair, in the place of an earlier comparison of the same systems."""
        self.pairs[frozenset(record["systems"])] = record
        self._current = False

    def write(self, names):
        """Write the table and its section, unless both hold; warns of earlier pairs that no longer do.

        names: system -> its name in the section.
        """
        if gone := [" and ".join(one["systems"]) for pair, one in self._stale.items() if pair not in self.pairs]:
            warn(f"{self.path}: left out: {counted(len(gone), 'pair')}, made from other predictions or by other code:"
                 f" {listed(gone)}; {CURE}")  # fmt: skip
        if self._current or not self.pairs:
            return
        self.pairs = dict(sorted(self.pairs.items(), key=lambda one: "_".join(one[1]["systems"])))
        used = {place for one in self.pairs.values() for place in _places(one)}
        then, made_from = {}, {**self._code}
        for system, target in sorted(used):
            then.setdefault(system, {})[target] = self._now[system, target]
            made_from |= self._facts[system, target]
        head = json.dumps({"made_from": then, "code": summary(self._code)}, indent=1).removesuffix("\n}")
        lines = ",\n".join(map(json.dumps, self.pairs.values()))
        write_text(self.path, f'{head},\n "pairs": [\n{lines}\n]}}\n')
        sections.write(self._exp, self._section, markdown([*self.pairs.values()], names), made_from, [self.path])


def _places(record):
    """The systems and targets of a pair: list of (system, target)."""
    return [(system, target) for system in record["systems"] for target in record["targets"]]


def families(pairs):
    """Correct the p values of all pairs of a set: list of {(target, kind): (corrected p, number of pairs)}.

    pairs: their records.
    """
    found, corrected = {}, [{} for _ in pairs]
    for number, record in enumerate(pairs):
        for target, kinds in record["targets"].items():
            for kind, one in kinds.items():
                found.setdefault((target, kind), {})[number] = one["p"]
    for family, ps in found.items():
        for number, p in zip(ps, significance.holm([*ps.values()]), strict=True):
            corrected[number][family] = p, len(ps)
    return corrected


def _shown(value, interval, sign=""):
    form = f"{sign or 'z'}.3f"  # z: 0.000 has no sign; in a difference a sign says the direction
    return f"{value:{form}}" + (f" [{interval[0]:{form}}, {interval[1]:{form}}]" if interval else "")


def verdict(one, systems, corrected, number):
    """Name the better system. Only the corrected test decides.

    one: figures of a target and a kind; corrected: its p, corrected for this number of pairs.
    """
    if one["interval"] is None:
        return "not shown: one speaker only"
    if corrected < SURE:
        return systems[one["difference"] < 0]
    if number * one["least"] < SURE:
        return "not shown"
    all_swaps = one["least"] * one["swaps"] > 1  # the least p is 2 / swaps if all are tried, 1 / (swaps + 1) if some
    if not all_swaps:
        return "not shown: too few swaps (--resamples)"
    return "not shown: too few speakers" + (f" for {number} pairs" if one["least"] < SURE else "")


def markdown(pairs, names):
    """Return the section of the pairs of a set: a table of all; pairs: their records; names: as Table.write's.

    Those of another number of speakers or swaps have a table of their own.
    """
    tables = {}
    for record, corrected in zip(pairs, families(pairs), strict=True):
        for (target, kind), (p, number) in corrected.items():
            one = record["targets"][target][kind]
            of = [names.get(system, system) for system in record["systems"]]
            row = _row(of, record["set"], target, one, p, number)
            tables.setdefault((record["speakers"], one["swaps"]), [HEAD]).append(row)
    texts = []
    for (speakers, swaps), rows in tables.items():
        said = f"all {swaps} swaps" if speakers <= significance.EXACT else f"{swaps} swaps drawn by chance"
        texts.append(TEXT.format(convention=CONVENTION, speakers=speakers, swaps=said, table=table(rows)))
    return "\n".join(texts)


def _row(systems, set_name, target, one, p, number):
    """A row of the table; one: figures of a target and a kind; p: corrected for this number of pairs."""
    of = "{} and {} runs".format(*one["number"]) if "number" in one else "ensembles"
    figures = [_shown(*each) for each in zip(one["ccc"], one["intervals"], strict=True)]
    figures += [_shown(one["difference"], one["interval"], "+"), f"{one['p']:.2g}", number, f"{p:.2g}"]
    return [*systems, set_name, target, of, *figures, verdict(one, systems, p, number)]
