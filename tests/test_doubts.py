"""cer/corpora/doubts.py: guesses that are told because they may be wrong."""

import numpy as np
import pytest
from conftest import write_wav
from test_folder import TIMES, put, rows

from cer.corpora import finding

RISE = np.linspace(-0.5, 0.5, len(TIMES))


@pytest.fixture
def mine(tmp_path):
    """Recordings of three speakers without traces."""
    for name in ("ann", "bob", "cleo"):
        write_wav(tmp_path / f"{name}.wav", np.arange(64000) % 999)
    return tmp_path


def test_values_without_times_of_an_odd_rate_are_told(mine):
    put(mine / "ann_joy.csv", rows(RISE))
    put(mine / "bob_joy.csv", rows(RISE[:80]))
    assert not [one for one in finding.find(mine)[1] if "a rate" in one][1:]
    put(mine / "cleo_joy.csv", rows(RISE))
    told = "most files without times fit a rate of 25 Hz, 1 do not: bob_joy.csv (20); are they whole?"
    assert finding.find(mine)[1][-1].startswith(told)
    put(mine / "bob_joy.csv", rows(RISE))
    assert not [one for one in finding.find(mine)[1] if "a rate" in one]


def test_values_without_times_of_an_unusual_rate_are_told_though_all_have_it(mine):
    for name in ("ann", "bob"):
        put(mine / f"{name}_joy.csv", rows(RISE[:86]))
    told = "the values of files without times fit no usual rate, in Hz: ann_joy.csv (21.25), bob_joy.csv (21.25)"
    assert finding.find(mine)[1][-1] == f"{told}; are they whole? Edit the column rate"


def test_words_that_are_taken_for_targets_are_told_if_they_may_be_raters(mine):
    put(mine / "JG/ann.csv", rows(TIMES, RISE))
    put(mine / "bob_arousal.csv", rows(TIMES, RISE))
    put(mine / "cleo_R1.csv", rows(TIMES, RISE, head="time,joy\n"))
    assert not [one for one in finding.find(mine)[1] if "words" in one]
    put(mine / "MS/bob.csv", rows(TIMES, RISE))
    told = "words in paths are taken for targets: jg (JG/ann.csv), ms (MS/bob.csv); if they are raters, edit the"
    assert finding.find(mine)[1][-1] == f"{told} columns target and rater"


def test_numbers_that_may_be_a_recordings_or_a_raters_are_told(mine):
    for name in ("ann_2", "bob_2"):
        write_wav(mine / f"{name}.wav", np.arange(64000) % 999)
    for name in ("ann_1", "ann_2", "bob_2", "bob_2_1", "cleo_1"):
        put(mine / f"{name}.csv", rows(TIMES, RISE * len(name)))
    told = "numbers that may be those of recordings or raters: ann_2.csv (of ann_2, not ann); if so, edit the table"
    assert [one for one in finding.find(mine)[1] if "numbers" in one] == [told]


def test_values_that_never_change_are_told(mine):
    put(mine / "ann_joy.csv", rows(TIMES, RISE, RISE * 0, head="time,R1,R2\n"))
    put(mine / "bob_joy.csv", rows(TIMES, RISE * 0))
    put(mine / "cleo_joy.csv", rows(TIMES, RISE))
    told = "values that never change: R2 of ann_joy.csv, bob_joy.csv; remove their lines in the table if they are no"
    assert [one for one in finding.find(mine)[1] if "never" in one] == [f"{told} ratings"]


def test_columns_that_are_taken_for_raters_of_an_unknown_target_are_told(mine):
    for name, head in (("ann", "time,A,V"), ("bob", "time,A,V"), ("cleo", "time,R1,R2")):
        put(mine / f"{name}.csv", rows(TIMES, RISE, RISE, head=f"{head}\n"))
    for name, head in (
        ("ann_joy", "R1,R2"),
        ("bob_joy", "1,x"),
        ("cleo_fear", "1,2"),
        ("ann_arousal", "ann,bob"),
        ("bob_arousal", "1,2"),
        ("bob_R3", "feeling"),
    ):
        put(mine / f"{name}.csv", rows(TIMES, *[RISE] * len(head.split(",")), head=f"time,{head}\n"))
    what, cure = "are taken for raters of one target", "; if they are targets, edit the columns target and rater"
    assert [one for one in finding.find(mine)[1] if what in one] == [
        f"the columns A, V of ann.csv and those of 1 more files {what}, label{cure}",
        f"the columns 1, 2 of bob_arousal.csv {what}, arousal{cure}",
        f"the columns 1, x of bob_joy.csv {what}, joy{cure}",
        f"the columns 1, 2 of cleo_fear.csv {what}, fear{cure}",
    ]


