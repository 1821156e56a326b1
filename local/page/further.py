"""Sections of the report below its scores: learning curves, and those that experiments wrote."""

import html
import re
from functools import partial

from local.page import figures, page
from local.results import sections


def curve_section(exp, records):
    """Return the learning curves: a list of one section, or an empty list if there are none."""
    plots, solved = figures.learning_curves(exp, records)
    note = f"<p>Solved at once, without epochs: {html.escape(', '.join(solved))}.</p>\n" if solved else ""
    text = "<p>One line a run; a run ends when dev has not improved for as many epochs as its options say, or after the"
    text += " most that they allow.</p>\n"
    return [page.section("curves", "Learning curves", text + note + page.figure("curves", plots))] if plots else []


def drawn(exp, picture):
    """Return the figure that replaces a picture in EXP; None if its numbers do not exist."""
    name, record = picture.relative_to(exp.resolve()).with_suffix(""), sections.curves(picture)
    return record and page.figure(name, figures.over_seconds(record))


def other_sections(exp):
    """Return the experiments' sections, each folded: a list of one section, or an empty list."""
    parts = re.split(r"(?m)^## +(.+)\n", "".join(f"\n{one}\n" for one in sections.read(exp)))[1:]
    folded = [
        page.folded(title, page.render(text, title, exp, partial(drawn, exp)))
        for title, text in zip(parts[::2], parts[1::2], strict=True)
    ]
    return [page.section("further", "Further results", "".join(folded))] if folded else []
