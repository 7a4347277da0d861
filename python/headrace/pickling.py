"""How a Dataset pickles: stage by stage, with its arrays, and functions by name or by cloudpickle."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from importlib import import_module
from types import FunctionType
from typing import Any

import numpy as np

from headrace import _core


def reduced(dataset: _core.Plan) -> tuple[Any, ...]:
    """What Dataset.__reduce__ gives."""
    return rebuild, _core.parts(dataset, _mapped, _portable)


def rebuild(*parts: Any) -> Any:
    """One stage made again on its upstream."""
    return _core.rebuild(*parts)


def _mapped(array: Any) -> Any:
    """A view of a memory-mapped file goes by file, offset and shape; other arrays as they are."""
    base = array
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    if not isinstance(base, np.memmap) or base.filename is None or base.mode == "c":
        return array  # a private copy of pages is no longer what the file holds
    return _MappedArray(array, base)


class _MappedArray:
    def __init__(self, array: np.ndarray, base: np.memmap) -> None:
        from mmap import ALLOCATIONGRANULARITY

        pages = np.frombuffer(base._mmap, np.uint8)  # type: ignore[attr-defined]
        start = base.offset - base.offset % ALLOCATIONGRANULARITY  # where np.memmap began to map
        offset = start + array.ctypes.data - pages.ctypes.data
        self.arguments = (str(base.filename), array.dtype, offset, array.shape, array.strides)

    def __reduce__(self) -> tuple[Any, ...]:
        return _open_mapped, self.arguments


def _open_mapped(file: str, dtype: np.dtype, offset: int, shape: tuple[int, ...], strides: tuple[int, ...]) -> np.ndarray:
    low = sum(min(0, (size - 1) * stride) for size, stride in zip(shape, strides))
    high = sum(max(0, (size - 1) * stride) for size, stride in zip(shape, strides)) + dtype.itemsize
    if 0 in shape:
        return np.empty(shape, dtype)
    pages = np.memmap(file, np.uint8, mode="r", offset=offset + low, shape=(high - low,))
    return np.ndarray(shape, dtype, buffer=pages, offset=-low, strides=strides)


def _portable(stage: str, function: Callable[..., Any]) -> Any:
    """The function itself where it pickles by name, else what cloudpickle makes of it."""
    if _pickles(function):
        return function
    try:
        cloudpickle = import_module("cloudpickle")
    except ImportError:
        name = getattr(function, "__qualname__", repr(function))
        raise TypeError(
            f"[{stage}] the function {name} cannot be pickled by name; define it at the top level of a module, "
            "or install cloudpickle"
        ) from None
    return _ByValue(cloudpickle.dumps(function))


def _pickles(function: Callable[..., Any]) -> bool:
    if isinstance(function, FunctionType):
        found: Any = sys.modules.get(function.__module__)
        for name in function.__qualname__.split("."):
            found = getattr(found, name, None)
        return found is function
    try:
        pickle.dumps(function, protocol=5, buffer_callback=lambda buffer: False)
    except Exception:
        return False
    return True


class _ByValue:
    def __init__(self, data: bytes) -> None:
        self.data = data

    def __reduce__(self) -> tuple[Any, ...]:
        return pickle.loads, (self.data,)  # what cloudpickle wrote is an ordinary pickle that imports it