def test_means_of_raters_beside_these_are_told(mine):
    for name in ("ann_joy_R1", "ann_joy_R2", "ann_joy_Mean", "bob_joy_R1", "bob_joy_Mean", "gold/cleo_joy"):
        put(mine / f"{name}.csv", rows(TIMES, RISE))
    assert [one for one in finding.find(mine)[1] if "means" in one] == [
        "taken for raters, but called as means of them, or as made of others: ann_joy_Mean.csv; remove their"
        " lines in the table if so"
    ]
    put(mine / "cleo_joy.csv", rows(TIMES, RISE, RISE, RISE, head="time,x,y,gold standard\n"))
    assert "ann_joy_Mean.csv, gold_standard of cleo_joy.csv, gold/cleo_joy.csv; remove" in "".join(
        finding.find(mine)[1]
    )
    put(mine / "cleo_joy.csv", rows(TIMES, RISE, RISE, head="time,arousal,Arousal (smoothed)\n"))
    assert "as made of others: ann_joy_Mean.csv, Arousal_(smoothed) of cleo_joy.csv; rem" in "".join(
        finding.find(mine)[1]
    )
    (mine / "bob.wav").rename(mine / "mean.wav")
    for rater in (1, 2):
        put(mine / f"mean_joy_{rater}.csv", rows(TIMES, RISE))
    assert not [one for one in finding.find(mine)[1] if "means" in one and "mean_joy" in one]


def test_copies_of_a_file_are_told(mine):
    for name in ("ann_joy", "ann_joy (1)", "arousal/bob", "valence/bob"):
        put(mine / f"{name}.csv", rows(TIMES, RISE))
    put(mine / "ann_joy_R2.csv", rows(TIMES, RISE / 2))
    put(mine / "ann.csv", rows(TIMES, RISE, RISE, head="time,arousal,valence\n"))
    told = [one for one in finding.find(mine)[1] if "same files" in one]
    assert told == [
        "taken for different raters, but the same files: ann_joy (1).csv and ann_joy.csv; remove copies, or their lines"
        " in the table"
    ]


def test_minus_one_is_told_where_it_may_be_a_mark_and_where_it_may_be_none(mine):
    points, slider = np.arange(len(TIMES)) % 4, np.linspace(0, 1, len(TIMES))
    for name in ("ann", "bob"):
        put(mine / f"{name}_joy.csv", rows(TIMES, np.where(TIMES < 1, -1, points)))
        put(mine / f"{name}_fear.csv", rows(TIMES, np.where(TIMES < 1, -1, slider)))
    told = [one for one in finding.find(mine)[1] if "no value" in one]
    assert told == [
        "no value of ann_joy.csv, bob_joy.csv is below 0 but -1: if that means no value, write -1 into the column"
        " missing, and edit low and high"
    ]
    put(mine / "cleo_joy.csv", rows(TIMES, points - 2))
    put(mine / "cleo_fear.csv", rows(TIMES, slider - 0.5))
    put(mine / "bob_fear.csv", "Minimum,-1\nMaximum,1\n" + rows(TIMES, np.where(TIMES < 1, -1, slider)))
    told = [one for one in finding.find(mine)[1] if "no value" in one]
    assert told == [
        "-1 is taken for no value in ann_fear.csv, but other files of the target go below 0: if it is a value, edit"
        " the columns missing, low and high"
    ]


def test_traces_that_end_in_the_first_half_of_their_recording_are_told(mine):
    put(mine / "ann_joy.csv", rows(TIMES / 2, RISE))
    put(mine / "bob_joy.csv", rows(TIMES / 2 - 0.01, RISE))
    put(mine / "cleo_joy.csv", rows(TIMES * 10 + 900, RISE, head="ms,joy\n"))
    told = [one for one in finding.find(mine)[1] if "first half" in one]
    assert told == [
        "traces that end in the first half of their recording: bob_joy.csv (1.99 of 4 s), cleo_joy.csv (0.94 of 4 s);"
        " are their times in s or ms?"
    ]


def test_recordings_whose_traces_all_begin_late_are_told(mine):
    put(mine / "ann_joy.csv", rows(TIMES[:60] + 1.5, RISE[:60]))
    put(mine / "bob_joy.csv", rows(TIMES[:60] + 1.5, RISE[:60]))
    put(mine / "bob_fear.csv", rows(TIMES, RISE))
    put(mine / "cleo_joy.csv", rows(TIMES[:3] * 20 + 1.5, RISE[:3]))
    told = "recordings whose traces all begin late: ann.wav (1.5 s); do their times count from its start?"
    assert [one for one in finding.find(mine)[1] if "late" in one] == [told]


def test_scales_that_may_be_others_are_told(mine):
    for name in ("ann", "bob"):
        put(mine / f"{name}_joy.csv", rows(TIMES, RISE, RISE * 200, RISE * 9, head="time,x,y,z\n"))
        put(mine / f"{name}_fear.csv", "Minimum,-100\nMaximum,100\n" + rows(TIMES, RISE))
    told = [one for one in finding.find(mine)[1] if "scale" in one]
    assert told == [
        "raters of joy are taken to have scales of their own: -1 to 1 of x, -100 to 100 of y, z; if not, edit low and"
        " high",
        "values that use little of their scale: -4.5 to 4.5 of -100 to 100 (z of joy); if it is another, edit low and"
        " high",
    ]
