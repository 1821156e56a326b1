#!/usr/bin/env python3
"""Sorts the files of a Kaldi data directory and keeps what they agree on, by the rules of Kaldi's fix_data_dir.sh."""

import shutil
import sys
from itertools import pairwise
from pathlib import Path

import tables
from data_files import BY_RECORDING, BY_SPEAKER, BY_UTTERANCE, existing, further_scps, read_utt2spk, recording_of
from data_rules import FORMATS
from tables import BadData

USAGE = """\
Usage: utils/fix_data_dir.sh [--utt-extra-files "<file> ..."] [--spk-extra-files "<file> ..."] <data-dir>
e.g.: utils/fix_data_dir.sh data/train
Keeps the utterances that utt2spk, feats.scp, text, segments, wav.scp, utt2lang, utt2dur and utt2num_frames all have (of
those that are there), sorts, makes spk2utt anew, and keeps the files as they were in <data-dir>/.backup.
  --utt-extra-files, --spk-extra-files   further files of the directory to keep in step, by utterance or by speaker;
                                         a further .scp file whose ids are utterances (labels, ratings/) is"""

# An utterance must be in each of these that is there. vad.scp, labels and others may lack some.
RESTRICTING = ["segments", "feats.scp", "text", "utt2lang", "utt2dur", "utt2num_frames"]
RESTRICTING_SPEAKERS = ["cmvn.scp", "spk2gender"]


def agreed(directory, utt2spk):
    """The utterances, of utt2spk, that every restricting file has."""
    keep = set(utt2spk)
    for name in existing(directory, RESTRICTING):
        is_right = FORMATS.get(name, (lambda fields: True, ""))[0]
        keep &= {key for key, value in tables.read(directory / name).items() if is_right(value.split())}
    if existing(directory, ["wav.scp"]):
        present = tables.read(directory / "wav.scp")
        keep = {key for key, recording in recording_of(directory, keep).items() if recording in present}
    elif existing(directory, ["segments"]):
        raise BadData(f"{directory}/wav.scp: no such file, expected one: segments are parts of its recordings")
    for name in existing(directory, RESTRICTING_SPEAKERS):
        present = tables.read(directory / name)
        keep = {key for key in keep if utt2spk[key] in present}
    return keep


def fixed(directory, utterance_files, speaker_files):
    """The texts of all files as they should be: name -> text; and the numbers of utterances before and after."""
    before = read_utt2spk(directory)
    keep = agreed(directory, before)
    if not keep:
        raise BadData(f"{directory}: no utterance is in all files; nothing was changed; compare the ids of the files")
    utt2spk = {key: speaker for key, speaker in before.items() if key in keep}
    check_speaker_order(directory, utt2spk)
    texts = {"utt2spk": tables.as_text(utt2spk), "spk2utt": tables.as_text(tables.inverse(utt2spk))}
    by_utterance = [*BY_UTTERANCE, *further_scps(directory, before.keys()), *utterance_files]
    groups = [(by_utterance, keep), (BY_RECORDING, set(recording_of(directory, keep).values()))]
    for names, ids in [*groups, ([*BY_SPEAKER, *speaker_files], set(utt2spk.values()))]:
        for name in existing(directory, names):
            table = tables.read(directory / name)
            texts[name] = tables.as_text({key: value for key, value in table.items() if key in ids})
    return texts, len(before), len(keep)


def check_speaker_order(directory, utt2spk):
    """The one fault that cannot be mended here, because the ids themselves would have to change."""
    for (before, one), (after, other) in pairwise(utt2spk.items()):
        if other < one:
            raise BadData(
                f"{directory}/utt2spk: found {after} of speaker {other} after {before} of {one}, expected the speakers"
                " to be sorted when the utterances are; fix this yourself: begin each utterance's id with its"
                " speaker's and a '-' (not '_', which sorts after digits); nothing was changed"
            )


def fix(directory, utterance_files=(), speaker_files=()):
    """Put the directory in order, and say what was done."""
    for name in [*utterance_files, *speaker_files]:
        if not (directory / name).is_file():
            print(f"fix_data_dir.sh: WARNING: {directory}/{name}: no such file", file=sys.stderr)
    texts, before, after = fixed(directory, utterance_files, speaker_files)
    for name, text in texts.items():
        old, backup = directory / name, directory / ".backup" / name
        if old.is_file() and old.read_bytes() != text.encode("utf-8", "surrogateescape"):
            backup.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(old, backup)
        tables.write_if_changed(old, text)
    kept = f"kept all {after} utterances" if after == before else f"kept {after} utterances out of {before}"
    print(f"fix_data_dir.sh: {kept}; files as they were are in {directory}/.backup")


def parse(argv):
    """The directory and the two lists of extra files that a command line names."""
    words, extra = list(argv), {"--utt-extra-files": [], "--spk-extra-files": []}
    while len(words) > 1 and words[0].replace("_", "-") in extra:
        option = words.pop(0).replace("_", "-")
        extra[option] = words.pop(0).split()
    if len(words) != 1 or words[0].startswith("--"):
        raise BadData(f"found {' '.join(argv) or 'nothing'}, expected\n{USAGE}")
    if not Path(words[0]).is_dir():
        raise BadData(f"{words[0]}: no such directory")
    return Path(words[0]), *extra.values()


def main(argv):
    """Do what the command line says, and return the exit status."""
    if {"-h", "--help"}.intersection(argv):
        print(USAGE)
        return 0
    try:
        fix(*parse(argv))
    except (BadData, OSError) as error:
        print(f"fix_data_dir.sh: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
