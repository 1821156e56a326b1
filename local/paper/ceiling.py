"""Human performance: score each rater against the gold standard of the others -> EXP/ceiling.json and a section.

ceiling.json is a list with one record per set, target and kind of traces: "as they are", or "centred" (each recording's
trace is shifted to the mean of its gold standard). "raters" contains each rater's "ccc", "pcc" and "rmse" over the
concatenated recordings, and as "ccc_per_recording" ... the means of the recordings' scores; "mean" and "std" (sample
standard deviation) are over the raters. Only rows rated by a rater and by others count; a
rater without such rows is left out.
"""

import contextlib
import io
import json
import statistics
import sys
from pathlib import Path

from cer.base.errors import BadInput, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np

from cer.base.files import read_text, write_text
from cer.base.markdown import table
from cer.base.options import Parser
from cer.data.datadir import Archive
from cer.scoring.gold_standard import avec
from cer.scoring.scores import CONVENTION, score
from local.results import sections

MEASURES = ("ccc", "pcc", "rmse")
HEAD = ["set", "target", "recordings", "CCC", "range", "per recording", "PCC", "RMSE", "CCC, centred", "range"]

TEXT = """## The ceiling in {data}

How well one rater predicts the others: each against the gold standard (AVEC 2016's) of the others; mean ± sample
deviation, and range, over the raters ({raters}).
Convention: {convention}. *Per recording*: mean of the recordings' own CCCs.
*Centred*: each trace was moved to the mean of the gold standard, recording by recording.

{table}
"""


def pairs_of(ratings, raters, where):
    """Pair each rater with the gold standard of the others, at the rows that both have.

    ratings: mapping utterance -> (T, R), NaN in gaps; raters: the R names. Returns rater -> {utterance: (gold standard,
    rater), two (T',)}, without raters who share no rows with others.
    """
    found = {}
    for r, name in enumerate(raters):
        pairs = {key: _pair(traces, r, f"{where}: {key}, without {name}") for key, traces in ratings.items()}
        found[name] = {key: pair for key, pair in pairs.items() if pair}
    return {name: pairs for name, pairs in found.items() if pairs}


def each_rater(raters, centred, where):
    """Score each rater, as pairs_of() returns them: rater -> {measure: number}."""
    found = {}
    for name, pairs in raters.items():
        gold = {key: other[:, None] for key, (other, _) in pairs.items()}
        own = {key: trace[:, None] for key, (_, trace) in pairs.items()}
        if centred:
            own = {key: trace - trace.mean() + gold[key].mean() for key, trace in own.items()}
        scores = score(gold, own, f"{where}: {name}")
        each = scores["recordings"].values()
        found[name] = {measure: scores[measure] for measure in MEASURES} | {
            f"{measure}_per_recording": statistics.fmean(one[measure] for one in each) for measure in MEASURES
        }
    return found


def _pair(traces, r, where):
    """The gold standard of the raters but r, and rater r, at the rows where both are: two (T',); None for no two."""
    if np.isnan(traces[:, r]).all():
        return None
    gold, own = avec(np.delete(traces, r, axis=1).T, where), traces[:, r]
    both = ~(np.isnan(gold) | np.isnan(own))
    return (gold[both], own[both]) if both.sum() > 1 else None


def records_of(scp, of_gold, of_raters):
    """Return the two records of a set and a target; none, with a warning, where no two raters rated the same rows.

    of_gold, of_raters: lists that take the warnings of gold standards and of raters' scores. Raises BadInput unless
    each rater has one trace.
    """
    raters = _raters(scp.parent / "raters")
    archive = Archive(scp, "run stage 0 again", gaps=True)
    ratings = {key: traces.astype(np.float64) for key, traces in archive.items()}
    for key, traces in ratings.items():
        if traces.shape[1] != len(raters):
            raise BadInput(
                f"{scp}: {key}: found {traces.shape[1]} traces and the raters {', '.join(raters)}, expected one trace"
                " a rater; run stage 0 again"
            )
    with gathered(of_gold):
        pairs = pairs_of(ratings, raters, scp)
    if len(pairs) < 2:  # e.g. A and B share rows, and A and C, but not B and C
        warn(f"{scp}: found no two raters who rated the same rows; without them there is no ceiling")
        return []
    kinds = ("as they are", "centred")
    with gathered(of_raters):
        each = {traces: each_rater(pairs, traces == "centred", scp) for traces in kinds}
    what = {"set": scp.parent.parent.name, "target": scp.stem, "recordings": len(ratings)}
    return [what | {"traces": traces} | _over_raters(found) for traces, found in each.items()]


def _raters(path):
    raters = read_text(path, "run stage 0 again").split()
    if len(set(raters)) < len(raters):
        raise BadInput(f"{path}: found {' '.join(raters)}, expected each rater once; run stage 0 again")
    return raters


def _over_raters(each):
    values = {name: [one[name] for one in each.values()] for name in next(iter(each.values()))}
    return {
        "raters": each,
        "mean": {name: statistics.fmean(numbers) for name, numbers in values.items()},
        "std": {name: statistics.stdev(numbers) for name, numbers in values.items()},
    }


def row(plain, centred):
    """Return the table row of a set and a target; plain, centred: its two records."""
    numbers = (_spread(plain, name) for name in ("ccc_per_recording", "pcc", "rmse"))
    names = [plain["set"], plain["target"], str(plain["recordings"])]
    return [*names, _spread(plain, "ccc"), _range(plain), *numbers, _spread(centred, "ccc"), _range(centred)]


def _spread(record, name):
    return f"{record['mean'][name]:z.3f} ± {record['std'][name]:.3f}"


def _range(record):
    values = [one["ccc"] for one in record["raters"].values()]
    return f"{min(values):z.3f} to {max(values):z.3f}"


@contextlib.contextmanager
def gathered(said):
    """Add the warnings of a block to a list, instead of printing them: raters and recordings make many."""
    with contextlib.redirect_stderr(io.StringIO()) as text:
        yield
    said += text.getvalue().splitlines()


def tell(said):
    """Print the first of some warnings, and how many more there are."""
    if said := [*dict.fromkeys(said)]:
        print(said[0] + (f" (and {len(said) - 1} more like this)" if len(said) > 1 else ""), file=sys.stderr)


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    values = options.parse(argv)
    data, exp = Path(values.data), Path(values.exp)
    scps = sorted(data.glob("*/ratings/*.scp"))
    if not scps:
        raise BadInput(f"{data}: found no */ratings/*.scp, the traces of the single raters; run stage 0")
    of_gold, of_raters = [], []
    pairs = [pair for scp in scps if (pair := records_of(scp, of_gold, of_raters))]
    for said in (of_gold, of_raters):
        tell(said)
    write_text(exp / "ceiling.json", json.dumps([record for pair in pairs for record in pair], indent=1) + "\n")
    raters = ", ".join(dict.fromkeys(name for plain, _ in pairs for name in plain["raters"]))
    text = table([HEAD, *(row(*pair) for pair in pairs)]) if pairs else "No two raters rated the same rows."
    sections.write(exp, "70-ceiling", TEXT.format(data=data, raters=raters, convention=CONVENTION, table=text))
    print(f"{exp}/ceiling.json: raters {raters or 'none'}")


if __name__ == "__main__":
    main()
