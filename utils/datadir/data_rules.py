"""Rules for single files of a data directory: order of lines, fields and their values."""

import re
from itertools import pairwise

from cer.base.tables import fields

# fix_data_dir.sh keeps only utterances and speakers that have a valid line in each of these files. vad.scp, labels and
# other files need not have all utterances.
RESTRICTING = ["segments", "wav.scp", "feats.scp", "text", "utt2lang", "utt2dur", "utt2num_frames"]
RESTRICTING_SPEAKERS = ["cmvn.scp", "spk2gender"]


def as_number(value):
    """Convert text to float; NaN if it is not a plain number (inf and 1_000 are not)."""
    return float(value) if re.fullmatch(r"(?:[0-9]*\.?[0-9]+|[0-9]+\.)(?:[eE][-+]?[0-9]+)?", value) else float("nan")


def positive(value):
    """Whether the text is a finite number above 0."""
    return 0 < as_number(value) < float("inf")


def is_warp_factor(found):
    """Whether the fields are one, of VTLN."""
    return len(found) == 1 and 0.5 < as_number(found[0]) < 1.5


# File -> (function that checks the fields after the id, description of valid lines).
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
    "spk2warp": (is_warp_factor, "a speaker and its warp factor, above 0.5 and below 1.5"),
    "utt2warp": (is_warp_factor, "an utterance and its warp factor, above 0.5 and below 1.5"),
    "text": (lambda f: True, "an utterance and its words"),
}
ANY_SCP = (lambda f: len(f) > 0, "an id and a place")


def check_table(table, any_character, warnings):
    """Apply all rules for a table's file name; problems are noted in the table; warnings: list to append to."""
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
    """Check that ids are unique and sorted by bytes. Notes only the first fault, because others follow from it."""
    for before, row in pairwise(table.rows):
        if row.key <= before.key:
            found = f"{row.key} for the second time" if row.key == before.key else f"{row.key} after {before.key}"
            table.note(row.number, found, "unique ids, sorted as by LC_ALL=C sort", mended=True)
            break


def format_fault(name, value):
    """Return a description of valid lines if this one is invalid, else None."""
    is_right, expected = FORMATS.get(name, ANY_SCP)
    return None if is_right(fields(value)) else expected


def check_format(table):
    """Check that the fields of each line are valid for its file."""
    name = table.path.name
    cure = "; mend the line, or leave its utterances out" if name in RESTRICTING else ""
    for row in table.rows:
        if expected := format_fault(name, row.value):
            mended = bool(cure) or name == "spk2utt"
            table.note(row.number, f"'{row.key} {row.value}'", f"{expected}{cure}", mended=mended)


def check_wav(table):
    """Check that wav.scp contains no ~: Kaldi does not expand it, and refuses it in commands, too."""
    for row in table.rows:
        if row.value.startswith("~"):
            table.note(row.number, row.value, "a path without ~, another home for everyone; write the whole path")


def check_text(table, any_character):
    """Check that transcripts contain no symbols that Kaldi's language models reserve, and only printable text."""
    for row in table.rows:
        reserved = {"<s>", "</s>", "#0"}.intersection(fields(row.value))
        if reserved:
            found = f"{' '.join(sorted(reserved))} in the transcript of {row.key}"
            table.note(row.number, found, "no reserved symbol; take it out")
        if not any_character and not row.value.replace("\t", " ").isprintable():
            expected = "characters that can be printed; take it out, or give --non-print"
            table.note(row.number, f"{row.value!r}", expected)


def check_channels(table, warnings):
    """Warn about channel 1, which some corpora use for their only channel; Kaldi expects A or B."""
    odd = [row for row in table.rows if fields(row.value)[-1:] == ["1"]]
    if odd:
        warnings.append(f"{table.path}:{odd[0].number}: found channel 1, expected A or B")
