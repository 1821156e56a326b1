"""Sections of the reports: every experiment leaves its own; RESULTS.md and report.html take whatever they find.

    EXP/sections/<order>-<name>.md        Markdown that begins with a heading of the second level
    EXP/*/*/sections/<order>-<name>.md    of an experiment with a folder of its own, such as a search

The reports sort them by name. A section names its pictures relative to its own file. Where <picture>.curves.json stands
beside <picture>.png, the page draws these numbers itself, over a logarithmic axis of seconds:

    {"label": what it shows, "x": title of the axis, "y": another, "curves": [{"name", "x", "y", "deviations"?}]}
"""

import os
import re
from pathlib import Path

from cer.base import records
from cer.base.errors import BadInput, warn
from cer.base.facts import Stamp
from cer.base.files import read_text, write_text

CURVE = {"name": str, "x": records.Listed(float), "y": records.Listed(float), "deviations?": records.Listed(float)}
CURVES = {"label": str, "x": str, "y": str, "curves": records.Listed(CURVE, 1)}
CURE = "make it again, or remove it"
PICTURE = r"(!\[[^\]\n]*\]\()([^)\s]+)(?=\))"


def write(folder, name, text, made_from=None):
    """Leave a section: `text` in FOLDER/sections/<name>.md.

    made_from: facts (cer.base.facts.take) from before the work; once they hold no more, the reports leave the section
    out, with a warning. Raises BadInput, and leaves no stamp, when they do not hold any more already.
    """
    path = Path(folder) / "sections" / f"{name}.md"
    write_text(path, text)
    if made_from is not None and (changed := _stamp(path).commit([path], made_from)):
        raise BadInput(f"{path}: {changed[0]}; it changed while it was worked on: run it again")


def read(exp):
    """The texts of all sections of a corpus, in order, their pictures named relative to EXP. Raises BadInput.

    exp: the corpus's folder of systems.
    """
    paths = [*exp.glob("sections/*.md"), *exp.glob("*/*/sections/*.md")]
    texts = []
    for path in sorted(paths, key=lambda path: (path.name, path)):
        if changed := _stamp(path).outdated():
            warn(f"{path}: is left out: made from something else ({changed[0]}); {CURE}")
        else:
            texts.append(_moved(read_text(path, CURE).strip(), os.path.relpath(path.parent, exp)))
    return texts


def _stamp(path):
    return Stamp(path.with_name(f".done.{path.stem}"))


def _moved(text, folder):
    """The text with its pictures' paths relative to the folder above `folder`."""
    return re.sub(PICTURE, lambda found: found[1] + os.path.normpath(os.path.join(folder, found[2])), text)  # noqa: PTH118


def curves(picture):
    """The numbers behind a picture, as the page draws them; None where there are none. Raises BadInput."""
    path = picture.with_name(f"{picture.stem}.curves.json")
    return records.read(path, CURVES, CURE) if path.exists() else None
