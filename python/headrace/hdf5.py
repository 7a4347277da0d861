"""HDF5 files as arrays, without a Dataset."""

from __future__ import annotations

import os
from numbers import Integral
from typing import Any

from headrace import _core


class Hdf5Group(dict[str, Any]):
    """A group's arrays and groups by name, and their attributes.

    Attributes:
        attributes: the group's own, by name.
        array_attributes: those of its arrays, by the array's name; arrays without any are left out.
    """

    def __init__(self, members: dict[str, Any], attributes: dict[str, Any], array_attributes: dict[str, dict[str, Any]]) -> None:
        super().__init__({name: Hdf5Group(*value) if isinstance(value, tuple) else value for name, value in members.items()})
        self.attributes = attributes
        self.array_attributes = array_attributes

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (dict(self), self.attributes, self.array_attributes)


def _rebuild(members: dict[str, Any], attributes: dict[str, Any], array_attributes: dict[str, dict[str, Any]]) -> Hdf5Group:
    return Hdf5Group(members, attributes, array_attributes)


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


def read_hdf5(file: str | os.PathLike[str], name: str = "/", selection: Any = None, *, trusted: bool = False) -> Any:
    """Reads a dataset of an HDF5 file as an array, or a group with all below it as an Hdf5Group.

    Chunks are decoded on all threads. Of a selection that begins with a slice or an int only those rows are read.

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
    count = _core.hdf5_rows(path, name, trusted)
    if count is None:
        if selection is not None:
            raise TypeError(f"[read_hdf5] a group has no rows to select, got {selection!r} for {name!r}; name a dataset of it")
        return Hdf5Group(*_core.read_hdf5_group(path, name, trusted))
    if count < 0:
        if selection is not None and selection != () and selection is not Ellipsis:
            raise IndexError(f"[read_hdf5] {name!r} is a scalar and has no rows to select, got {selection!r}")
        return _core.read_hdf5_array(path, name, None, None, trusted)
    if selection is None:
        return _core.read_hdf5_array(path, name, None, None, trusted)
    index = selection if isinstance(selection, tuple) else (selection,)
    try:
        rows = _rows(index[0], count) if index else None
    except IndexError:
        raise IndexError(f"[read_hdf5] a row must be one of the {count} of {name!r}, got {index[0]}") from None
    if rows is None:
        return _core.read_hdf5_array(path, name, None, None, trusted)[index]
    begin, end, first = rows
    return _core.read_hdf5_array(path, name, begin, end, trusted)[(first, *index[1:])]
