"""Names of recordings that are taken in a folder of predictions (cer/prediction/shards.py)."""

from pathlib import Path

from cer.base import contents, facts
from cer.base.errors import BadInput


def check(folder, table):
    """Raise BadInput if predictions in a folder are of other recordings, still there, that have an id of the table.

    table: id -> path. Recordings with the same content count as the same.
    """
    for key, others in _held(Path(folder)).items():
        if key not in table or contents.escaped(table[key]) in others:
            continue
        for old, content in others.items():
            path = contents.unescaped(old)
            if Path(path).exists() and content != contents.digest(table[key]):
                raise BadInput(
                    f"{table[key]} and {path}: both are called {key}, and {folder} holds predictions of the second;"
                    " name another folder, or replace them with --resume false"
                )


def _held(folder):
    """The recordings of which a folder holds predictions: id -> {path, as facts write it: the fact of its content}."""
    found = {}
    for stamp in sorted((folder / ".done").rglob("*.done")):
        made_from, _ = facts.Stamp(stamp).read() or ({}, {})
        for key, path in recordings_of(made_from).items():
            found.setdefault(key, {})[path] = made_from.get(f"input {path}")
    return found


def recordings_of(made_from):
    """The recordings among the facts of a stamp of cer/prediction/shards.py: id -> path, as facts write it."""
    return {fact.removeprefix("recording "): path for fact, path in made_from.items() if fact.startswith("recording ")}
