"""Markdown tables: everybody writes them here."""

import re


def table(rows):
    """A table of rows of cells, the first row its head; what would end a cell, `|` or a line's end, becomes `/`."""
    cells = [[re.sub(r"[|\r\n]", "/", str(cell)) for cell in row] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in cells]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])
