"""Shared by subset.py and combine.py: data directories made from lines of others. Archives are not copied."""

from cer.base import tables
from cer.base.errors import BadInput
from cer.base.files import write_text

from .data_files import (
    BY_RECORDING,
    BY_SPEAKER,
    BY_UTTERANCE,
    KNOWN,
    existing,
    further_scps,
    read,
    read_utt2spk,
    read_whole,
    recording_of,
    scps,
)


def read_directory(directory):
    """Read the tables of a directory: name -> table; without spk2utt, which is made from utt2spk."""
    utt2spk = read_utt2spk(directory)
    names = [*BY_UTTERANCE, *further_scps(directory, utt2spk.keys()), *BY_SPEAKER, *BY_RECORDING]
    return {"utt2spk": utt2spk} | {name: read(directory, name) for name in existing(directory, names)}


def restrict(directory, files, utterances):
    """Select the lines that belong to a set of utterances; files: result of read_directory(). Returns the same type."""
    speakers = {files["utt2spk"][utterance] for utterance in utterances}
    recordings = set(recording_of(directory, utterances).values())
    ids = dict.fromkeys(BY_SPEAKER, speakers) | dict.fromkeys(BY_RECORDING, recordings)
    return {
        name: {key: value for key, value in table.items() if key in ids.get(name, utterances)}
        for name, table in files.items()
    }


def write_directory(directory, files, whole):
    """Write a directory from its tables and the files that describe it; removes earlier tables that it no longer has.

    Unchanged files are not rewritten, so that their modification times stay. While there are files of two makings,
    utt2spk is missing: nobody takes what a killed call leaves for a data directory.
    """
    texts = {name: tables.as_text(table) for name, table in files.items()} | whole
    texts["spk2utt"] = tables.as_text(tables.inverse(files["utt2spk"]))
    stale = {*scps(directory), *existing(directory, KNOWN), *read_whole(directory)} - texts.keys()
    changed = {name for name, text in texts.items() if not tables.holds(directory / name, text)}
    if not stale | changed:
        return
    (directory / "utt2spk").unlink(missing_ok=True)
    for name in stale:
        (directory / name).unlink()
    for name in [*sorted(changed - {"utt2spk"}), "utt2spk"]:
        write_text(directory / name, texts[name])


def check_destination(destination, sources):
    """Raise BadInput if the destination is one of the sources."""
    for source in sources:
        if destination.resolve() == source.resolve():
            raise BadInput(f"{destination}: is read and would be written over; name another directory to make")
