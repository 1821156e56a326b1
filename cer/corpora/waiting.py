"""Arrays that wait on the disk until they are asked for, in a file without a name that goes with the program."""

import numpy as np

from cer.data.datadir import Lazy


class Waiting(Lazy):
    """Arrays of a recording, target -> float32 array, in an open file.

    Those that have `names` of their rows get a row for each name of `raters`, NaN where it is not theirs.
    """

    def __init__(self, file):
        self._file, self._table, self.names, self.raters = file, {}, {}, []

    def keep(self, target, array, names=None):
        """Put an array at the end of the file; names: of its rows."""
        self._table[target] = self._file.seek(0, 2)
        np.save(self._file, array.astype(np.float32), allow_pickle=False)
        if names is not None:
            self.names[target] = names

    def own(self, target):
        """An array as it was kept."""
        self._file.seek(self._table[target])
        return np.load(self._file, allow_pickle=False)

    def __getitem__(self, target):
        array = self.own(target)
        if target not in self.names:
            return array
        rows = np.full((len(self.raters), array.shape[1]), np.nan, np.float32)
        rows[[self.raters.index(name) for name in self.names[target]]] = array
        return rows
