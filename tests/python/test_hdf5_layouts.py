"""Layouts and filters of HDF5 files against h5py, which writes them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from hdf5_files import FILTERS, h5py, numbers, same, write


@pytest.mark.parametrize("options", FILTERS, ids=str)
@pytest.mark.parametrize("chunks", [None, (1, 8), (7, 8), (64, 3), (1000, 8), (333, 5)], ids=str)
def test_rows_are_h5pys(tmp_path: Path, options: dict[str, Any], chunks: tuple[int, ...] | None) -> None:
    if options and chunks is None:
        pytest.skip("filters need chunks")
    data = numbers().astype(np.int32) if "scaleoffset" in options else numbers()
    path = write(tmp_path / "a.h5", x=(data, {"chunks": chunks, **options}))
    same(hr.from_hdf5(path, "x"), data)


@given(st.data())
def test_any_chunks_filters_and_positions(tmp_path_factory: Any, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=4).map(tuple))
    chunks = tuple(data.draw(st.integers(1, max(1, size))) for size in shape)
    options = data.draw(st.sampled_from([o for o in FILTERS if "scaleoffset" not in o]))
    dtype = data.draw(st.sampled_from(["<f4", ">i2", "u1", "<c16", "S3"]))
    if 0 in shape:
        options = {}
    array = np.random.default_rng(0).integers(0, 50, shape).astype(dtype)
    path = tmp_path_factory.mktemp("h5") / "a.h5"
    with h5py.File(path, "w", libver=data.draw(st.sampled_from(["earliest", "latest", "v110"]))) as file:
        maxshape = tuple(None if data.draw(st.booleans()) else size for size in shape)
        file.create_dataset("x", data=array, chunks=chunks, maxshape=maxshape if 0 not in shape else (None,) * len(shape), **options)
    try:
        ds = hr.from_hdf5(path, "x")
    except OSError as error:  # h5py's libhdf5 is newer than ours
        assert "version" in str(error)
        return
    native = array.astype(array.dtype.newbyteorder("="))
    assert len(ds) == len(array)
    batches = list(ds.batch(data.draw(st.integers(1, 5))))
    assert np.array_equal(np.concatenate(batches) if batches else native[:0], native)
    if len(array):
        positions = data.draw(st.lists(st.integers(0, len(array) - 1), min_size=1, max_size=20))
        assert np.array_equal(ds.gather(positions), native[positions])


def test_never_written_chunks_give_the_fill_value(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1000, 4), "f4", chunks=(100, 4), fillvalue=7.5, compression="gzip")[250:260] = 1
        file.create_dataset("big", (1000,), ">i4", chunks=(100,), fillvalue=258)
        file.create_dataset("plain", (1000,), "i4")
    with h5py.File(path) as file:
        for name in ("x", "big", "plain"):
            data = file[name][:]
            same(hr.from_hdf5(path, name), data.astype(data.dtype.newbyteorder("=")))


@pytest.mark.parametrize("options", [{}, {"chunks": (10, 8)}, {"chunks": (10, 8), "compression": "gzip"}], ids=str)
def test_a_user_block_changes_nothing(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=1024) as file:
        file.create_dataset("x", data=numbers(100), **options)
    same(hr.from_hdf5(path, "x"), numbers(100))


def decoded(iterator: Any) -> int:
    count: int = iterator.stats()[-1]["counts"].get("decoded", 0)
    return count


def test_each_chunk_is_decoded_once_an_epoch(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(10_000), {"chunks": (100, 8), "compression": "gzip"}))
    for plan in (lambda ds: ds.batch(64), lambda ds: ds.shuffle(seed=1).batch(64), lambda ds: ds.shuffle(700, seed=1).batch(64)):
        ds = hr.from_hdf5(path, "x")
        iterator = iter(plan(ds))
        assert sum(len(batch) for batch in iterator) == 10_000
        assert decoded(iterator) == 100
    small = hr.from_hdf5(path, "x").shuffle(1000, seed=1).batch(64).with_options(memory_limit=80_000)
    iterator = iter(small)
    assert sum(len(batch) for batch in iterator) == 10_000
    assert decoded(iterator) <= 120  # of the 32 kB of a run, and of the next one, 60 kB are kept


def test_a_batch_in_one_chunk_is_a_view(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(1024), {"chunks": (256, 8), "compression": "gzip"}))
    batches = list(hr.from_hdf5(path, "x").batch(64))
    assert all(not batch.flags.writeable for batch in batches)
    assert all(b.ctypes.data - a.ctypes.data == 64 * 32 for a, b in zip(batches[0:3], batches[1:4]))
    crossing = list(hr.from_hdf5(path, "x").batch(300))
    assert crossing[0].flags.writeable
