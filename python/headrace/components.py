"""Components that are more than one array: RaggedTensor and SparseTensor."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from itertools import pairwise
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


def _same(a: Any, b: Any) -> bool:
    if isinstance(a, TensorSpec) or isinstance(b, TensorSpec):
        return type(a) is type(b) and bool(a == b)
    return bool(a.dtype == b.dtype and np.array_equal(a, b))


def _row(row: Any, dtype: Any) -> Any:
    """A row of from_rows as an array; str and bytes as objects."""
    if not isinstance(row, np.ndarray):
        text = np.asarray(row).dtype.kind in "US" and not isinstance(row, np.generic)
        row = np.asarray(row, object if text else None)
    if row.ndim == 0:
        raise ValueError(f"[RaggedTensor] rows must have a first axis, got the scalar {row.item()!r}")
    return row if dtype is None else row.astype(dtype, copy=False)


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

    def __eq__(self, other: object) -> bool:
        """Whether it is another of the same parts: equal dtypes, shapes and items. As in NumPy no NaN equals another."""
        if not isinstance(other, _Component) or type(other) is not type(self):
            return NotImplemented
        return all(map(_same, self._parts, other._parts))

    def _require_arrays(self, method: str) -> None:
        if any(isinstance(part, TensorSpec) for part in self._parts):
            raise TypeError(f"[{type(self).__name__}] {method}() needs arrays; this one describes others, in an element_spec")


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

    @classmethod
    def from_rows(cls, rows: Iterable[Any], dtype: Any = None) -> RaggedTensor:
        """One of the rows, arrays or lists, which may differ in their first size; they are copied.

        Example: RaggedTensor.from_rows([[1], [], [2, 3]]) is RaggedTensor([1, 2, 3], [0, 1, 1, 3]).
        """
        dtype = object if dtype in (str, bytes) else dtype
        given = list(rows)
        arrays = [_row(row, dtype) for row in given]
        # An empty list says nothing of the dtype; NumPy would make it float64, and all others with it.
        telling = [a for a, row in zip(arrays, given, strict=True) if len(a) or hasattr(row, "dtype")]
        if len({a.dtype == object for a in telling}) > 1:
            raise TypeError("[RaggedTensor] rows must be all of text or all of numbers, got both")
        values = np.concatenate(telling) if telling else np.empty(0, dtype)
        return cls(values, np.cumsum([0, *map(len, arrays)], dtype=np.int64))

    def to_list(self) -> list[Any]:
        """The rows as lists of Python's own numbers and texts."""
        self._require_arrays("to_list")
        items = np.asarray(self.values).tolist()
        return [items[begin:end] for begin, end in pairwise(np.asarray(self.row_splits).tolist())]

    def padded(self, value: Any = None) -> Any:
        """An array (rows, longest row, ...), with `value` behind the shorter rows; None: 0, False, '', b'' or NaT.

        Memory: a new array.
        Errors: TypeError, ValueError for a value that does not suit the dtype or does not fit it.
        Example: RaggedTensor([1, 2, 3], [0, 1, 1, 3]).padded(-1) is [[1 -1] [-1 -1] [2 3]].
        """
        self._require_arrays("padded")
        return _core.padded(self, value)

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

    @classmethod
    def from_scipy(cls, array: Any) -> SparseTensor:
        """One of a scipy.sparse array or matrix of any format, with the items that it holds, zeros and doubles too.

        Memory: shares the values where scipy does (COO, CSR, CSC); the indices are made.
        Errors: TypeError for what is no scipy.sparse array.
        """
        if not hasattr(array, "tocoo"):
            raise TypeError(f"[SparseTensor] from_scipy needs a scipy.sparse array, got {type(array).__name__}; use np.nonzero for a dense one")
        coo = array.tocoo(copy=False)
        places = coo.coords if hasattr(coo, "coords") else (coo.row, coo.col)
        indices = np.stack([np.asarray(place, np.int64) for place in places], axis=1)
        return cls(indices, coo.data, np.array(coo.shape, np.int64))

    def to_scipy(self, format: str = "coo") -> Any:
        """A scipy.sparse array: "coo" with the items as they are, "csr" or "csc" with those of one place added up.

        Memory: "coo" shares the values.
        Errors: ImportError without scipy; TypeError for a dtype, ValueError for a number of axes that it has not.
        """
        self._require_arrays("to_scipy")
        allowed = {"coo": range(1, 65), "csr": range(1, 3), "csc": range(2, 3)}
        if format not in allowed:
            raise ValueError(f"[SparseTensor] format must be 'coo', 'csr' or 'csc', got {format!r}")
        axes = len(self.dense_shape)
        if axes not in allowed[format]:
            raise ValueError(f"[SparseTensor] {format!r} must have {allowed[format][0]} axes at least and {allowed[format][-1]} at most, got {axes}")
        values = np.asarray(self.values)
        if values.dtype.kind not in "biufc" or values.dtype == np.float16:
            raise TypeError(f"[SparseTensor] scipy must have the dtype of the values, got {values.dtype}; use astype")
        try:
            sparse = import_module("scipy.sparse")
        except ImportError as error:
            raise ImportError("[SparseTensor] to_scipy needs scipy; install it: pip install scipy") from error
        copied = axes == 1 and format == "csr"  # scipy would sort and add up in ours
        made = sparse.coo_array((values, tuple(np.asarray(self.indices).T)), shape=self.shape, copy=copied)
        return made.asformat(format)

    def to_dense(self) -> Any:
        """The whole as an array: zeros where nothing is given ('', b'', NaT); items of one place are added up, bools or-ed.

        Memory: a new array.
        Errors: ValueError for an index outside dense_shape, and for two texts, times or float16s in one place.
        Example: SparseTensor([[0, 2]], [5], [2, 3]).to_dense() is [[0 0 5] [0 0 0]].
        """
        self._require_arrays("to_dense")
        return _core.to_dense(self)

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
        return tuple(np.asarray(self.dense_shape).tolist())

    def __len__(self) -> int:
        """The first size."""
        if not len(self.dense_shape):
            raise TypeError("a SparseTensor without axes has no len()")
        return int(self.dense_shape[0])

    def __repr__(self) -> str:
        return f"SparseTensor(indices={self.indices!r}, values={self.values!r}, dense_shape={self.dense_shape!r})"


_core.set_component_classes(RaggedTensor, SparseTensor)
