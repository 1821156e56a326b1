"""utils/datadir/data_rules.py: what the fields of each file of a data directory may be, one by one."""

import math

import pytest
from datadir import data_rules

from cer.base.tables import Table

RIGHT = [
    ("utt2spk", "P1", "P1 P2"),
    ("spk2utt", "P1-1 P1-2", ""),
    ("wav.scp", "a b |", ""),
    ("segments", "R1 0 0.5", "R1 0.5 0.5"),
    ("segments", "R1 1e0 2", "R1 -1 2"),
    ("segments", "R1 0 1", "R1 0 inf"),
    ("segments", "R1 0 1", "R1 0 1e999"),
    ("segments", "R1 0 1", "R1 0"),
    ("segments", "R1 0 1", "R1 0 1 2"),
    ("utt2dur", "0.001", "0"),
    ("reco2dur", "5.", "-5"),
    ("utt2dur", "1.5", "1.5 2"),
    ("reco2dur", "1", "inf"),
    ("utt2num_frames", "1", "0"),
    ("utt2num_frames", "0100", "1.0"),
    ("utt2num_frames", "90", "90 1"),
    ("spk2gender", "m", "x"),
    ("spk2gender", "f", "f m"),
    ("reco2file_and_channel", "a A", "a"),
    ("reco2file_and_channel", "a B", "a C"),
    ("reco2file_and_channel", "a 1", "a b A"),
    ("utt2lang", "fr", "fr en"),
    ("utt2uniq", "u", ""),
    ("spk2warp", "0.95", "1.5"),
    ("utt2warp", "1", "1 1"),
    ("spk2warp", ".51", "x"),
    ("utt2warp", "149e-2", ".5"),
    ("spk2warp", "1.49", "0.5"),
    ("utt2warp", "0.51", "1.5"),
    ("arousal.scp", "a.ark:5", ""),
]


@pytest.mark.parametrize("name, right, wrong", RIGHT)
def test_the_fields_of_a_file(name, right, wrong):
    assert data_rules.format_fault(name, right) is None
    assert isinstance(data_rules.format_fault(name, wrong), str)


def test_a_transcript_may_be_empty():
    assert data_rules.format_fault("text", "") is None is data_rules.format_fault("text", "some words")


@pytest.mark.parametrize(
    "text, number",
    [("1", 1), ("1.5", 1.5), (".5", 0.5), ("5.", 5), ("1e3", 1000), ("2.5E-1", 0.25), ("1e+2", 100), ("0", 0)],
)
def test_plain_numbers(text, number):
    assert data_rules.as_number(text) == number and data_rules.positive(text) == (number > 0)


@pytest.mark.parametrize("text", ["", "inf", "nan", "1_000", "-1", "+1", "1e", ".", "1 ", "0x1", "１"])
def test_what_is_no_plain_number(text):
    assert math.isnan(data_rules.as_number(text)) and not data_rules.positive(text)
    assert not data_rules.positive("1e999")  # more than any float


def checked(name, *lines, any_character=False):
    """What is noted of a file of these lines: [(line, found, mended by fix_data_dir)], and the warnings."""
    table, warnings = Table(name, content="".join(f"{line}\n" for line in lines).encode()), []
    data_rules.check_table(table, any_character, warnings)
    return [(number, text, mended) for number, text, mended, _ in table.problems], warnings


@pytest.mark.parametrize(
    "name, lines, number, found, mended",
    [
        ("utt2spk", ["b x", "a x", "A x"], 2, "found a after b, expected unique ids, sorted as by LC_ALL=C sort", True),
        ("utt2spk", ["a x", "a x"], 2, "found a for the second time", True),
        ("text", ["b x", "a x"], 2, "found a after b", True),
        ("utt2dur", ["a 1", "b 0"], 2, "found 'b 0', expected an utterance and its seconds, above 0; mend", True),
        ("spk2gender", ["a m", "b x"], 2, "found 'b x', expected a speaker and m or f", False),
        ("spk2utt", ["a"], 1, "found 'a ', expected a speaker and its utterances", True),
        ("wav.scp", ["a ~/a.wav"], 1, "found ~/a.wav, expected a path without ~", False),
        ("text", ["a x", "b <s> y #0"], 2, "found #0 <s> in the transcript of b, expected no reserved symbol", False),
        ("text", ["a x\x1b"], 1, "expected characters that can be printed", False),
    ],
)  # fmt: skip
def test_a_fault_is_noted_with_its_line_and_whether_it_is_mended(name, lines, number, found, mended):
    [(line, text, is_mended)], warnings = checked(name, *lines)
    assert (line, is_mended, warnings) == (number, mended, []) and found in text


@pytest.mark.parametrize(
    "name, lines",
    [("utt2spk", ["P1 x", "P1-a x", "P10 x", "a x", "ü x"]), ("wav.scp", ["a b~"]), ("text", ["a", "b x\ty <s>x"]),
     ("reco2file_and_channel", ["a x A", "b x B"])],
)  # fmt: skip
def test_what_is_right_is_not_noted(name, lines):
    assert checked(name, *lines) == ([], [])


def test_characters_of_all_kinds_are_let_through_when_asked_for():
    assert checked("text", "a x\x1b", any_character=True) == ([], [])


def test_channel_1_is_warned_of_once_at_its_first_line():
    notes, warnings = checked("reco2file_and_channel", "a x A", "b x 1", "c x 1")
    assert notes == [] and warnings == ["reco2file_and_channel:2: found channel 1, expected A or B"]
