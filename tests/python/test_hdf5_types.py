"""What HDF5's types become."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py, same, write


DTYPES = ["b1", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8", ">f8", "<c8", "<c16", "S5"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, {"chunks": (10, 2, 2)}, {"chunks": (64, 3, 2), "compression": "gzip", "shuffle": True}], ids=str)
def test_dtypes_come_out_native(tmp_path: Path, dtype: str, options: dict[str, Any]) -> None:
    data = np.random.default_rng(1).integers(0, 100, (123, 3, 2)).astype(dtype)
    path = write(tmp_path / "a.h5", x=(data, options))
    same(hr.from_hdf5(path, "x"), data.astype(np.dtype(dtype).newbyteorder("=")))


def test_records_and_enums(tmp_path: Path) -> None:
    record = np.dtype([("id", "<i4"), ("place", "<f8", (3,)), ("ok", "?")])
    data = np.zeros(100, record)
    data["id"], data["place"], data["ok"] = np.arange(100), np.arange(300).reshape(100, 3), np.arange(100) % 3 == 0
    colours = np.arange(100, dtype=np.int8) % 3
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("r", data=data, chunks=(13,), compression="gzip")
        file.create_dataset("e", data=colours, dtype=h5py.enum_dtype({"red": 0, "green": 1, "blue": 2}, basetype="i1"))
    rows = np.concatenate(list(hr.from_hdf5(path, "r").batch(9)))
    for name in ("id", "place", "ok"):
        assert np.array_equal(rows[name], data[name])
    same(hr.from_hdf5(path, "e"), colours)


def test_texts(tmp_path: Path) -> None:
    words = [f"wörd {i}" * (i % 4) for i in range(300)]
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("plain", data=words, dtype=h5py.string_dtype())
        file.create_dataset("packed", data=words, dtype=h5py.string_dtype(), chunks=(17,), compression="gzip")
    for name in ("plain", "packed"):
        ds = hr.from_hdf5(path, name)
        assert list(ds) == words and ds[5] == words[5]
        assert [word for batch in ds.batch(23) for word in batch] == words
        assert ds.gather([250, 3, 250]).tolist() == [words[250], words[3], words[250]]


def test_attributes_without_a_dtype_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
        file["x"].make_scale("here")
        file["y"] = np.arange(3)
        file["y"].dims[0].attach_scale(file["x"])
        file.attrs["nothing"] = h5py.Empty("f4")
        file.attrs["one"] = 1
    tree = hr.read_hdf5(path)
    assert tree.attributes == {"nothing": None, "one": 1}
    assert tree.array_attributes["x"]["NAME"] in (b"here", "here")
