"""Which gold standard is nearest to what the raters would agree on without noise? Prints a section in Markdown.

On the open corpus that is known: model/raters.py, consensus(). Only ratings are made, no sound.
"""

from typing import Annotated

from cer.base.errors import BadInput, listed, program  # first: it says so if a package is missing

# isort: split
import numpy as np
from scipy.stats import t as student

from cer.base.kinds import Count, Range
from cer.base.markdown import table
from cer.base.options import Parser
from cer.scoring.alignment import LIMIT, Lags, correlations, delays
from cer.scoring.gold_standard import METHODS, pairwise
from cer.scoring.metrics import ccc, pcc, rmse
from cer.scoring.raters import refine
from egs.synth.model.corpus import SPEAKERS, entries
from egs.synth.model.parameters import DIMENSIONS, LABEL_RATE, RATERS
from egs.synth.model.raters import consensus, draw_rater, rate
from egs.synth.model.recording import draw_scene

SHIFT = 1 / LABEL_RATE
REFINEMENTS = [
    {},
    {"smooth": 0.5},
    {"smooth": 1.0},
    {"standardise": True},
    {"align": "delay"},
    {"align": "delay", "smooth": 0.5},
    {"align": "delay", "standardise": True},
    {"align": "lag"},
    {"align": "lag", "smooth": 0.5},
    {"align": "lag", "standardise": True},
    {"align": "warp"},
    {"align": "warp", "standardise": True},
]
HEAD = ["refinement", "method", "CCC", "above avec", "PCC", "RMSE", "PCC, moved", "later by (s)", "raters' CCC"]

TEXT = """# Results on the open corpus: gold standards

Which gold standard is nearest to what the raters would agree on without noise? The generator knows it
(`consensus` in [model/raters.py](model/raters.py)): the perceived emotion with the raters' mean lag, gain and bias.
The raters are simulated: each has one lag for the whole corpus and noise that nobody shares. This tests methods; it
says nothing about real raters, whose lags may change and whose errors may be alike.

Made by `. ./path.sh; python3 -m egs.synth.gold_standards --seeds={seeds} --num-speakers={speakers} \
--duration={duration}`.

{count} corpora, seeds {seeds}, of {recordings} recordings of {duration} s. Every number is the mean over the corpora;
± is half of its 95 % interval (Student's t over the corpora). Each corpus is scored over its concatenated recordings.
*Above avec*: the difference of CCC from AVEC's method without refinement, corpus by corpus. *PCC, moved*: the
correlation with the truth at the delay where it is highest; *later by*: that delay; both are means over the recordings.
*Raters' CCC*: how far the raters agree after the refinement, mean of all pairs. After `standardise`, `avec` is `mean`.

{sections}
## Delays

`align=delay` estimates each rater's delay from one recording, `align=lag` from all recordings of the corpus; the lags
that generated the ratings are known. The table has the root mean square and the median size of the error of a rater's
delay relative to the raters' mean, in s; *none*: without alignment.

{delays}
"""


def truth_and_ratings(seed, num_speakers, duration):
    """Per target, the recordings of a corpus: list of (name, consensus (T,), ratings (R, T))."""
    found = {target: [] for target in DIMENSIONS}
    for name, slot, index in entries(num_speakers):
        perceived = draw_scene(seed, slot, index, duration).perceived
        truth, ratings = consensus(seed, perceived), rate(seed, slot, perceived)
        for d, target in enumerate(DIMENSIONS):
            found[target].append((f"seed {seed}, {target}/{name}", truth[d], ratings[d]))
    return found


def methods_of(refinement):
    """The methods that differ after a refinement."""
    return [name for name in METHODS if not (refinement.get("standardise") and name == "avec")]


def refine_all(traces, refinement):
    """Refine the ratings of all recordings of a corpus and a target."""
    lags = lags_of(traces, refinement) if refinement.get("align") == "lag" else None
    return [refine(ratings, SHIFT, lags, **refinement) for ratings in traces]


def lags_of(traces, refinement):
    """The raters' lags in rows (R,), found in the ratings of all recordings."""
    lags = Lags(SHIFT)
    for ratings in traces:
        lags.add(RATERS, refine(ratings, SHIFT, **refinement | {"align": "none"}))
    found = lags.find()
    return np.array([found[name] for name in RATERS])


def measure(recordings):
    """Measure all gold standards of a corpus and a target: (number of refinement, method) -> numbers as in HEAD."""
    names, truths, traces = zip(*recordings, strict=True)
    found, truth = {}, np.concatenate(truths)
    for number, refinement in enumerate(REFINEMENTS):
        refined = refine_all(traces, refinement)
        agreement = np.mean([pairwise(ratings, ccc) for ratings in refined])
        for method in methods_of(refinement):
            golds = [METHODS[method](ratings, name) for name, ratings in zip(names, refined, strict=True)]
            gold = np.concatenate(golds)
            moved, later = _at_best(truths, golds)
            found[number, method] = [ccc(truth, gold), pcc(truth, gold), rmse(truth, gold), moved, later, agreement]
    return found


