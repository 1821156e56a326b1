"""What the targets' numbers mean."""

import pytest

from cer.base.errors import BadInput
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


def test_what_targets_mean_is_kept_in_a_data_directory_until_nothing_is_said(tmp_path):
    assert targets.meanings(tmp_path) == {}
    targets.write_meanings(tmp_path, {})
    assert not [*tmp_path.iterdir()]
    targets.write_meanings(str(tmp_path), {"joy": ("sad", "full of joy")})
    assert (tmp_path / "targets").read_text() == "joy sad full_of_joy\n"
    assert targets.meanings(str(tmp_path)) == {"joy": ("sad", "full of joy")}
    targets.write_meanings(tmp_path, {})
    assert targets.meanings(tmp_path) == {} and (tmp_path / ".backup/targets.1").exists()


@pytest.mark.parametrize("words, number", [("sad", 1), ("sad glad very", 3)])
def test_a_scale_has_two_ends(tmp_path, words, number):
    (tmp_path / "targets").write_text(f"fear calm afraid\njoy {words}\n")
    with pytest.raises(BadInput, match=f"targets: joy: found {number} words, expected two: its low end and its high"):
        targets.meanings(tmp_path)


def test_a_csv_beside_predictions_says_what_both_ends_mean(tmp_path):
    assert targets.scales(tmp_path, ["arousal", "anger"]) == {"arousal": ("calm", "excited"), "anger": ("", "")}
    targets.write_scales(tmp_path, ["joy", "valence", "anger"], {"joy": ["sad, or worse", "glad"]})
    expected = 'target,low_end,high_end\njoy,"sad, or worse",glad\nvalence,negative,positive\nanger,,\n'
    assert (tmp_path / "targets.csv").read_text() == expected
    assert targets.scales(str(tmp_path), ["joy", "anger"]) == {"joy": ("sad, or worse", "glad"), "anger": ("", "")}


@pytest.mark.parametrize("name", ["arousal", "F0_mean.2", "joie-é", "2"])
def test_a_word_may_be_a_target(name):
    assert targets.check_name(name, "--target") == name


@pytest.mark.parametrize(
    "name", ["", ".", "..", ".a", "-a", "a/b", "../a", "a b", "a\n", "a\0", "<img>", "feats", None, 3]
)
def test_a_path_or_another_text_is_no_target(name):
    with pytest.raises(BadInput, match="--target: found .* expected letters, digits"):
        targets.check_name(name, "--target")
