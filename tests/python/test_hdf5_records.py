"""Records of HDF5 files as dicts of their fields."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py


def records() -> Any:
    inner = np.dtype([("a", "<i2"), ("b", ">f4", (2,))])
    data = np.zeros(40, np.dtype({"names": ["x", "flag", "inner"], "formats": ["<f8", "?", inner], "offsets": [1, 9, 12], "itemsize": 24}))
    data["x"], data["flag"], data["inner"]["a"] = np.arange(40) / 3, np.arange(40) % 3 == 0, np.arange(40)
    data["inner"]["b"] = np.arange(80).reshape(40, 2)
    return data


@pytest.mark.parametrize("order", ["native", "stored"])
def test_records_are_split_into_fields(tmp_path: Path, order: str) -> None:
    data = records()
    if order == "native":
        data = data.astype(np.dtype([("x", "<f8"), ("flag", "?"), ("inner", [("a", "<i2"), ("b", "<f4", (2,))])]))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("r", data=data, chunks=(7,), compression="gzip")
        file["y"] = np.arange(40)
    ds = hr.from_hdf5(tmp_path / "a.h5", ("r", "y"), split_records=True)
    spec = ds.element_spec[0]
    assert spec["x"].dtype == np.float64 and spec["inner"]["b"].shape == (2,) and list(spec) == ["x", "flag", "inner"]
    for i, (row, y) in enumerate(ds):
        assert row["x"] == data["x"][i] and row["flag"] == data["flag"][i] and y == i
        assert row["inner"]["a"] == i and np.array_equal(row["inner"]["b"], data["inner"]["b"][i])
    for batches in (ds.batch(9), ds.shuffle(seed=4).batch(9)):
        for batch, ys in batches:
            assert np.array_equal(batch["x"], data["x"][ys]) and np.array_equal(batch["inner"]["b"], data["inner"]["b"][ys])
    batch = ds.gather(np.arange(5, 30))[0]
    assert np.array_equal(batch["x"], data["x"][5:30])


def test_blocks_of_split_records_are_decoded_once(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("r", data=np.zeros(64, [(f"f{i}", "<i4") for i in range(20)]), chunks=(8,), compression="gzip")
    for batch in (8, 5):
        iterator = iter(hr.from_hdf5(tmp_path / "a.h5", "r", split_records=True).batch(batch))
        assert sum(len(rows["f7"]) for rows in iterator) == 64
        assert iterator.stats()[-1]["counts"]["decoded"] == 8


def test_records_of_groups_are_split(tmp_path: Path) -> None:
    data = np.array([(1, 2.5), (3, 4.5)], [("a", "<i4"), ("b", "<f8")])
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for i in range(3):
            file[f"{i}/r"] = data[:i]
            file[f"{i}/one"] = data[1]
    ds = hr.from_hdf5(tmp_path / "a.h5", groups="*", split_records=True)
    assert [e["r"]["a"].tolist() for e in ds] == [[], [1], [1, 3]] and [float(e["one"]["b"]) for e in ds] == [4.5] * 3
