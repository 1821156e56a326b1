"""The rules of each file of a data directory by itself: its order, its fields and what they may be."""

import re
from itertools import pairwise


def positive(value):
    """Whether the text is a finite number above 0."""
    return bool(re.fullmatch(r"\d*\.?\d+([eE][-+]?\d+)?|\d+\.", value)) and float(value) > 0


# File -> whether a line's fields after the id are right, and what they should be.
FORMATS = {
    "utt2spk": (lambda f: len(f) == 1, "two fields: an utterance and its speaker (ids hold no white space)"),
    "spk2utt": (lambda f: len(f) > 0, "a speaker and its utterances"),
    "wav.scp": (lambda f: len(f) > 0, "a recording and a file or a command that ends in |"),
    "segments": (
        lambda f: len(f) == 3 and all(re.fullmatch(r"\d*\.?\d+|\d+\.", x) for x in f[1:]) and float(f[1]) < float(f[2]),
        "an utterance, its recording, start and end in seconds, with 0 <= start < end",
    ),
    "utt2dur": (lambda f: len(f) == 1 and positive(f[0]), "an utterance and its seconds, above 0"),
    "reco2dur": (lambda f: len(f) == 1 and positive(f[0]), "a recording and its seconds, above 0"),
    "utt2num_frames": (
        lambda f: len(f) == 1 and f[0].isdecimal() and int(f[0]) > 0,
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
}


def check_table(table, fix, any_character, warnings):
    """Apply all rules of one file, which its name tells; fix: the command that mends order."""
    name = table.path.name
    check_order(table, fix)
    if name == "text":
        check_text(table, any_character)
        return
    check_format(table, FORMATS.get(name, (lambda fields: len(fields) > 0, "an id and a place")))
    if name == "wav.scp":
        check_wav(table)
    if name == "reco2file_and_channel":
        check_channels(table, warnings)


def check_order(table, fix):
    """The ids are sorted by bytes, and each stands there once. Only the first place is noted: others follow from it."""
    for before, row in pairwise(table.rows):
        if row.key <= before.key:
            found = f"{row.key} for the second time" if row.key == before.key else f"{row.key} after {before.key}"
            table.note(row.number, found, "unique ids, sorted as by LC_ALL=C sort", fix)
            break


def check_format(table, rule):
    """Every line has the fields that its file asks for."""
    is_right, expected = rule
    for row in table.rows:
        if not is_right(row.value.split()):
            table.note(row.number, f"'{row.key} {row.value}'", expected)


def check_wav(table):
    """Home directories are no part of a file's name to Kaldi, which refuses them before a command, too."""
    for row in table.rows:
        if row.value.startswith("~"):
            table.note(row.number, row.value, "a path without ~, another home for everyone", "write the whole path")


def check_text(table, any_character):
    """Transcripts hold none of the symbols that Kaldi's language models use themselves."""
    for row in table.rows:
        reserved = {"<s>", "</s>", "#0"}.intersection(row.value.split())
        if reserved:
            table.note(row.number, f"{' '.join(sorted(reserved))} in the transcript of {row.key}", "no reserved symbol")
        if not any_character and not row.value.replace("\t", " ").isprintable():
            cure = "take it out, or give --non-print"
            table.note(row.number, f"{row.value!r}", "characters that can be printed", cure)


def check_channels(table, warnings):
    """Channel 1 is what some corpora say for the only one."""
    odd = [row for row in table.rows if row.value.split()[-1:] == ["1"]]
    if odd:
        warnings.append(f"{table.path}:{odd[0].number}: found channel 1, expected A or B")
