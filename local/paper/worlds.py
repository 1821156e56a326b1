"""Do the paper's claims hold in other worlds, which local/worlds.sh makes? -> OUT/worlds.json and a section.

Each claim is a figure of dev with its 95 % interval over the speakers, and over the runs if there are several.
"""

import json
from pathlib import Path

from cer.base.errors import BadInput, program  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.facts import take
from cer.base.files import write_text
from cer.base.markdown import table
from cer.base.options import Parser
from cer.base.words import reach
from cer.data.datadir import label_shift, labels_of
from cer.scoring import significance
from cer.scoring.spectrum import share_below
from local.paper.smoothness import LIMIT, predictions
from local.results import sections, systems
from local.results.compare import moments

SET, TARGETS = "dev", ("arousal", "valence")
DIFFERENCES = {  # what is claimed -> the systems a and b of CCC a - CCC b
    "20 s of context beat 5 s (single filter)": ("single", "single_short"),
    "down/up beats regression on windows with a delay": ("downup", "linear_statistics_delay"),
    "down/up beats dilated": ("downup", "dilated"),
    "a delay helps down/up": ("downup_delay", "downup"),
    "a delay helps regression on windows": ("linear_statistics_delay", "linear_statistics"),
}
SOLVED = "linear_"  # the names of systems with a single run begin with it
LEVEL = "(CCC of down/up)"
EASIER = "arousal is easier than valence (down/up)"
SMOOTH = "down/up is smoother: power above 1 Hz, dilated / down/up"
SPARSE = "(CCC of labels rebuilt from one in 64)"

TEXT = """## The paper's claims in other worlds, set {set}

Corpora whose generator has other constants (`egs/synth/model/worlds.py`), made by `local/worlds.sh`.
Differences of CCC of single runs, a - b, and one ratio. Brackets: 95 % intervals over the {speakers} speakers and,
where there are several, the runs ({runs} of each network). Bold: the interval excludes 0, or 1 for the ratio.
Intervals are not corrected for their number.

{table}
"""


def measure(data, exp):
    """Return the figures of a world: {(claim, target): [value, low, high], [value] without an interval, or []}.

    Returns also the number of speakers, and a set of the numbers of runs that networks have: those that did not learn
    are left out of their predictions. data: data directory of the set; exp: folder of systems. Raises BadInput for
    fewer than two speakers.
    """
    found, of_target, runs = {}, {}, set()
    for target in TARGETS:
        folder = {name: systems.predictions(exp, name, target, SET) for pair in DIFFERENCES.values() for name in pair}
        of = {name: moments(data, target, path)["runs"] for name, path in folder.items()}
        if of["downup"].shape[1] < 2:
            raise BadInput(f"{data}: found one speaker, expected two or more; --corpus-opts with --num-speakers=2")
        of_target[target] = of["downup"]
        runs |= {len(one) for name, one in of.items() if not name.startswith(SOLVED)}
        ccc = float(significance.ccc(of["downup"].sum(axis=1)).mean())
        found[LEVEL, target] = [ccc, *significance.interval_of_ccc(of["downup"]).tolist()]
        found |= {(claim, target): difference(of[a], of[b]) for claim, (a, b) in DIFFERENCES.items()}
        above = [shares(data, target, folder[name]) for name in ("dilated", "downup")]
        found[SMOOTH, target] = ratio(*above)
        found[SPARSE, target] = [sparse(data, target)]
    found[EASIER, "both"] = difference(*(of_target[target] for target in TARGETS))
    return found, of_target["arousal"].shape[1], runs


def files_of(data, exp):
    """List the files that measure() reads of a world: labels and predictions."""
    names = {name for pair in DIFFERENCES.values() for name in pair}
    folders = [systems.predictions(exp, name, target, SET) for name in sorted(names) for target in TARGETS]
    ensembles, runs = zip(*map(systems.outputs, folders), strict=True)
    labels = [data / name for name in ("utt2spk", "label_shift", *(f"{target}.scp" for target in TARGETS))]
    return [*labels, *ensembles, *(path for each in runs for path in each)]


