"""Data directories made of others' lines: what subset.py and combine.py share. No archive is copied."""

import sys
from pathlib import Path

from data_files import (
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

from cer.base import tables
from cer.base.errors import BadInput


def read_directory(directory):
    """The files of a directory that can be taken apart: name -> table; without spk2utt, which follows from utt2spk."""
    utt2spk = read_utt2spk(directory)
    names = [*BY_UTTERANCE, *further_scps(directory, utt2spk.keys()), *BY_SPEAKER, *BY_RECORDING]
    return {"utt2spk": utt2spk} | {name: read(directory, name) for name in existing(directory, names)}


def restrict(directory, files, utterances):
    """Those lines of a directory's files (as read_directory gives them) that belong to a set of utterances."""
    speakers = {files["utt2spk"][utterance] for utterance in utterances}
    recordings = set(recording_of(directory, utterances).values())
    ids = dict.fromkeys(BY_SPEAKER, speakers) | dict.fromkeys(BY_RECORDING, recordings)
    return {
        name: {key: value for key, value in table.items() if key in ids.get(name, utterances)}
        for name, table in files.items()
    }


def write_directory(directory, files, whole):
    """Write a directory from its tables and its whole files. Tables that it held before and has no more are removed.

    What is the same already is not written again, so that no program takes it for new.
    """
    texts = {name: tables.as_text(table) for name, table in files.items()} | whole
    texts["spk2utt"] = tables.as_text(tables.inverse(files["utt2spk"]))
    for name, text in texts.items():
        tables.write_if_changed(directory / name, text)
    stale = {*scps(directory), *existing(directory, KNOWN), *read_whole(directory)}
    for name in stale - texts.keys():
        (directory / name).unlink()


def check_destination(destination, sources):
    """Refuse to write into what is read."""
    for source in sources:
        if destination.resolve() == source.resolve():
            raise BadInput(f"{destination}: is read and would be written over; name another directory to make")


def program(name, work, argv, usage):
    """Do work(argv) for a command line, and return the exit status; the usage stands in the message of a bad one."""
    if {"-h", "--help"}.intersection(argv):
        print(usage)
        return 0
    try:
        work(argv)
    except (BadInput, OSError) as error:
        print(f"{name}: {error}", file=sys.stderr)
        return 1
    return 0


def directories(words):
    """The words as paths of data directories that are there."""
    paths = [Path(word) for word in words]
    for path in paths:
        if not path.is_dir():
            raise BadInput(f"{path}: no such directory")
    return paths
