"""Combines data directories into one. Same command line as Kaldi's combine_data.sh."""

from pathlib import Path

from cer.base.errors import BadInput

from .data_files import CORPORA, KNOWN, TARGETS, WHOLE_OF_LABELS, read_whole
from .selection import check_destination, read_directory, write_directory
from .words import check, directories

USAGE = """\
Usage: utils/combine_data.sh <dest-dir> <source-dir> ...
e.g.: utils/combine_data.sh data/all data/train data/dev data/test
A file that some sources lack is left out, as in Kaldi, except labels (such as arousal.scp), ratings/ and label_shift,
which come from the sources that have them. Where some sources have segments or utt2uniq, those of the others are made:
a segment is a whole recording. Archives are not copied. frame_shift and conf/ are kept if all sources have them. Files
with the same name must not contradict each other, except cmvn.scp, which is left out then. Kaldi's options do not exist
here, and nothing is fixed."""


def combine(sources):
    """Merge the tables of several directories: name -> table. Raises BadInput if they contradict each other."""
    everything = [read_directory(source) for source in sources]
    complete(sources, everything)
    combined = {}
    for name in dict.fromkeys(name for files in everything for name in files):
        lacking = [str(source) for source, files in zip(sources, everything, strict=True) if name not in files]
        if lacking and name in KNOWN:
            print(f"combine_data.sh: {name} is left out: it is not in {' '.join(lacking)}")
            continue
        try:
            combined[name] = merged(name, sources, everything)
        except BadInput:
            if name != "cmvn.scp":
                raise
            print(
                "combine_data.sh: cmvn.scp is left out: speakers in several sources have other statistics in each; run"
                " steps/compute_cmvn_stats.sh"
            )
    return combined


def merged(name, sources, everything):
    """Merge one table of the sources that have it, sorted by id. Raises BadInput if they contradict each other."""
    table = {}
    for source, files in zip(sources, everything, strict=True):
        for key, value in files.get(name, {}).items():
            if table.setdefault(key, value) != value:
                raise BadInput(
                    f"{source}/{name}: found '{key} {value}', and '{key} {table[key]}' in a source before it;"
                    " expected ids that mean the same everywhere; give one of them another id"
                )
    return dict(sorted(table.items()))


def complete(sources, everything):
    """Add the segments and utt2uniq that some directories lack and others have, as Kaldi does. Raises BadInput."""
    if all("wav.scp" in files for files in everything) and any("segments" in files for files in everything):
        for source, files in zip(sources, everything, strict=True):
            if "segments" not in files:
                files["segments"] = whole_recordings(source, files)
    if any("utt2uniq" in files for files in everything):
        for files in everything:
            files.setdefault("utt2uniq", {utterance: utterance for utterance in files["utt2spk"]})


def whole_recordings(source, files):
    """The segments of a directory that has none: utterance -> "<recording> 0 <seconds>"; each utterance is a recording.

    files: name of a file -> {id: value}. Raises BadInput if neither utt2dur nor reco2dur has the seconds of one.
    """
    seconds = files.get("reco2dur", {}) | files.get("utt2dur", {})
    for utterance in files["utt2spk"]:
        if utterance not in seconds:
            raise BadInput(
                f"{source}: found no segments, which another source has, and {utterance} neither in utt2dur nor in"
                " reco2dur, expected the seconds of each recording; write them into utt2dur"
            )
    return {utterance: f"{utterance} 0 {seconds[utterance]}" for utterance in files["utt2spk"]}


def whole_of(sources):
    """Merge the files that describe a whole directory: name -> text. Raises BadInput where they differ.

    The corpora are those of all; what targets mean is kept unless sources contradict each other. The files of the
    features are left out unless all sources have them, as feats.scp is.
    """
    texts, whole = [read_whole(source) for source in sources], {}
    corpora = dict.fromkeys(line for text in texts for line in text.pop(CORPORA, "").splitlines())
    meanings = {text.pop(TARGETS, "") for text in texts} - {""}
    for source, text in zip(sources, texts, strict=True):
        for name in text:
            first, expected = whole.setdefault(name, (source, text[name]))
            if expected != text[name]:
                raise BadInput(
                    f"{source}/{name}: differs from {first}/{name}, expected the same; make the features or labels of"
                    " both with the same options"
                )
    everywhere = {name for name in whole if name in WHOLE_OF_LABELS or all(name in text for text in texts)}
    merged = {name: text for name, (_, text) in whole.items() if name in everywhere}
    merged |= {TARGETS: meanings.pop()} if len(meanings) == 1 else {}
    return merged | ({CORPORA: "".join(f"{line}\n" for line in corpora)} if corpora else {})


def work(argv):
    """Make the combined directory; argv: command-line arguments. Raises BadInput."""
    check(argv, USAGE)
    destination, sources = Path(argv[0]), directories(argv[1:])
    check_destination(destination, sources)
    files = combine(sources)
    write_directory(destination, files, whole_of(sources))
    print(f"combine_data.sh: {destination}: {len(files['utt2spk'])} utterances of {len(sources)} directories")
