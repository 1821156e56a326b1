"""Reads one matrix from a file of Kaldi's, as a line of an scp file names it. The only importer of kaldiio.

Anybody may have written that line, so nothing that it names is run: we open the file, parse only what begins as Kaldi's
matrices do, and take no more memory than the file's size justifies.
"""

import math
import re
import struct
from pathlib import Path

import kaldiio
import numpy as np

from cer.base.errors import BadInput
from cer.base.tables import taken_apart

KALDI_COMPRESSION = 2  # kaldiio's number for one byte a value with quantiles a column, make_fbank.sh's --compress true
TOLERANCE = 3  # rows that a range may name past the last one, as in Kaldi
HEADER = 20  # bytes of the longest head: CM2 or CM3 with the blank, and four numbers
PIECE = 1 << 16  # bytes of text read at once
# Kind -> the struct of its head after the blank (\4 before a number, numbers), and the bytes of a value and a column.
KINDS = {
    b"FM": ("<BiBi", 4, 0),
    b"DM": ("<BiBi", 8, 0),
    b"FV": ("<Bi", 4, 0),
    b"DV": ("<Bi", 8, 0),
    b"CM": ("<8xii", 1, 8),
    b"CM2": ("<8xii", 2, 0),
    b"CM3": ("<8xii", 1, 0),
}
PLAIN = {b"FM": "<f4", b"DM": "<f8", b"FV": "<f4", b"DV": "<f8"}  # those whose values are numpy's
MAKE_AGAIN = "copy the file again or make it again"


def load(where):
    """Read a matrix (rows, columns) or a vector (N,) into an array of its own.

    where: `file:offset`, or `file` for one that holds nothing else, and a range, as in Kaldi: `[first:last]` of rows or
    `[first:last,first:last]` of rows and columns, ends included, `:` for all. Raises BadInput: found, expected, cure.
    """
    path, offset, limits = _place(where)
    if not path.is_file():
        state = "is no plain file" if path.exists() else "no such file"
        raise BadInput(f"{path}: {state}; {MAKE_AGAIN}, or mend the path")
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if offset >= size:
            raise BadInput(f"found {size} bytes, expected a matrix after {offset} of them; {MAKE_AGAIN}")
        file.seek(offset)
        binary = file.peek(2)[:2] == b"\0B"
        matrix = _binary(file, size) if binary else _text(file)
    if limits is None and matrix.flags.writeable:
        return matrix
    return np.array(matrix if limits is None else _cut(matrix, limits))  # kaldiio's is read-only


def save(file, key, matrix, compress):
    """Write a matrix with its key into an open file; returns the offset that an scp file tells."""
    offset = file.tell() + len(key.encode()) + 1
    kaldiio.save_ark(file, {key: matrix}, compression_method=KALDI_COMPRESSION if compress else None)
    return offset


def _place(where):
    """(path, offset, text of the range or None) of a value of an scp file. Raises BadInput for a command."""
    place, offset, limits = taken_apart(where)
    if place.startswith("|") or place.endswith("|"):
        raise BadInput("found a command, which is not run, expected file:offset; write its output with copy-feats")
    return Path(place), offset, limits


def _binary(file, size):
    """A matrix or vector after `\\0B`, once its head is known to promise no more than the file holds."""
    start = file.tell()
    kind, _, numbers = file.read(2 + HEADER)[2:].partition(b" ")
    if kind not in KINDS:
        found = "integers" if kind[:1] == b"\4" else repr(kind[:8])
        raise BadInput(f"found {found}, expected one of {b' '.join(KINDS).decode()}; {MAKE_AGAIN}")
    form, width, a_column = KINDS[kind]
    length = struct.calcsize(form)
    there = size - start - 2 - len(kind) - 1 - length
    if there < 0:
        raise BadInput(f"found the end of the file in the matrix's head, expected {length} bytes of it; {MAKE_AGAIN}")
    head = struct.unpack(form, numbers[:length])
    marks, shape = (head[::2], head[1::2]) if "B" in form else ((), head)
    needed = math.prod(shape) * width + shape[-1] * a_column
    if {4, *marks} != {4} or min(shape) < 0 or needed > there or (min(shape) == 0 and max(shape) > 0):
        promised = " x ".join(map(str, shape))
        raise BadInput(f"found {there} bytes behind a head of {promised} values, expected {needed}; {MAKE_AGAIN}")
    if not any(shape):
        return np.zeros(shape, np.float32)
    if kind in PLAIN:
        matrix = np.empty(shape, PLAIN[kind])
        file.seek(start + 2 + len(kind) + 1 + length)
        file.readinto(memoryview(matrix).cast("B"))
        return matrix
    file.seek(start)
    with np.errstate(all="ignore"):  # damage may give NaN, which the caller refuses
        return kaldiio.matio.read_matrix_or_vector(file)


def _text(file):
    """A matrix in text, `[`, numbers, a line a row, `]`; all in one line is a vector."""
    pieces = [file.read(PIECE)]
    begin = pieces[0].lstrip()
    if not begin.startswith(b"["):
        raise BadInput(f"found {begin[:8]!r}, expected \\0B or [, with which Kaldi's matrices begin; {MAKE_AGAIN}")
    while b"]" not in pieces[-1] and (piece := file.read(PIECE)):
        pieces.append(piece)
    inside, end, _ = b"".join(pieces).lstrip()[1:].partition(b"]")
    if not end:
        raise BadInput(f"found no ] to the end of the file, expected one after the numbers; {MAKE_AGAIN}")
    rows = [line.split() for line in inside.split(b"\n") if line.strip()]
    lengths = {len(row) for row in rows}
    if len(lengths) > 1:
        raise BadInput(f"found rows of {min(lengths)} and {max(lengths)} numbers, expected one length; {MAKE_AGAIN}")
    try:
        if joined := re.search(rb"\S*_\S*", inside):  # Python takes 3_1 for 31
            raise ValueError(joined[0])
        values = np.array(rows, np.float32) if rows else np.zeros((0, 0), np.float32)
    except ValueError as error:
        raise BadInput(f"found what is no number ({error}), expected numbers; {MAKE_AGAIN}") from None
    return values if b"\n" in inside or not rows else values[0]


def _cut(matrix, limits):
    """The part that a range names. Up to TOLERANCE rows past the last one are cut off it, as in Kaldi."""
    parts = limits.split(",")
    if len(parts) > matrix.ndim or not any(parts):
        raise BadInput(f"found the range [{limits}] of {matrix.ndim} dimensions, expected [rows] or [rows,columns]")
    return matrix[tuple(_slice(part, axis, matrix.shape[axis]) for axis, part in enumerate(parts))]


def _slice(part, axis, size):
    if part in ("", ":"):
        return slice(None)
    match = re.fullmatch(r"([0-9]{1,18}):([0-9]{1,18})", part)
    first, last = map(int, match.groups()) if match else (0, -1)
    if not first <= last < size + (0 if axis else TOLERANCE) or first >= size:
        what = "columns" if axis else "rows"
        raise BadInput(f"found the range {part} of {size} {what}, expected first:last in 0:{size - 1}; mend the line")
    return slice(first, last + 1)
