"""The times of CARMA and DARMA: each line is the mean of a bin, with the time of its end; it counts in the middle.

Source: fig_collect*.m of both, https://github.com/jmgirard: samples from s_start on and before s_end are averaged, and
s_end is written. Other programs write single samples below the same head: their times are not multiples of a bin.
"""

import re

import numpy as np

SIZES = (0.25, 0.5, 1, 2, 4)  # s, that both offer
NEAR = 1e-6  # of a bin
HEAD = 20  # lines
MARKS = {"Number of Steps", "Magnitude", "%%%%%%"}  # beside or below Second, in one of its fields


def size_of(times, rows):
    """How long the bins are that end at some times (s), 0 where there are none; rows: as of csvs.lines()."""
    head = {field.strip("'\" ") for _, line in rows[:HEAD] for field in re.split("[,;\t]", line)}
    if "Second" not in head or not head & MARKS:
        return 0
    step = np.diff(times, prepend=0).min()
    return next((size for size in SIZES if abs(step - size) < NEAR and np.allclose(times % size, 0, 0, NEAR)), 0)
