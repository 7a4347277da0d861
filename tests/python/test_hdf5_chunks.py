"""Chunks by their indices: many of them, of every kind of index, filtered in part, damaged one by one."""

from __future__ import annotations

import itertools
import struct
import time
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py, numbers, same, write


def allocated(path: Path, rows: int, libver: Any, maxshape: tuple[int | None]) -> Path:
    """Chunks of one number each, all there and none written."""
    with h5py.File(path, "w", libver=libver) as file:
        space = h5py.h5s.create_simple((rows,), tuple(h5py.h5s.UNLIMITED if n is None else n for n in maxshape))
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((1,))
        creation.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
        creation.set_fill_time(h5py.h5d.FILL_TIME_NEVER)
        h5py.h5d.create(file.id, b"x", h5py.h5t.NATIVE_INT32, space, creation)
        file["x"][-3:] = [1, 2, 3]
    return path


@pytest.mark.parametrize("libver", ["earliest", ("v110", "v110")], ids=str)
@pytest.mark.parametrize("maxshape", [(1_000_000,), (None,)], ids=str)
def test_a_million_chunks_are_open_at_once(tmp_path: Path, libver: Any, maxshape: tuple[int | None]) -> None:
    path = allocated(tmp_path / "a.h5", 1_000_000, libver, maxshape)
    begin = time.monotonic()
    ds = hr.from_hdf5(path, "x")
    assert len(ds) == 1_000_000 and ds[999_998] == 2
    assert list(hr.read_hdf5(path, "x", slice(999_990, None))) == [0] * 7 + [1, 2, 3]
    assert next(iter(ds.batch(1000))).sum() == 0
    assert time.monotonic() - begin < 5


def test_more_chunks_than_memory_has_bytes(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (1 << 48,), "u1", chunks=(1,))[1 << 40] = 7
    ds = hr.from_hdf5(tmp_path / "a.h5", "x")
    assert len(ds) == 1 << 48 and ds[1 << 40] == 7 and ds.gather([5, 1 << 40, (1 << 48) - 1]).tolist() == [0, 7, 0]


INDICES = {
    "single chunk": ((50, 6), None, (50, 6)),
    "fixed array": ((50, 6), None, (7, 4)),
    "paged fixed array": ((3000, 2), None, (1, 2)),
    "extensible array": ((300, 6), (None, 6), (7, 4)),
    "paged extensible array": ((5000, 2), (None, 2), (1, 2)),
    "second B-tree": ((50, 6), (None, None), (7, 4)),
    "one chunk beyond its array": ((5, 3), (None, None), (64, 64)),
}


@pytest.mark.parametrize("options", [{}, {"compression": "gzip", "shuffle": True}], ids=str)
@pytest.mark.parametrize("libver", ["earliest", ("v110", "v110")], ids=str)
@pytest.mark.parametrize("index", INDICES)
def test_every_index_of_chunks(tmp_path: Path, index: str, libver: Any, options: dict[str, Any]) -> None:
    shape, maxshape, chunks = INDICES[index]
    data = np.arange(np.prod(shape), dtype=">i4").reshape(shape)
    with h5py.File(tmp_path / "a.h5", "w", libver=libver) as file:
        file.create_dataset("x", data=data, maxshape=maxshape, chunks=chunks, **options)
    same(hr.from_hdf5(tmp_path / "a.h5", "x"), data.astype("=i4"))


def fletcher32(data: bytes) -> bytes:
    high = low = 0
    for (word,) in struct.iter_unpack(">H", data + b"\0" * (len(data) % 2)):
        high = (high + word) % 65535
        low = (low + high) % 65535
    return struct.pack("<I", low << 16 | high)


def test_every_subset_of_filters_may_be_masked(tmp_path: Path) -> None:
    data = numbers(80).reshape(8, 80)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", (8, 80), "f4", chunks=(1, 80), shuffle=True, compression="gzip", fletcher32=True)
        for row, skipped in enumerate(itertools.product([False, True], repeat=3)):
            stored = data[row].tobytes()
            if not skipped[0]:
                stored = np.frombuffer(stored, np.uint8).reshape(-1, 4).T.tobytes()
            if not skipped[1]:
                stored = zlib.compress(stored)
            if not skipped[2]:
                stored += fletcher32(stored)
            x.id.write_direct_chunk((row, 0), stored, sum(skip << bit for bit, skip in enumerate(skipped)))
        assert np.array_equal(x[:], data)
    same(hr.from_hdf5(path, "x"), data)


def change_index(path: Path, row: int, size: int | None = None, address: int | None = None) -> None:
    """What the B-tree of '/x' says of the chunk of `row`: eight bytes of size and mask, three numbers, the address."""
    with h5py.File(path) as file:
        place = file["x"].id.get_chunk_info_by_coord((row, 0)).byte_offset
    raw = path.read_bytes()
    at = raw.index(struct.pack("<QQQQ", row, 0, 0, place)) + 24
    size_now = struct.unpack_from("<I", raw, at - 32)[0]
    raw = raw[: at - 32] + struct.pack("<I", size_now if size is None else size) + raw[at - 28 :]
    raw = raw[:at] + struct.pack("<Q", place if address is None else address) + raw[at + 8 :]
    path.write_bytes(raw)


LIES = [{"address": 1 << 40}, {"address": (1 << 63) + 5}, {"size": 0}, {"size": 7}, {"size": 1_000_000}, {"size": 0xFFFFFFFF}]


@pytest.mark.asan
@pytest.mark.parametrize(
    ("options", "change"),
    [
        *[({"compression": "gzip"}, lie) for lie in LIES],
        *[({}, lie) for lie in [*LIES, {"size": 319}, {"size": 321}, {"size": 1000}]],  # of 320; bytes after gzip's do no harm
    ],
    ids=str,
)
def test_an_index_that_lies_costs_its_own_chunk(tmp_path: Path, options: dict[str, Any], change: dict[str, int]) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(100), {"chunks": (10, 8), **options}))
    change_index(path, 30, **change)
    ds = hr.from_hdf5(path, "x")
    good = [i for i in range(100) if not 30 <= i < 40]
    assert [int(row[0]) // 8 for row in ds.ignore_errors()] == good
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot (read|decode) .*'/x' in '.*a.h5'"):
        ds[35]
    with pytest.raises(OSError, match=r"^\[read_hdf5\] .*'/x' in '.*a.h5'"):
        hr.read_hdf5(path, "x")
    assert np.array_equal(hr.read_hdf5(path, "x", slice(40, 100)), numbers(100)[40:])