def difference(a, b):
    """The difference of two systems' mean CCC, and its interval; a, b: moments of runs, (K, S, 6)."""
    value = significance.ccc(a.sum(axis=1)).mean() - significance.ccc(b.sum(axis=1)).mean()
    return [float(value), *significance.interval_of_difference(a, b).tolist()]


def shares(data, target, folder):
    """The share of power above 1 Hz in each recording's predictions, mean over the runs: (recordings,).

    NaN for a recording of which a run predicts a constant, which has no power.
    """
    labels, shift = dict(labels_of(data, target)), label_shift(data)
    runs = systems.outputs(folder)[1]
    below = [[share_below([x], shift, LIMIT) for x in predictions(scp, labels)] for scp in runs]
    return 1 - np.array(below, float).mean(axis=0)


def ratio(a, b):
    """The geometric mean of a / b, both (recordings,), and its 95 % interval: Student's t on the logarithms.

    Of the recordings that have power above 1 Hz in both; an empty list if there are fewer than two.
    """
    both = (a > 0) & (b > 0)
    if both.sum() < 2:
        return []
    logs = np.log(a[both] / b[both])
    return np.exp([logs.mean(), *significance.interval_of_mean(logs)]).tolist()


def sparse(data, target):
    """The CCC of labels that are rebuilt from every 64th, as in the paper's Figure 4; data: data directory."""
    from local.paper.figure4 import measure as of_labels  # imports scipy's splines

    labels = {key: matrix[:, 0] for key, matrix in labels_of(data, target).items()}
    return of_labels(labels, label_shift(data))["ccc"]["64"]


def shown(claim, values):
    """A cell of the table."""
    if not values:
        return "–"
    signed = claim in DIFFERENCES or claim == EASIER
    value, *interval = [f"{one:{'+' if signed else ''}.{1 if claim == SMOOTH else 3}f}" for one in values]
    text = f"{value} [{', '.join(interval)}]" if interval else value
    beside = claim == SMOOTH  # no effect: a ratio of 1, a difference of 0
    sure = (signed or claim == SMOOTH) and (values[1] > beside or values[2] < beside)
    return f"**{text}**" if sure else text


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("out", help="folder of the results, e.g. exp/synth/worlds/dev")
    options.add_argument("worlds", nargs="+", help="of each world: its name, its data directories, then its systems")
    values = options.parse(argv)
    if len(values.worlds) % 3:
        raise BadInput(
            f"worlds: found {len(values.worlds)} words, expected three of each: <world> data/<name> exp/<name>"
        )
    found, sizes, runs = {}, set(), set()
    folders = {name: (Path(data) / SET, Path(exp)) for name, data, exp in zip(*[iter(values.worlds)] * 3, strict=True)}
    made_from = take([path for each in folders.values() for path in files_of(*each)], code=[__file__])
    for name, each in folders.items():
        found[name], size, numbers = measure(*each)
        sizes.add(size)
        runs |= numbers
    if len(sizes) > 1:
        raise BadInput(
            f"worlds: found those of {' and '.join(map(str, sorted(sizes)))} speakers, expected as many in all"
        )
    (speakers,) = sizes
    claims = next(iter(found.values()))
    rows = [["claim", "target", *found]]
    rows += [[claim, target, *(shown(claim, one[claim, target]) for one in found.values())] for claim, target in claims]
    record = {name: [[*key, *figures] for key, figures in one.items()] for name, one in found.items()}
    out = Path(values.out) / "worlds.json"
    write_text(out, json.dumps(record, indent=1) + "\n")
    text = TEXT.format(set=SET, runs=reach(runs), speakers=speakers, table=table(rows))
    sections.write(values.out, "95-worlds", text, made_from, [out])
    print(f"{out}: {', '.join(found)}")


if __name__ == "__main__":
    main()
