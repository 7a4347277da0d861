"""write_hdf5: h5py and from_hdf5 read what it writes, and nothing is left of what fails."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py, numbers, write


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    x, y = numbers(500), np.arange(500) % 7
    elements = {"image": x, "target": (y, y > 3), "when": np.arange(500).astype("M8[s]"), "z": x[:, :2].astype(np.complex64)}
    for options in ({}, {"chunk_rows": 33}, {"compression": "lzf"}, {"compression": None, "checksum": False}, {"shuffle": False, "level": 9}):
        path = tmp_path / "a.h5"
        hr.from_tensor_slices(elements).write_hdf5(path, attrs={"title": "numbers", "version": 3}, **options)  # type: ignore[arg-type]
        ds = hr.from_hdf5(path)
        assert len(ds) == 500
        for i, row in enumerate(ds):
            assert np.array_equal(row["image"], x[i]) and row["target"] == (y[i], y[i] > 3)
            assert row["when"] == elements["when"][i] and np.array_equal(row["z"], elements["z"][i])  # type: ignore[index]
        with h5py.File(path) as file:
            assert np.array_equal(file["image"][:], x) and np.array_equal(file["target/0"][:], y) and np.array_equal(file["target/1"][:], y > 3)
            assert file.attrs["title"] == "numbers" and file.attrs["version"] == 3
            assert np.array_equal(file["z"][:], elements["z"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.h5"]


def test_streams_texts_and_single_components_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.range(1000).filter(lambda i: i % 3 == 0).map(lambda i: (i, f"wörd {i}")).write_hdf5(path, chunk_rows=50)
    assert list(hr.from_hdf5(path)) == [(i, f"wörd {i}") for i in range(0, 1000, 3)]
    hr.range(10).write_hdf5(path)
    assert list(hr.from_hdf5(path, "data")) == list(range(10)) == list(hr.from_hdf5(path))
    hr.range(10).take(0).write_hdf5(path)
    assert list(hr.from_hdf5(path)) == []


def test_chunks_have_half_a_mebibyte_or_all_rows_where_those_are_known(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    for ds, rows in ((hr.range(10), 10), (hr.range(10).take(0), 1), (hr.range(10).filter(lambda i: True), 1 << 16), (hr.range(100_000), 1 << 16)):
        ds.write_hdf5(path)
        with h5py.File(path) as file:
            assert file["data"].chunks == (rows,)


def test_a_file_is_the_same_for_any_number_of_threads(tmp_path: Path) -> None:
    ds = hr.from_tensor_slices(np.random.default_rng(1).normal(size=(5000, 20)).astype(np.float32)).shuffle(seed=3)
    files = []
    for threads in (1, 2, 5):
        ds.with_options(threads=threads).write_hdf5(tmp_path / f"{threads}.h5", chunk_rows=64)
        files.append((tmp_path / f"{threads}.h5").read_bytes())
    assert files[0] == files[1] == files[2]


def test_a_file_is_the_same_at_any_time(tmp_path: Path) -> None:
    ds = hr.range(20).map(lambda i: {"a": {"b": {"c": i, "text": "t" * int(i)}}, "d": i})
    files = []
    for _ in range(2):
        ds.write_hdf5(tmp_path / "a.h5", chunk_rows=7, attrs={"made": "here"})
        files.append((tmp_path / "a.h5").read_bytes())
        time.sleep(1.1)  # HDF5 notes seconds
    assert files[0] == files[1]


def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.range(5).write_hdf5(path)
    before = path.read_bytes()

    def broken(i: Any) -> Any:
        if i == 700:
            raise KeyError("here")
        return i

    with pytest.raises(KeyError, match="here"):
        hr.range(1000).map(broken).write_hdf5(path, chunk_rows=10)

    def stop(rows: int) -> None:
        if rows >= 300:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError):
        hr.range(1000).write_hdf5(path, chunk_rows=100, progress=stop)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.h5"]
    with pytest.raises(ValueError, match=r"^\[write_hdf5\] the dataset must end"):
        hr.range(4).repeat().write_hdf5(path)
    with pytest.raises(TypeError, match=r"^\[write_hdf5\] HDF5 has no type for the field 'a' of U3"):
        hr.from_tensor_slices(np.zeros(2, [("a", "U3")])).write_hdf5(path)
    with pytest.raises(ValueError, match="keys must be names"):
        hr.from_tensor_slices({"a/b": np.arange(3)}).write_hdf5(path)


def test_rows_without_items_and_dates_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.from_tensor_slices({"none": np.zeros((5, 0)), "n": np.arange(5)}).write_hdf5(path)
    assert [row["none"].shape for row in hr.from_hdf5(path)] == [(0,)] * 5
    dates = np.arange(5).astype("M8[s]")
    hr.from_tensor_slices(dates).write_hdf5(path, attrs={"since": dates[0]})
    with h5py.File(path) as file:
        assert np.array_equal(file["data"][:], dates)
    assert list(hr.from_hdf5(path)) == list(dates)


def test_what_may_be_written_over(tmp_path: Path) -> None:
    target = tmp_path / "target.h5"
    hr.range(3).write_hdf5(target)
    (tmp_path / "link.h5").symlink_to(target)
    hr.range(5).write_hdf5(tmp_path / "link.h5")
    assert (tmp_path / "link.h5").is_symlink() and len(hr.from_hdf5(target)) == 5
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"^\[write_hdf5\] cannot write '.*folder': what is there is not a plain file"):
        hr.range(3).write_hdf5(tmp_path / "folder")
    with pytest.raises(OSError, match=r"^\[write_hdf5\] cannot create '.*nowhere/a.h5.part': No such file or directory"):
        hr.range(3).write_hdf5(tmp_path / "nowhere" / "a.h5")


def test_an_error_while_writing_keeps_its_note(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        hr.range(9).map(lambda i: {0: 0}[int(i) // 7]).write_hdf5(tmp_path / "a.h5")
    assert any("element 7" in note and "test_hdf5_writing.py" in note for note in caught.value.__notes__)
