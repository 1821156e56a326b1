"""The rules of each file of a data directory by itself: its order, its fields and what they may be."""

import re
from itertools import pairwise

from cer.base.tables import fields

# Files that say which utterances, and speakers, are kept: what has no right line in one of them is left out when the
# directory is mended. vad.scp, labels and others may lack some.
RESTRICTING = ["segments", "wav.scp", "feats.scp", "text", "utt2lang", "utt2dur", "utt2num_frames"]
RESTRICTING_SPEAKERS = ["cmvn.scp", "spk2gender"]


def as_number(value):
    """The text as a float, or NaN when it is no plain number, as inf and 1_000 are none."""
    return float(value) if re.fullmatch(r"(?:[0-9]*\.?[0-9]+|[0-9]+\.)(?:[eE][-+]?[0-9]+)?", value) else float("nan")


def positive(value):
    """Whether the text is a finite number above 0."""
    return 0 < as_number(value) < float("inf")


# File -> whether a line's fields after the id are right, and what they should be.
FORMATS = {
    "utt2spk": (lambda f: len(f) == 1, "two fields: an utterance and its speaker (ids hold no white space)"),
    "spk2utt": (lambda f: len(f) > 0, "a speaker and its utterances"),
    "wav.scp": (lambda f: len(f) > 0, "a recording and a file or a command that ends in |"),
    "segments": (
        lambda f: len(f) == 3 and 0 <= as_number(f[1]) < as_number(f[2]) < float("inf"),
        "an utterance, its recording, start and end in seconds, with 0 <= start < end",
    ),
    "utt2dur": (lambda f: len(f) == 1 and positive(f[0]), "an utterance and its seconds, above 0"),
    "reco2dur": (lambda f: len(f) == 1 and positive(f[0]), "a recording and its seconds, above 0"),
    "utt2num_frames": (
        lambda f: len(f) == 1 and bool(re.fullmatch("0*[1-9][0-9]*", f[0])),
        "an utterance and its number of frames, a whole number above 0",
    ),
    "spk2gender": (lambda f: f in (["m"], ["f"]), "a speaker and m or f"),
    "reco2file_and_channel": (
        lambda f: len(f) == 2 and f[1] in ("A", "B", "1"),
        "a recording, its file and the channel, A or B",
    ),
    "utt2lang": (lambda f: len(f) == 1, "an utterance and its language"),
    "utt2uniq": (lambda f: len(f) == 1, "an utterance and the one that it was made from"),
    "spk2warp": (lambda f: len(f) == 1 and positive(f[0]), "a speaker and its warp factor, above 0"),
    "utt2warp": (lambda f: len(f) == 1 and positive(f[0]), "an utterance and its warp factor, above 0"),
    "text": (lambda f: True, "an utterance and its words"),
}
ANY_SCP = (lambda f: len(f) > 0, "an id and a place")


def check_table(table, any_character, warnings):
    """Apply all rules of one file, which its name tells."""
    name = table.path.name
    check_order(table)
    if name == "text":
        check_text(table, any_character)
        return
    check_format(table)
    if name == "wav.scp":
        check_wav(table)
    if name == "reco2file_and_channel":
        check_channels(table, warnings)


def check_order(table):
    """The ids are sorted by bytes, and each stands there once. Only the first place is noted: others follow from it."""
    for before, row in pairwise(table.rows):
        if row.key <= before.key:
            found = f"{row.key} for the second time" if row.key == before.key else f"{row.key} after {before.key}"
            table.note(row.number, found, "unique ids, sorted as by LC_ALL=C sort", mended=True)
            break


def format_fault(name, value):
    """What the fields of a line should be, or None when they are."""
    is_right, expected = FORMATS.get(name, ANY_SCP)
    return None if is_right(fields(value)) else expected


def check_format(table):
    """Every line has the fields that its file asks for."""
    name = table.path.name
    cure = "; mend the line, or leave its utterances out" if name in RESTRICTING else ""
    for row in table.rows:
        if expected := format_fault(name, row.value):
            mended = bool(cure) or name == "spk2utt"
            table.note(row.number, f"'{row.key} {row.value}'", f"{expected}{cure}", mended=mended)


def check_wav(table):
    """Home directories are no part of a file's name to Kaldi, which refuses them before a command, too."""
    for row in table.rows:
        if row.value.startswith("~"):
            table.note(row.number, row.value, "a path without ~, another home for everyone; write the whole path")


def check_text(table, any_character):
    """Transcripts hold none of the symbols that Kaldi's language models use themselves."""
    for row in table.rows:
        reserved = {"<s>", "</s>", "#0"}.intersection(fields(row.value))
        if reserved:
            found = f"{' '.join(sorted(reserved))} in the transcript of {row.key}"
            table.note(row.number, found, "no reserved symbol; take it out")
        if not any_character and not row.value.replace("\t", " ").isprintable():
            expected = "characters that can be printed; take it out, or give --non-print"
            table.note(row.number, f"{row.value!r}", expected)


def check_channels(table, warnings):
    """Channel 1 is what some corpora say for the only one."""
    odd = [row for row in table.rows if fields(row.value)[-1:] == ["1"]]
    if odd:
        warnings.append(f"{table.path}:{odd[0].number}: found channel 1, expected A or B")
