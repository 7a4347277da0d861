"""HDF5 files as arrays, without a Dataset."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

import numpy as np

from headrace import _core
from headrace.components import RaggedTensor


class Hdf5Group(dict[str, Any]):
    """A group's arrays and groups by name, and their attributes.

    A link that leads nowhere, and an array or attribute of a type that has no dtype, is None. One group under several names is
    one object; where it is within itself it is left out.

    Attributes:
        attributes: the group's own, by name.
        array_attributes: those of its arrays, by the array's name; arrays without any are left out.
    """

    def __init__(self, members: dict[str, Any], attributes: dict[str, Any], array_attributes: dict[str, dict[str, Any]]) -> None:
        super().__init__(members)
        self.attributes = attributes
        self.array_attributes = array_attributes

    def copy(self) -> Hdf5Group:
        """A shallow copy: another group of the same arrays and groups."""
        return Hdf5Group(self, dict(self.attributes), dict(self.array_attributes))

    def __reduce__(self) -> tuple[Any, ...]:
        return Hdf5Group, (dict(self), self.attributes, self.array_attributes)


def _group(parts: tuple[Any, Any, Any], made: dict[int, Hdf5Group]) -> Hdf5Group:
    """A group of what _core gives, in which one group under two names is one tuple."""
    if id(parts) not in made:
        members = {name: _group(value, made) if isinstance(value, tuple) else value for name, value in parts[0].items()}
        made[id(parts)] = Hdf5Group(members, *parts[1:])
    return made[id(parts)]


def _rows(first: Any, count: int) -> tuple[int, int, Any] | None:
    """The rows that the first index needs, and what it is among those; None: all."""
    if isinstance(first, slice):
        places = range(count)[first]
        if not places:
            return 0, 0, slice(None)
        begin, end = min(places[0], places[-1]), max(places[0], places[-1]) + 1
        return begin, end, slice(None, None, places.step)
    if isinstance(first, Integral) and not isinstance(first, bool):
        place = range(count)[int(first)]
        return place, place + 1, 0
    return None


def _of_ragged(ragged: RaggedTensor, first: Any) -> Any:
    """A row, or the rows of a slice."""
    begins, ends = ragged.row_splits[:-1], ragged.row_splits[1:]
    if not isinstance(first, slice):
        return ragged.values[begins[first] : ends[first]]
    if first.step in (None, 1):
        return ragged
    begins, ends = begins[first], ends[first]
    parts = [ragged.values[begin:end] for begin, end in zip(begins, ends, strict=True)]
    return RaggedTensor(np.concatenate(parts), np.concatenate([[0], np.cumsum(ends - begins)]))


def read_hdf5(file: str | os.PathLike[str], name: str = "/", selection: Any = None, *, trusted: bool = False) -> Any:
    """Reads a dataset of an HDF5 file as an array, or a group with all below it as an Hdf5Group.

    A dataset of sequences of variable length is read as a RaggedTensor, its selection can be rows: a slice, or an int for one
    row's array. Chunks are decoded on all threads. Of a selection that begins with a slice or an int only those rows are read.
    Text comes as str, as bytes where one of what is read is not UTF-8.

    Args:
        file: a path.
        name: of a dataset or group in it.
        selection: what of a dataset, as in array[selection]: np.s_[10:20, ::2]; None: all.
        trusted: the file may read other files and load filter plugins.

    Errors: OSError for a file or name that is not there, or what cannot be read, naming file, dataset and chunk;
        TypeError for a type that has no dtype; IndexError for rows past the end.
    Example: read_hdf5("weights.h5")["dense"]["kernel"], read_hdf5("a.h5", "images", slice(100)).
    """
    path = os.fspath(file)
    if not isinstance(name, str):
        raise TypeError(f"[read_hdf5] name must be a str, got {name!r} ({type(name).__name__})")
    if not isinstance(trusted, bool):
        raise TypeError(f"[read_hdf5] trusted must be a bool, got {trusted!r} ({type(trusted).__name__})")
    stored = name.encode("utf-8", "surrogateescape")  # as a name of other bytes stands in an Hdf5Group
    count = _core.hdf5_rows(path, stored, trusted)
    if count is None:
        if selection is not None:
            raise TypeError(f"[read_hdf5] a group has no rows to select, got {selection!r} for {name!r}; name a dataset of it")
        return _group(_core.read_hdf5_group(path, stored, trusted), {})
    if count < 0:
        if selection is not None and selection != () and selection is not Ellipsis:
            raise IndexError(f"[read_hdf5] {name!r} is a scalar and has no rows to select, got {selection!r}")
        return _core.read_hdf5_array(path, stored, None, None, trusted)
    if selection is None:
        return _core.read_hdf5_array(path, stored, None, None, trusted)
    index = selection if isinstance(selection, tuple) else (selection,)
    try:
        rows = _rows(index[0], count) if index else None
    except IndexError:
        raise IndexError(f"[read_hdf5] a row must be one of the {count} of {name!r}, got {index[0]}") from None
    begin, end, first = rows or (None, None, slice(None))
    array = _core.read_hdf5_array(path, stored, begin, end, trusted)
    if isinstance(array, RaggedTensor):
        if rows is None or len(index) > 1:
            raise TypeError(f"[read_hdf5] of sequences a selection must be a slice or an int, got {selection!r} for {name!r}")
        return _of_ragged(array, first)
    return array[(first, *index[1:])] if rows else array[index]
