"""What predict() returns: an array that knows its times and targets."""

from __future__ import annotations  # help() shows them as they stand here

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin
from numpy.typing import NDArray


class Prediction(NDArrayOperatorsMixin):
    """Predictions of one recording; used like its `values`, a NumPy array, whose attributes and methods it has, too.

    values: float32 (T,), or (T, number of targets) of several; times: float64 (T,), s from the beginning of the
    recording; targets: the names of what is predicted, in the order of the columns. prediction["valence"] is one
    target's column (T,). Indexing and arithmetic give what they give for `values`.
    """

    values: NDArray[np.float32]
    times: NDArray[np.float64]
    targets: tuple[str, ...]

    def __init__(self, columns: dict[str, NDArray[np.float32]], shift: float) -> None:
        """columns: target -> (T,); shift: s between values."""
        self.targets = tuple(columns)
        self.values = np.stack(list(columns.values()), axis=1) if len(columns) > 1 else columns[self.targets[0]]
        self.times = np.arange(len(self.values), dtype=np.float64) * shift

    def __repr__(self) -> str:
        span = f"{self.times[0]:g} to {self.times[-1]:g} s" if len(self) else "no values"
        return f"<Prediction of {', '.join(self.targets)}: {len(self)} rows, {span}>"

    def __len__(self) -> int:
        return len(self.values)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.values)

    def __getitem__(self, index: Any) -> Any:
        if not isinstance(index, str):
            return self.values[index]
        if index not in self.targets:
            raise KeyError(f"found the target {index!r}, expected one of {', '.join(self.targets)}")
        return self.values.reshape(len(self), len(self.targets))[:, self.targets.index(index)]

    def __setitem__(self, index: Any, value: Any) -> None:
        self.values[index] = value

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
        return np.array(self.values, dtype=dtype, copy=copy)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        out = options.get("out", ())
        if out:
            options["out"] = tuple(map(_plain, out))
        result = getattr(ufunc, method)(*map(_plain, inputs), **options)
        return out[0] if len(out) == 1 else result  # with += it stays a prediction, not an array

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self.values, name)  # shape, dtype, mean() ...


def _plain(value: Any) -> Any:
    return value.values if isinstance(value, Prediction) else value
