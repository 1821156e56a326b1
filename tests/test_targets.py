"""What the targets' numbers mean."""

from cer.data import targets


def test_the_ends_of_a_scale_are_told_of_known_targets_alone():
    assert targets.ends("arousal") == "calm to excited" and targets.ends("anger") == "units of the labels"
    assert targets.scale("valence") == "from negative (−1) to positive (+1)"
    assert targets.scale("anger") == "as its labels do"


def test_a_corpus_may_have_targets_of_its_own():
    own = {"anger": ("calm", "very angry"), "arousal": ["asleep", "awake"]}
    assert targets.ends("anger", own) == "calm to very angry" and targets.ends("arousal", own) == "asleep to awake"
    assert targets.scale("anger", own) == "from calm (−1) to very angry (+1)"
    assert targets.scale("valence", own) == targets.scale("valence")
