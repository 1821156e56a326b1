"""Sections of the reports: each experiment writes its own; RESULTS.md and report.html include all that exist.

    EXP/sections/<order>-<name>.md        Markdown that begins with a second-level heading
    EXP/<experiment>/*/sections/<order>-<name>.md    of an experiment with its own folders, such as searches

The reports sort them by name, and write those of an experiment with its own folders to RESULTS-<experiment>.md.
Neighbours that differ only in the rows of a table at their end become one section with one table.

Paths of pictures are relative to the section's file. If <picture>.curves.json exists beside <picture>.png, the HTML
page draws the curves from its numbers, over a logarithmic axis of seconds, x:

    {"label": title, "x": label of the x axis, "y": of the y axis, "curves": [{"name", "x", "y", "deviations"?}]}
"""

import json
import os
import re
from pathlib import Path

from cer.base import records
from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.base.files import read_text, write_text
from cer.base.kinds import Positive

POINTS = records.Listed(float, 1)
CURVE = records.Such(
    {"name": str, "x": records.Listed(Positive, 1), "y": POINTS, "deviations?": POINTS},
    lambda curve: len({len(value) for value in curve.values() if isinstance(value, list)}) == 1,
    "as many x as y and deviations",
)
CURVES = {"label": str, "x": str, "y": str, "curves": records.Listed(CURVE, 1)}
CURE = "make it again, or remove it"
PICTURE = r"(!\[[^\]\n]*\]\()([^)\s]+)(?=\))"


def write(folder, name, text, made_from=None, others=()):
    """Write a section: `text` to FOLDER/sections/<name>.md.

    made_from: facts taken before the work began, e.g. cer.base.facts.take(inputs=[table], code=[__file__]). When they
    change later, the reports leave out the section, with a warning. others: files that were made with the section.
    Raises BadInput, and writes no stamp, if the facts have changed already.
    """
    path = _path(folder, name)
    if not text.startswith("## "):
        raise BadInput(f"{path}: found a section that begins with {text[:30]!r}, expected a heading: ## Title")
    write_text(path, text)
    if made_from is not None and (changed := _stamp(path).commit([path, *others], made_from)):
        raise BadInput(f"{path}: {changed[0]}; the input changed during the work: run it again")


def is_intact(folder, name):
    """Whether a section, and the files made with it, are as write() left them; what they were made from may differ."""
    stamp = _stamp(_path(folder, name))
    return stamp.read() is not None and not stamp.damaged()


def is_up_to_date(folder, name, made_from):
    """Whether a section is as write() left it, and was made from these facts, including those of the code."""
    return not _stamp(_path(folder, name)).stale(made_from)


def is_current(folder, name):
    """Whether nothing that a section was made from has changed, as far as it is known; see write()."""
    return not _stamp(_path(folder, name)).outdated()


def read(exp):
    """Read all sections in order, with the paths of pictures relative to EXP: list of texts; exp: folder of systems."""
    return _texts(exp, _paths(exp))


def files(exp):
    """Read the sections by the file that they belong to: experiment -> list of texts; "": those without own folders."""
    found = {"": [*exp.glob("sections/*.md")]}
    for path in sorted(exp.glob("*/*/sections/*.md")):
        found.setdefault(path.relative_to(exp).parts[0], []).append(path)
    return {experiment: _texts(exp, paths) for experiment, paths in found.items()}


def _paths(exp):
    return [*exp.glob("sections/*.md"), *exp.glob("*/*/sections/*.md")]


def _texts(exp, paths):
    texts = []
    for path in sorted(paths, key=lambda path: (path.name, path)):
        if changed := _stamp(path).outdated():
            warn(f"{path}: is left out: made from something else ({changed[0]}); {CURE}")
        else:
            _add(texts, _moved(read_text(path, CURE).strip(), os.path.relpath(path.parent, exp)))
    return texts


def _add(texts, text):
    """Append a text, or only the rows of the table at its end if the last text has the same beginning."""
    head, line, rows = text.rpartition(" --- |\n")
    alike = line and texts and texts[-1].startswith(head + line)
    if alike and all(row.startswith("|") for row in rows.splitlines()):
        texts[-1] += f"\n{rows}"
    else:
        texts.append(text)


def _path(folder, name):
    return Path(folder) / "sections" / f"{name}.md"


def _stamp(path):
    return Stamp(path.with_name(f".done.{path.stem}"))


def _moved(text, folder):
    """Rewrite the paths of pictures in a text, so that they are relative to the folder above `folder`."""
    return re.sub(PICTURE, lambda found: found[1] + os.path.normpath(os.path.join(folder, found[2])), text)  # noqa: PTH118


def curves(picture):
    """Read <picture>.curves.json; None if it does not exist. Raises BadInput for other content."""
    path = _curves_of(picture)
    there = os.path.isfile(path)  # noqa: PTH113 (Path.is_file raises an error for a name that is too long)
    return records.read(path, CURVES, CURE) if there else None


def write_curves(picture, content):
    """Write <picture>.curves.json; picture: with or without its suffix; content: as the head of this file says."""
    write_text(_curves_of(picture), json.dumps(content, indent=1) + "\n")


def _curves_of(picture):
    picture = Path(picture)
    return picture.with_name(f"{picture.stem}.curves.json")
