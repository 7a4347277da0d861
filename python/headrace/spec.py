"""What one component of an element looks like."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np


def _dtype(dtype: Any) -> np.dtype[Any]:
    try:
        known: np.dtype[Any] = np.dtype(dtype)
        return known
    except TypeError:
        from difflib import get_close_matches

        close = get_close_matches(str(dtype), [kind.__name__ for kind in np.sctypeDict.values()], 1)
        way_out = f"; did you mean '{close[0]}'?" if close else "; use a NumPy dtype, str or bytes"
        raise TypeError(f"[TensorSpec] unknown dtype {dtype!r}{way_out}") from None


class DatasetSpec:
    """A component that is itself a dataset, as window gives them.

    Args:
        element_spec: what its elements look like; None where that is not known.
    """

    __slots__ = ("element_spec",)

    def __init__(self, element_spec: Any = None) -> None:
        self.element_spec = element_spec

    def __repr__(self) -> str:
        return f"DatasetSpec({self.element_spec!r})"

    def __eq__(self, other: object) -> bool:
        return bool(self.element_spec == other.element_spec) if isinstance(other, DatasetSpec) else NotImplemented

    def __hash__(self) -> int:
        return hash((DatasetSpec, repr(self.element_spec)))

    def __reduce__(self) -> tuple[type[DatasetSpec], tuple[object]]:
        return DatasetSpec, (self.element_spec,)


class TensorSpec:
    """Shape and dtype of one component, as element_spec gives them and output_signature takes them.

    Args:
        shape: sizes, None for one that is not known.
        dtype: anything np.dtype takes; str or bytes for variable-length text.
    """

    __slots__ = ("shape", "dtype")

    shape: tuple[int | None, ...]
    dtype: Any

    def __init__(self, shape: Iterable[int | None] = (), dtype: Any = np.float32) -> None:
        self.shape = tuple(None if size is None or size == -1 else int(size) for size in shape)
        self.dtype = dtype if dtype is str or dtype is bytes else _dtype(dtype)

    def __repr__(self) -> str:
        dtype = self.dtype.__name__ if isinstance(self.dtype, type) else str(self.dtype)
        return f"TensorSpec(shape={self.shape}, dtype={dtype})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, TensorSpec):
            return NotImplemented
        # np.dtype compares equal to type objects, so str must not meet a dtype here.
        same_kind = isinstance(self.dtype, type) == isinstance(other.dtype, type)
        return same_kind and self.shape == other.shape and bool(self.dtype == other.dtype)

    def __hash__(self) -> int:
        return hash((self.shape, self.dtype))

    def __reduce__(self) -> tuple[type[TensorSpec], tuple[object, object]]:
        return TensorSpec, (self.shape, self.dtype)
