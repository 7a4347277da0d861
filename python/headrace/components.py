"""Components that are more than one array: RaggedTensor and SparseTensor."""

from __future__ import annotations

from typing import Any, Self

import numpy as np

from headrace import _core
from headrace.spec import TensorSpec


def _array(what: str, value: Any, dtype: type | None = None, ndim: int | None = None) -> Any:
    """An array of that dtype and rank; a TensorSpec stands for one in an element_spec."""
    if isinstance(value, TensorSpec):
        got, axes = value.dtype, len(value.shape)
    else:
        if not isinstance(value, np.ndarray):
            text = np.asarray(value).dtype.kind in "US"
            value = np.asarray(value, object if text else dtype)
        got, axes = value.dtype, value.ndim
    if dtype is not None and (isinstance(got, type) or got != np.dtype(dtype)):
        raise TypeError(f"{what} must be {np.dtype(dtype)}, got {got}; use astype(np.{np.dtype(dtype)})")
    if ndim is not None and axes != ndim:
        raise ValueError(f"{what} must have {ndim} {'axis' if ndim == 1 else 'axes'}, got {axes}")
    return value


class _Component:
    """Arrays that belong together and are never changed."""

    __slots__ = ("_parts",)
    _parts: tuple[Any, ...]

    @classmethod
    def _make(cls, parts: tuple[Any, ...]) -> Self:
        """One of parts that are known to fit."""
        made = object.__new__(cls)
        object.__setattr__(made, "_parts", parts)
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed; make another")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"a {type(self).__name__} cannot be changed; make another")

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self)._make, (self._parts,)


class RaggedTensor(_Component):
    """Rows of differing lengths: row i is values[row_splits[i]:row_splits[i + 1]].

    Args:
        values: the rows one after the other, with a first axis.
        row_splits: int64, one more than there are rows: 0, where each row but the first begins, the length of values.
    Memory: keeps the arrays, does not copy them.
    Errors: TypeError for other row_splits than int64, ValueError where they do not start at 0, fall, or end elsewhere.
    Example: RaggedTensor([1, 2, 3], [0, 1, 1, 3]) has the rows [1], [] and [2 3].
    """

    __slots__ = ()

    def __init__(self, values: Any, row_splits: Any) -> None:
        where = "[RaggedTensor]"
        values = _array(f"{where} values", values)
        splits = _array(f"{where} row_splits", row_splits, np.int64, 1)
        if not isinstance(values, TensorSpec):
            if values.ndim == 0:
                raise ValueError(f"{where} values must have a first axis, got a scalar")
            if len(splits) == 0 or splits[0] != 0:
                raise ValueError(f"{where} row_splits must start at 0, got {splits[:1].tolist()}")
            falls = np.flatnonzero(np.diff(splits) < 0)
            if len(falls):
                raise ValueError(f"{where} row_splits must never fall, got {splits[falls[0] + 1]} after {splits[falls[0]]}")
            if splits[-1] != len(values):
                raise ValueError(f"{where} row_splits must end at the length of values, {len(values)}, got {splits[-1]}")
        object.__setattr__(self, "_parts", (values, splits))

    @property
    def values(self) -> Any:
        """The rows one after the other."""
        return self._parts[0]

    @property
    def row_splits(self) -> Any:
        """Where rows begin and end in values, int64."""
        return self._parts[1]

    @property
    def dtype(self) -> Any:
        """What the items are."""
        return self.values.dtype

    @property
    def shape(self) -> tuple[int | None, ...]:
        """(rows, None, ...): the sizes, None for the one that varies."""
        rows = self.row_splits.shape[0]
        return (None if rows is None else rows - 1, None, *self.values.shape[1:])

    def __len__(self) -> int:
        """The number of rows."""
        return len(self.row_splits) - 1

    def __repr__(self) -> str:
        return f"RaggedTensor(values={self.values!r}, row_splits={self.row_splits!r})"


class SparseTensor(_Component):
    """A tensor by its items: values[i] stands at indices[i] of dense_shape; the others are zero.

    Args:
        indices: int64 (n, rank).
        values: (n,).
        dense_shape: int64 (rank,), sizes >= 0.
    Memory: keeps the arrays, does not copy them.
    Errors: TypeError for other indices or dense_shape than int64, ValueError where the sizes do not fit each other.
    Example: SparseTensor([[0, 2]], [5], [2, 3]) is [[0 0 5] [0 0 0]].
    """

    __slots__ = ()

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        where = "[SparseTensor]"
        indices = _array(f"{where} indices", indices, np.int64, 2)
        values = _array(f"{where} values", values, None, 1)
        sizes = _array(f"{where} dense_shape", dense_shape, np.int64, 1)
        if not isinstance(values, TensorSpec):
            if len(indices) != len(values):
                raise ValueError(f"{where} each value must have one row of indices, got {len(indices)} for {len(values)} values")
            if indices.shape[1] != len(sizes):
                raise ValueError(f"{where} indices must have a column for each axis, got {indices.shape[1]} for {len(sizes)}")
            if (sizes < 0).any():
                raise ValueError(f"{where} the sizes of dense_shape must be >= 0, got {sizes.tolist()}")
        object.__setattr__(self, "_parts", (indices, values, sizes))

    @property
    def indices(self) -> Any:
        """The place of each value, int64 (n, rank)."""
        return self._parts[0]

    @property
    def values(self) -> Any:
        """The items that are given."""
        return self._parts[1]

    @property
    def dense_shape(self) -> Any:
        """The sizes of the whole, int64 (rank,)."""
        return self._parts[2]

    @property
    def dtype(self) -> Any:
        """What the items are."""
        return self.values.dtype

    @property
    def shape(self) -> tuple[int | None, ...]:
        """The sizes of the whole as ints; None each in an element_spec."""
        if isinstance(self.dense_shape, TensorSpec):
            return (None,) * (self.dense_shape.shape[0] or 0)
        return tuple(self.dense_shape.tolist())

    def __len__(self) -> int:
        """The first size."""
        if not len(self.dense_shape):
            raise TypeError("a SparseTensor without axes has no len()")
        return int(self.dense_shape[0])

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!r}, values={self.values!r}, dense_shape={self.dense_shape!r})"


_core.set_component_classes(RaggedTensor, SparseTensor)
