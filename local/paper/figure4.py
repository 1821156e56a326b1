"""Measure how slowly the labels vary: the paper's Section 5.2 and Figure 4 -> EXP/figure4.{json,png,pdf}, a section.

For each target, over the labels of all sets: the share of power below 0.2 and 1 Hz; and the CCC between the labels and
their reconstruction by a cubic spline after down-sampling by 2, 4 ... 128.
"""

import json
from pathlib import Path

from cer.base.errors import BadInput, program, warn  # first: it says so if a package is missing

# isort: split
import numpy as np
from scipy.interpolate import CubicSpline

from cer.base.files import write_text
from cer.base.markdown import table
from cer.base.options import Parser
from cer.base.tables import KALDIS_OWN
from cer.data import datadir, frames
from cer.scoring.metrics import ccc
from cer.scoring.spectrum import share_below
from local.results import sections
from local.results.style import COLUMN, ink, pyplot, rows_and_seconds, save, tidy
from local.results.tables import paper_rows

FACTORS = [2, 4, 8, 16, 32, 64, 128]  # as in the paper
LIMITS = [0.2, 1.0]  # Hz; the paper uses 1

TEXT = """## How slow the labels are{paper}

Share of the power of the labels below {limits} Hz, each recording without its mean{found}.
CCC (concatenated recordings) between the labels and their reconstruction by a cubic spline from every 2nd, 4th ...
128th of them ({seconds} s apart). The last label of a
recording is always kept, so that the spline never extrapolates.

{table}

![CCC of down-sampled and rebuilt labels](../figure4.png)
"""
OF_PAPER = {
    "paper": " (the paper's Section 5.2 and Figure 4)",
    "found": " (the paper: more than 95 % below 1 Hz in RECOLA)",
}


def labels_of(data):
    """Read the labels of all sets: (target -> {utterance: (T,)}, seconds between labels). An utterance counts once.

    Raises BadInput if there are none, only single labels between gaps, or sets with other seconds between labels.
    """
    found, shifts = {}, set()
    for scp in sorted(data.glob("*/*.scp")):
        if scp.stem not in KALDIS_OWN and (scp.parent / "label_shift").exists():
            all_labels = datadir.labels_of(scp.parent, scp.stem)
            shifts.add(datadir.label_shift(scp.parent))
            found.setdefault(scp.stem, {}).update({key: matrix[:, 0] for key, matrix in all_labels.items()})
    if not found:
        raise BadInput(f"{data}: found no labels (<set>/<target>.scp); stage 0 makes them")
    for target in [t for t, each in found.items() if not any(map(frames.stretches, each.values()))]:
        warn(f"{data}: {target}: no two labels follow one another without a gap: it is left out of Figure 4")
        del found[target]
    if not found:
        raise BadInput(f"{data}: found only single labels between gaps, expected two in sequence")
    if len(shifts) > 1:
        raise BadInput(f"{data}/*/label_shift: found {sorted(shifts)}, expected the same seconds in all sets")
    return found, shifts.pop()


def rebuilt(x, factor):
    """Keep every `factor`-th label of x (T,) and the last one, and reconstruct the others by a cubic spline: (T,)."""
    kept = np.unique(np.append(np.arange(0, len(x), factor), len(x) - 1))
    return CubicSpline(kept, x[kept])(np.arange(len(x))) if len(kept) > 1 else np.array(x)


def measure(recordings, shift):
    """Return the record of one target; recordings: {utterance: (T,)}; shift: seconds between labels."""
    values = [part.astype(np.float64) for x in recordings.values() for part in frames.stretches(x)]
    whole = np.concatenate(values)
    return {
        "recordings": len(recordings),
        "share_below_hz": {f"{limit:g}": share_below(values, shift, limit) for limit in LIMITS},
        "ccc": {str(f): float(ccc(whole, np.concatenate([rebuilt(x, f) for x in values]))) for f in FACTORS},
    }


def markdown(records, shift, directories=()):
    """Return the section for the reports; records: target -> result of measure(); directories: of the labels."""
    rows = [
        ["target", "recordings", *(f"below {limit:g} Hz" for limit in LIMITS), *(f"CCC, 1 in {f}" for f in FACTORS)]
    ]
    for target, one in records.items():
        shares = ["–" if share is None else f"{100 * share:.2f} %" for share in one["share_below_hz"].values()]
        rows.append([target, one["recordings"], *shares, *(f"{one['ccc'][str(f)]:.4f}" for f in FACTORS)])
    about = OF_PAPER if any(paper_rows(target, directories) for target in records) else dict.fromkeys(OF_PAPER, "")
    seconds = " ".join(f"{f * shift:g}" for f in FACTORS)
    return TEXT.format(limits=" and ".join(f"{x:g}" for x in LIMITS), seconds=seconds, table=table(rows), **about)


def curves(records, shift):
    """Return the figure's numbers for the HTML page."""
    seconds = [factor * shift for factor in FACTORS]
    drawn = [{"name": target, "x": seconds, "y": [*one["ccc"].values()]} for target, one in records.items()]
    label = "CCC of labels rebuilt from fewer"
    return {"label": label, "x": "one label every (s)", "y": "CCC with the labels", "curves": drawn}


def draw(records, shift):
    """Draw the figure: CCC over the factor (lower axis) and seconds (upper axis)."""
    figure, axes = pyplot().subplots(figsize=(COLUMN, 2.2))
    for n, (target, one) in enumerate(records.items()):
        axes.plot(FACTORS, [one["ccc"][str(f)] for f in FACTORS], label=target, **ink(n))
    rows_and_seconds(axes, FACTORS, shift, "down-sampling factor", "time between the labels that are kept (s)")
    axes.set_ylabel("CCC of rebuilt and original labels")
    tidy(axes)
    axes.legend(frameon=False)
    figure.tight_layout()
    return figure


@program
def main(argv=None):
    """Run the program."""
    options = Parser(__doc__)
    options.add_argument("data", help="folder of data directories, e.g. data/synth")
    options.add_argument("exp", help="folder of systems, e.g. exp/synth")
    values = options.parse(argv)
    found, shift = labels_of(Path(values.data))
    records = {target: measure(recordings, shift) for target, recordings in found.items()}
    stem = Path(values.exp) / "figure4"
    write_text(f"{stem}.json", json.dumps({"label_shift": shift, "targets": records}, indent=1) + "\n")
    sections.write_curves(stem, curves(records, shift))
    save(draw(records, shift), stem)
    sections.write(values.exp, "50-figure4", markdown(records, shift, sorted(Path(values.data).glob("*/"))))
    print(f"{stem}.json, .png and .pdf: labels of {', '.join(records)}")


if __name__ == "__main__":
    main()
