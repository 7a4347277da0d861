"""Which arrays and rows are read, and from which files."""

from __future__ import annotations

import pickle
from pathlib import Path

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py, numbers, same, write


def test_what_a_name_can_be(tmp_path: Path) -> None:
    x, y = numbers(20), np.arange(20)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["train/images"], file["train/labels/id"] = x, y
        file["train/labels/weight"] = y * 2.0
        file["other"] = np.arange(7)
    pairs = hr.from_hdf5(path, ("train/images", "train/labels/id"))
    assert all(np.array_equal(a, x[i]) and b == i for i, (a, b) in enumerate(pairs))
    assert list(hr.from_hdf5(path, ["train/images", "/train/labels/id"]))[3][1] == 3
    named = hr.from_hdf5(path, {"image": "train/images", "target": {"id": "train/labels/id"}})[4]
    assert np.array_equal(named["image"], x[4]) and named["target"] == {"id": 4}
    group = hr.from_hdf5(path, "train")[5]
    assert np.array_equal(group["images"], x[5]) and group["labels"] == {"id": 5, "weight": 10.0}
    with pytest.raises(ValueError, match=r"^\[from_hdf5\] the datasets of '/' in '.*' must be of one first size, got '/other' int64\(7,?\), '/train/images' float32\(20, 8\)"):
        hr.from_hdf5(path)
    with pytest.raises(ValueError, match="datasets must be of one first size, got 20 of '/train/images' and 7 of '/other'"):
        hr.from_hdf5(path, ("train/images", "other"))
    with pytest.raises(OSError, match=r"^\[from_hdf5\] .*'/nothing'"):
        hr.from_hdf5(path, "nothing")


def test_many_files_are_one_dataset(tmp_path: Path) -> None:
    whole = numbers(300)
    for i, (begin, end) in enumerate([(0, 100), (100, 100), (100, 250), (250, 300)]):
        write(tmp_path / f"part-{i}.h5", x=(whole[begin:end], {"chunks": (16, 8), "maxshape": (None, 8), "compression": "gzip"} if i else {}))
    same(hr.from_hdf5(tmp_path / "part-*.h5", "x"), whole)
    same(hr.from_hdf5([tmp_path / "part-3.h5", tmp_path / "part-0.h5"], "x"), np.concatenate([whole[250:], whole[:100]]))
    write(tmp_path / "part-4.h5", x=numbers(3, 7))
    with pytest.raises(ValueError, match=r"rows must be as in the first file, float32\(8\), got float32\(7\) of '/x' in '.*part-4.h5'"):
        hr.from_hdf5(tmp_path / "part-*.h5", "x")
    with pytest.raises(OSError, match="no file matches"):
        hr.from_hdf5(tmp_path / "none-*.h5")


def test_more_files_than_may_be_open(tmp_path: Path) -> None:
    for i in range(150):
        write(tmp_path / f"{i:03}.h5", x=(np.full((2, 3), i), {"chunks": (1, 3)}))
    ds = hr.from_hdf5(tmp_path / "*.h5", "x")
    for _ in range(2):
        assert [int(row[0]) for row in ds.shuffle(seed=2)] == [int(i) // 2 for i in hr.range(300).shuffle(seed=2)]


def test_read_hdf5(tmp_path: Path) -> None:
    x = numbers(100)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("g/x", data=x, chunks=(7, 8), compression="gzip")
        file["g/x"].attrs["unit"] = "m"
        file["g"].attrs["made"] = np.arange(3)
        file["scalar"] = 2.5
        file["words"] = ["a", "bc"]
    for selection in (None, 3, -1, slice(None), slice(10, 20), slice(50, 5, -7), (slice(90, 200), 2), (slice(5, 5),), (..., 1), ([1, 5],), np.s_[3, 1:4]):
        expected = x if selection is None else x[selection]
        assert np.array_equal(hr.read_hdf5(path, "g/x", selection), expected), selection
    tree = hr.read_hdf5(path)
    assert set(tree) == {"g", "scalar", "words"} and np.array_equal(tree["g"]["x"], x) and tree["scalar"] == 2.5
    assert tree["words"].tolist() == ["a", "bc"]
    assert tree["g"].attributes["made"].tolist() == [0, 1, 2] and tree["g"].array_attributes == {"x": {"unit": "m"}}
    assert pickle.loads(pickle.dumps(tree))["g"].attributes["made"].tolist() == [0, 1, 2]
    with pytest.raises(IndexError, match=r"^\[read_hdf5\] a row must be one of the 100"):
        hr.read_hdf5(path, "g/x", 100)
    with pytest.raises(TypeError, match="a group has no rows"):
        hr.read_hdf5(path, "g", slice(3))
    with pytest.raises(OSError, match=r"^\[read_hdf5\] .*'/nothing'"):
        hr.read_hdf5(path, "nothing")


def test_selections_of_scalars_and_by_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["s"], file["word"], file["x"] = 2.5, "word", np.arange(12).reshape(4, 3)
    assert hr.read_hdf5(path, "s", ()) == 2.5 and hr.read_hdf5(path, "word", ()) == "word"
    with pytest.raises(IndexError, match=r"^\[read_hdf5\] 's' is a scalar and has no rows to select, got 0"):
        hr.read_hdf5(path, "s", 0)
    x = np.arange(12).reshape(4, 3)
    for selection in (np.array([0, 2]), x > 4, np.array([True, False, True, False]), np.int64(2), True):
        assert np.array_equal(hr.read_hdf5(path, "x", selection), x[selection]), selection
