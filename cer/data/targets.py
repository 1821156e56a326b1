"""What targets mean: the two ends of their scales, −1 and +1. A target that is not here is told by its labels alone."""

ENDS = {"arousal": ("calm", "excited"), "valence": ("negative", "positive")}


def ends(target):
    """For the axis of a picture: calm to excited."""
    return " to ".join(ENDS[target]) if target in ENDS else "units of the labels"


def scale(target):
    """For a sentence, after "runs": from calm (−1) to excited (+1)."""
    return "from {} (−1) to {} (+1)".format(*ENDS[target]) if target in ENDS else "as its labels do"
