"""Stages compute on a recording of any length piece by piece, and give the same result as on the whole.

A stage has push(rows), which takes a piece of the input and returns the output that is known now, and finish(), which
returns the rest. No output is None, never an array of no rows. A stage keeps only the context that it needs.

    input kept by Window    |- before -|---- due ----|- after -|      gives what stands under `due`
"""

import math

import numpy as np


class Window:
    """A function of a bounded window around each row, applied piece by piece.

    The function takes rows (T, ...) and gives `out` rows for every `period` rows; those of one period depend on that
    period, `before` rows before it and `after` rows after it. Beyond the ends of its argument the function may pad
    (zeros, mirroring, repeating) as long as no other rows depend on that: so the ends of pieces leave no trace in the
    result.
    """

    def __init__(self, function, before, after, *, period=1, out=None, unit=None, chunk=1):
        """before, after, period: rows of the input; out: of the output (default: period).

        The function is called with whole periods before what is due. Output is given in units, of `unit` rows of the
        input (default: as few as make whole rows of the output), when at least `chunk` rows of the input are due.
        """
        self.function, self.before, self.after = function, before, after
        self.period, self.out, self.chunk = period, out or period, chunk
        self.unit = unit or period // math.gcd(period, self.out)
        self._kept, self._first, self._due = None, 0, 0  # rows; index of the first of them; of the next due

    def push(self, rows):
        """rows: (T, ...) -> the output rows that are known now, or None."""
        self._kept = rows if self._kept is None else np.concatenate([self._kept, rows])
        known = _floor(self._first + len(self._kept) - self.after, self.unit)
        if known - self._due < self.chunk:
            return None
        output = self._output()[: (known - self._due) * self.out // self.period]
        self._due = known
        first = max(self._first, _floor(known - self.before, self.period))
        self._kept, self._first = self._kept[first - self._first :].copy(), first
        return output

    def finish(self):
        """The input has ended: the output rows that are left, or None."""
        output = None if self._kept is None else self._output()
        return output if output is not None and len(output) else None

    def _output(self):
        """Everything from the first row that is due."""
        return self.function(self._kept)[(self._due - self._first) * self.out // self.period :]


def _floor(row, unit):
    return row // unit * unit


class Whole:
    """A function that needs the whole input."""

    def __init__(self, function):
        self.function, self._pieces = function, []

    def push(self, rows):
        """rows: (T, ...), kept; nothing is known yet."""
        self._pieces.append(rows)

    def finish(self):
        """The input has ended: the function's output for all of it."""
        return self.function(join(self._pieces)) if self._pieces else None


class Hold:
    """Holds rows back until there are more than a given number of them; from then on passes rows on as they come."""

    def __init__(self, rows):
        self._rows, self._pieces = rows, []

    def push(self, rows):
        """rows: (T, ...) -> None while rows are held back, then once all rows so far, then just these rows."""
        if self._pieces is None:
            return rows
        self._pieces.append(rows)
        return self.finish() if sum(map(len, self._pieces)) > self._rows else None

    def finish(self):
        """The input has ended, or enough has come: the rows that were held."""
        held, self._pieces = join(self._pieces or []), None
        return held


class Each:
    """A function of each row alone: (T, ...) -> (T, ...)."""

    def __init__(self, function):
        self.push = function

    def finish(self):
        """Nothing is kept."""


class Later:
    """Move each row `delay` rows later (negative: earlier) and repeat the ends, as cer.system.labels.later does."""

    def __init__(self, delay):
        """delay: rows."""
        self.delay, self.after = delay, max(0, -delay)
        self._kept, self._dropped, self._last = None, 0, None

    def push(self, rows):
        """rows: (T, ...) -> the output rows that are known now, or None."""
        self._last = rows[-1:]
        if self.delay < 0:
            drop = min(-self.delay - self._dropped, len(rows))
            self._dropped += drop
            return rows[drop:] if drop < len(rows) else None
        if self._kept is None:
            self._kept = np.repeat(rows[:1], self.delay, axis=0)
        queue = np.concatenate([self._kept, rows])
        self._kept = queue[len(rows) :]
        return queue[: len(rows)]

    def finish(self):
        """The input has ended: the output rows that are left, or None."""
        if self.delay >= 0 or self._last is None:
            return None
        return np.repeat(self._last, self._dropped, axis=0)


class Chain:
    """Stages one after the other, as one."""

    def __init__(self, stages):
        self.stages = list(stages)

    def push(self, rows):
        """rows: (T, ...) -> the output of the last stage that is known now, or None."""
        for stage in self.stages:
            if rows is None:
                return None
            rows = stage.push(rows)
        return rows

    def finish(self):
        """The input has ended: what is left of the last stage's output, or None."""
        rest = None
        for stage in self.stages:
            pushed = None if rest is None else stage.push(rest)
            rest = join([pushed, stage.finish()])
        return rest


def join(pieces):
    """The pieces that are not None, as one array; None if there are none."""
    pieces = [piece for piece in pieces if piece is not None]
    return np.concatenate(pieces) if len(pieces) > 1 else (pieces or [None])[0]


def outputs(stage, pieces):
    """Iterate over what a stage returns for the pieces of its input, an iterable."""
    for piece in pieces:
        if (output := stage.push(piece)) is not None:
            yield output
    if (rest := stage.finish()) is not None:
        yield rest
