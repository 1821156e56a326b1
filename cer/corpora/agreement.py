"""How far the raters of a recording agree: what agreement.txt, beside the data directories, says of each."""

from cer.scoring.gaps import mean
from cer.scoring.gold_standard import pairwise
from cer.scoring.metrics import ccc, pcc

HEAD = (
    "# set recording target, mean CCC and PCC of all pairs of raters, each rater's mean CCC with the others"
    " | the same of refined traces\n"
)


def of(raters, refined=None):
    """The agreement in words of a line; raters: a Trace, or None; refined: their refined traces (R, T)."""
    if raters is None:
        return "- -"
    return _words(raters.names, raters.values) + ("" if refined is None else f" | {_words(raters.names, refined)}")


def _words(names, ratings):
    each = pairwise(ratings, ccc)
    both = f"{float(mean(each)):.3f} {float(mean(pairwise(ratings, pcc))):.3f}"
    return " ".join([both, *(f"{name}={one:.3f}" for name, one in zip(names, each, strict=True))])