def _at_best(truths, golds):
    """The highest correlation of gold standard and truth over delays, and its delay (s): means over the recordings."""
    most = round(LIMIT / SHIFT)
    each = [correlations(gold, truth, most) for truth, gold in zip(truths, golds, strict=True)]
    return np.mean([one.max() for one in each]), SHIFT * np.mean([one.argmax() - most for one in each])


def delay_errors(seed, d, recordings):
    """Errors (s) about the raters' mean, of delays, of lags and of none: root mean square and median size of each."""
    lags, traces = np.array([draw_rater(seed, d, r).lag for r in range(len(RATERS))]), [one for *_, one in recordings]
    found = [np.array([delays(ratings, SHIFT) for ratings in traces]), lags_of(traces, {}), np.zeros(len(RATERS))]
    errors = [SHIFT * (one - one.mean(axis=-1, keepdims=True)) - (lags - lags.mean()) for one in found]
    return [number(abs(each)) for each in errors for number in (_root_mean_square, np.median)]


def _root_mean_square(values):
    return np.sqrt((values**2).mean())


def interval(values):
    """Mean, and half of the 95 % interval by Student's t, of one value a corpus."""
    return np.mean(values), student.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values))


def section(target, each):
    """The section of a target; each: results of measure(), one a corpus."""
    keys = list(each[0])
    first = keys.index((0, "avec"))
    values = np.array([[one[key] for key in keys] for one in each])  # (corpora, methods, measures)
    rows = [HEAD]
    for n, (number, name) in enumerate(keys):
        (score, half), (above, more) = interval(values[:, n, 0]), interval(values[:, n, 0] - values[:, first, 0])
        compared = "" if n == first else f"{above:+.3f} ± {more:.3f}"
        rest = [f"{values[:, n, k].mean():.3f}" for k in range(1, 4)]
        last = [f"{values[:, n, 4].mean():+.2f}", f"{values[:, n, 5].mean():.3f}"]
        rows.append([words(REFINEMENTS[number]), name, f"{score:.3f} ± {half:.3f}", compared, *rest, *last])
    scores = values[:, :, 0].mean(axis=0)
    best = int(scores.argmax())
    behind = {n: interval(values[:, best, 0] - values[:, n, 0]) for n in np.argsort(-scores) if n != best}
    alike = [_name(keys[n]) for n, (less, half) in behind.items() if less <= half]
    said = f"Nearest: {_name(keys[best])}. {len(alike)} of the {len(behind)} others are not shown to be farther"
    said += " (the interval of the difference includes 0)" + (f": {listed(alike)}." if alike else ".")
    return f"## {target.capitalize()}\n\n{said}\n\n{_lag_or_delay(keys, values)}\n\n{table(rows)}\n"


def _lag_or_delay(keys, values):
    """A sentence on the difference of CCC between both kinds of delay; values: (corpora, methods, measures)."""
    said, scores = [], dict(zip(keys, values[:, :, 0].T, strict=True))
    for number, name in keys:
        if REFINEMENTS[number].get("align") == "lag":
            other = REFINEMENTS.index(REFINEMENTS[number] | {"align": "delay"})
            above, half = interval(scores[number, name] - scores[other, name])
            said.append(f"{_name((number, name))} {above:+.3f} ± {half:.3f}")
    return f"Difference of CCC from the same with `--align=delay`: {', '.join(said)}."


def words(refinement):
    """A refinement as its options."""
    return " ".join(f"--{name}={str(value).lower()}" for name, value in refinement.items()) or "none"


def _name(key):
    number, method = key
    return f"`{method}`" + (f" with `{words(REFINEMENTS[number])}`" if REFINEMENTS[number] else "")


def seeds_of(text):
    """The seeds of a list such as 1,2,3, at least two. Raises ValueError."""
    found = [int(word) for word in text.split(",")]
    if len(set(found)) < max(2, len(found)):
        raise ValueError(text)
    return found


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("--seeds", default="1,2,3", help="seeds of corpora, two or more (default: 1,2,3)")
    options.add_argument(
        "--num-speakers",
        type=Annotated[int, Range(1, SPEAKERS)],
        default=SPEAKERS,
        help=f"in each set (default: {SPEAKERS})",
    )
    options.add_argument("--duration", type=Count, default=300, help="of a recording, s (default: 300)")
    values = options.parse(argv)
    try:
        seeds = seeds_of(values.seeds)
    except ValueError:
        raise BadInput(f"--seeds={values.seeds}: expected different whole numbers, two or more, as in 1,2,3") from None
    corpora = [truth_and_ratings(seed, values.num_speakers, values.duration) for seed in seeds]
    sections = [section(target, [measure(corpus[target]) for corpus in corpora]) for target in DIMENSIONS]
    rows = [["target", "seed", "delay", "median", "lag", "median", "none", "median"]]
    for d, target in enumerate(DIMENSIONS):
        for seed, corpus in zip(seeds, corpora, strict=True):
            rows.append([target, seed, *(f"{error:.2f}" for error in delay_errors(seed, d, corpus[target]))])
    text = TEXT.format(
        seeds=values.seeds,
        speakers=values.num_speakers,
        duration=values.duration,
        count=len(seeds),
        recordings=len(corpora[0][DIMENSIONS[0]]),
        sections="\n".join(sections),
        delays=table(rows),
    )
    print(text, end="")


if __name__ == "__main__":
    main()
