"""Markdown tables: everybody writes them here."""


def table(rows):
    """A table of rows of cells, the first row its head; a cell's `|`, which would end it, becomes `/`."""
    lines = [f"| {' | '.join(str(cell).replace('|', '/') for cell in row)} |" for row in rows]
    return "\n".join([lines[0], "|" + " --- |" * len(rows[0]), *lines[1:]])
