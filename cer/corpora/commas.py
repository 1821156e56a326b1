"""Refuses files in which commas are decimal and part the columns, too, by what such files look like."""

import re

import numpy as np

from cer.base.errors import BadInput
from cer.corpora.columns import rises

CURE = "are commas decimal? Then save it with semicolons between columns"
SOME = 3  # lines that are longer than the head, for which no single fault accounts


def check(path, rows):
    """Raise BadInput for whole numbers that are halves of decimal ones; rows: (line number, fields) of a file."""
    whole = [n for n, (_, fields) in enumerate(rows) if len(fields) > 1 and all(map(_is_whole, fields))]
    if not whole or whole[-1] < len(rows) - 1:
        return
    body, (number, head) = [rows[n][1] for n in whole], rows[whole[0] - 1] if whole[0] else (rows[0][0], [])
    longer = [len(fields) for fields in body if len(fields) > len(head)]
    if len(longer) < SOME:
        return
    wider = f"{len(head)} columns in the head and {longer[-1]} whole numbers in the lines below it"
    if found := wider if head else _halves(body):
        raise BadInput(f"{path}:{number}: found {found}; {CURE}")


def _is_whole(field):
    return bool(re.fullmatch(r"[-+]?\d+", field))


def _halves(body):
    """What shows, without a head, that whole numbers are halves of decimal ones, "" for nothing: 04, a -0 in front of a
    column without any sign, or a first column that rises as times do only with the second as its decimals.
    """
    signed = {n for fields in body for n, field in enumerate(fields) if field[0] in "-+"}
    for fields in body:
        for n, field in enumerate(fields):
            if re.fullmatch(r"[-+]?0\d+", field) or (field == "-0" and n + 1 < len(fields) and n + 1 not in signed):
                return f"{field} among whole numbers"
    if 1 in signed:
        return ""
    seconds, both = (np.array([float(".".join(fields[:count])) for fields in body]) for count in (1, 2))
    rise = (np.diff(seconds) >= 0).all() and not rises(seconds) and rises(both)
    return f"times such as {','.join(body[-1][:2])} among whole numbers" if rise else ""
