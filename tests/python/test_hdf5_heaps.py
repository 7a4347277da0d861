"""Damaged global heaps of HDF5 files, which keep what is of variable length: an error or an array, and no memory for lies.

libhdf5 1.10 crashes where references or heaps are damaged, so nothing of it may read them.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr

h5py = pytest.importorskip("h5py")

ROWS = [np.arange(n, dtype="<i4") for n in (3, 0, 700, 2)]
REFERENCE = struct.Struct("<IQI")


def made(path: Path) -> tuple[bytes, int, int]:
    """A file of contiguous sequences; where its references and its first heap collection are."""
    with h5py.File(path, "w") as file:
        sequences = file.create_dataset("x", (len(ROWS),), dtype=h5py.vlen_dtype(np.dtype("<i4")))
        for i, row in enumerate(ROWS):
            sequences[i] = row
        texts = file.create_dataset("t", (3,), dtype=h5py.string_dtype(), chunks=(3,))
        texts[:] = ["one", "", "three"]
        place = sequences.id.get_offset()
    stored = path.read_bytes()
    return stored, place, stored.index(b"GCOL")


def outcome(path: Path) -> str:
    """What went wrong, or nothing."""
    for read in (lambda: hr.read_hdf5(path, "x"), lambda: list(hr.from_hdf5(path, "x")), lambda: list(hr.from_hdf5(path, "t"))):
        try:
            read()
        except OSError as error:
            assert str(path) in str(error)
            return str(error)
    return ""


def test_every_flipped_byte_of_heap_and_references_is_an_error_or_an_array(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    stored, place, heap = made(path)
    ends = [stored.index(b"GCOL", heap + 1) + 80] if stored.count(b"GCOL") > 1 else []
    places = [*range(place, place + 64), *range(heap, heap + 160), *range(ends[0] - 80 if ends else heap, ends[0] if ends else heap)]
    errors = 0
    for at in places:
        for flip in (0x01, 0x80, 0xFF):
            damaged = bytearray(stored)
            damaged[at] ^= flip
            path.write_bytes(damaged)
            errors += bool(outcome(path))
    assert errors > len(places) / 2


def test_a_file_cut_at_any_byte_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    stored, _, _ = made(path)
    for size in [*range(0, len(stored), 37), *range(len(stored) - 64, len(stored))]:
        path.write_bytes(stored[:size])
        assert outcome(path)


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ((3, 1 << 40, 1), r"the heap collection at 1099511627776 lies outside of the file"),
        ((3, 2**64 - 2, 1), r"the heap collection at 18446744073709551614 lies outside of the file"),
        ((3, 8, 1), r"the heap collection at 8 is none: it does not begin with GCOL"),
        ((3, None, 60000), r"object 60000 of the heap collection at \d+ is not there"),
        ((3, None, 0), r"object 0 of the heap collection at \d+ is not there"),
        ((600, None, 1), r"object 1 of the heap collection at \d+ has 12 bytes, 2400 are wanted"),
        ((2**32 - 1, None, 1), r"values of variable length claim 171798\d{5} bytes, more than the file has"),
    ],
)
def test_references_that_lie_are_errors_that_say_so(tmp_path: Path, reference: tuple[int, int | None, int], said: str) -> None:
    path = tmp_path / "a.h5"
    stored, place, _ = made(path)
    damaged = bytearray(stored)
    length, address, index = reference
    known = REFERENCE.unpack_from(stored, place)
    REFERENCE.pack_into(damaged, place, length, known[1] if address is None else address, index)
    path.write_bytes(damaged)
    with pytest.raises(OSError, match=rf"^\[read_hdf5\] cannot read '/x' in '.*a.h5': .*{said}.*; the file is damaged$"):
        hr.read_hdf5(path, "x")
    ds = hr.from_hdf5(path, "x")
    with pytest.raises(OSError, match=said):
        next(iter(ds))
    if length < 2**32 - 1:
        assert [len(row) for row in ds.skip(1)] == [0, 700, 2]  # the others are there all the same


@pytest.mark.parametrize(
    ("at", "value", "said"),
    [
        (4, b"\x02", "is of version 2, not 1"),
        (8, b"\xff" * 8, r"claims 18446744073709551615 bytes, of \d+ left in the file"),
        (8, struct.pack("<Q", 8), r"claims 8 bytes, of \d+ left in the file"),
        (24, b"\xff" * 8, r"object 1 of .* cannot be found, another one reaches beyond the collection"),
        (24, struct.pack("<Q", 4), "object 1 of .* has 4 bytes, 12 are wanted"),
    ],
)
def test_collections_that_lie_are_errors_that_say_so(tmp_path: Path, at: int, value: bytes, said: str) -> None:
    path = tmp_path / "a.h5"
    stored, place, _ = made(path)
    heap = REFERENCE.unpack_from(stored, place)[1]
    damaged = bytearray(stored)
    damaged[heap + at : heap + at + len(value)] = value
    path.write_bytes(damaged)
    with pytest.raises(OSError, match=said):
        hr.read_hdf5(path, "x")


def test_values_that_share_their_bytes_take_no_more_memory_than_the_file_has(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        sequences = file.create_dataset("x", (5000,), dtype=h5py.vlen_dtype(np.dtype("u1")))
        sequences[0] = np.zeros(100_000, "u1")
        place = sequences.id.get_offset()
    stored = bytearray(path.read_bytes())
    stored[place : place + 16 * 5000] = stored[place : place + 16] * 5000
    path.write_bytes(stored)
    with pytest.raises(OSError, match="values of variable length claim 500000000 bytes, more than the file has"):
        hr.read_hdf5(path, "x")
    assert len(hr.from_hdf5(path, "x")[4999]) == 100_000


def chunk_of(kind: Any, stored: bytes, path: Path) -> Path:
    """A file with one gzip'd chunk of 4 elements, of these bytes."""
    with h5py.File(path, "w") as file:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((4,))
        creation.set_deflate(4)
        dataset = h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple((4,)), creation)
        dataset.write_direct_chunk((0,), zlib.compress(stored))
    return path


@pytest.mark.parametrize("name", ["text of variable length", "zero-terminated text", "integers of 24 bits", "a record of other order"])
@pytest.mark.parametrize("size", [0, 5, 63])
def test_a_filtered_chunk_that_decodes_to_less_is_an_error(tmp_path: Path, name: str, size: int) -> None:
    odd = h5py.h5t.STD_I32LE.copy()
    odd.set_size(3)
    odd.set_precision(24)
    zero = h5py.h5t.C_S1.copy()
    zero.set_size(16)
    zero.set_strpad(h5py.h5t.STR_NULLTERM)
    kinds = {
        "text of variable length": h5py.h5t.py_create(h5py.string_dtype(), logical=True),
        "zero-terminated text": zero,
        "integers of 24 bits": odd,
        "a record of other order": h5py.h5t.py_create(np.dtype([("a", ">i8"), ("b", ">f8")])),
    }
    path = chunk_of(kinds[name], b"\0" * min(size, 4 * 3 - 1 if name.startswith("int") else size), tmp_path / "a.h5")
    with pytest.raises(OSError, match=r"cannot decode chunk \(0,?\) of '/x' in '.*a.h5'"):
        hr.read_hdf5(path, "x")
    with pytest.raises(OSError, match=r"cannot decode chunk"):
        list(hr.from_hdf5(path, "x"))
