"""from_fixed_records: bytes of one size, as they lie and in gzip, against NumPy."""

from __future__ import annotations

import gzip
import os
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr

RECORD = np.dtype([("a", "<i2"), ("b", "<f8", (2,)), ("c", "?"), ("d", "S3")])


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def outcome(dataset: hr.Dataset) -> list[Any]:
    found: list[Any] = []
    iterator = iter(dataset)
    while True:
        try:
            found.append(next(iterator))
        except StopIteration:
            return found
        except (OSError, ValueError) as error:
            found.append(error)


@pytest.mark.parametrize("stored_as", ["plain", "mapped", "gzip"])
@pytest.mark.parametrize(
    ("dtype", "shape"),
    [("u1", None), ("u1", (2, 6)), ("<i4", (3,)), (">i4", (3,)), (">f2", (6,)), ("<c8", None), (">U1", (3,)), ("?", (12,)), ("S4", (3,)), ("<M8[s]", None)],
)
def test_as_numpy_reads_them(tmp_path: Path, dtype: str, shape: tuple[int, ...] | None, stored_as: str) -> None:
    compressed = stored_as == "gzip"
    size = 12 if dtype not in ("<c8", "<M8[s]") else 8
    stored = np.random.default_rng(1).integers(0, 120, (5, size)).astype("u1")
    if dtype == "?":
        stored %= 2
    if dtype == ">U1":
        stored.reshape(-1, 4)[:, :3] = 0
    whole = np.dtype(dtype)
    path = written(tmp_path / "a", gzip.compress(stored.tobytes()) if compressed else stored.tobytes())
    rows = hr.from_fixed_records(path, size, dtype=whole.newbyteorder("="), shape=shape, big_endian=dtype[0] == ">", mmap=stored_as == "mapped")
    wanted = stored.reshape(-1).view(whole).reshape(5, *(shape or ((size // whole.itemsize,) if size > whole.itemsize else ())))
    (batch,) = rows.batch(5)
    np.testing.assert_array_equal(batch, wanted)
    assert batch.dtype == whole.newbyteorder("=") and rows.random_access == (not compressed)
    if not compressed:
        np.testing.assert_array_equal(rows.gather([4, 0, 3, 3]), wanted[[4, 0, 3, 3]])
        assert len(rows) == 5


@pytest.mark.parametrize("compressed", [False, True])
@pytest.mark.parametrize("big_endian", [False, True])
def test_structured_records_behind_a_header(tmp_path: Path, compressed: bool, big_endian: bool) -> None:
    records = np.zeros(7, RECORD)
    records["a"], records["b"], records["c"], records["d"] = range(7), np.arange(14).reshape(7, 2) / 3, [1, 0] * 3 + [1], b"xyz"
    data = b"head" + (records.astype(RECORD.newbyteorder(">")) if big_endian else records).tobytes() + b"foot!"
    path = written(tmp_path / "a", gzip.compress(data) if compressed else data)
    rows = hr.from_fixed_records([path, path], RECORD.itemsize, 4, 5, dtype=RECORD, big_endian=big_endian)
    (batch,) = rows.batch(100)
    np.testing.assert_array_equal(batch, np.concatenate([records, records]))


def test_idx_images_shuffled(tmp_path: Path) -> None:
    images = np.random.default_rng(2).integers(0, 255, (100, 28, 28)).astype("u1")
    path = written(tmp_path / "images", b"\0\0\x08\x03" + np.array([100, 28, 28], ">u4").tobytes() + images.tobytes())
    rows = hr.from_fixed_records(path, 784, header_bytes=16, shape=(28, 28))
    seen = np.concatenate(list(rows.enumerate().shuffle(seed=1).map(lambda i, image: image).batch(7)))
    order = np.concatenate(list(rows.enumerate().shuffle(seed=1).map(lambda i, image: i).batch(7)))
    assert sorted(order) == list(range(100)) and list(order) != list(range(100))
    np.testing.assert_array_equal(seen, images[order])


@given(st.lists(st.integers(0, 40), min_size=1, max_size=4), st.integers(1, 9), st.integers(0, 5), st.integers(0, 5), st.booleans())
def test_many_files_of_any_size(tmp_path_factory: pytest.TempPathFactory, counts: list[int], size: int, header: int, footer: int, compressed: bool) -> None:
    folder = tmp_path_factory.getbasetemp()
    chance = random.Random(str(counts))
    parts = [chance.randbytes(count * size) for count in counts]
    paths = []
    for i, part in enumerate(parts):
        data = b"h" * header + part + b"f" * footer
        paths.append(written(folder / f"part{i}", gzip.compress(data) if compressed and i % 2 == 0 else data))
    rows = hr.from_fixed_records(paths, size, header, footer, shape=(size,))
    assert b"".join(row.tobytes() for row in rows) == b"".join(parts)


def test_large_gzip_resumes_at_every_place(tmp_path: Path) -> None:
    numbers = np.arange(500_000, dtype="<i8")
    path = written(tmp_path / "a", gzip.compress(b"12345" + numbers.tobytes() + b"67", 1))
    rows = hr.from_fixed_records(path, 8, 5, 2, dtype="int64")
    for threads in (1, 2, 8):
        np.testing.assert_array_equal(np.concatenate(list(rows.batch(999).with_options(threads=threads))), numbers)
    iterator = rows.iterator()
    for step in (1, 8_191, 8_192, 65_536, 300_000):
        for _ in range(step):
            last = next(iterator)
        again = rows.iterator()
        again.load_state_dict(iterator.state_dict())
        assert next(again) == last + 1


def test_mapped_batches_are_views_of_the_file(tmp_path: Path) -> None:
    path = written(tmp_path / "a", bytes(range(120)))
    first, second = hr.from_fixed_records(path, 12, mmap=True).batch(5)
    assert second.ctypes.data - first.ctypes.data == 60 and not first.flags.writeable
    copied = next(iter(hr.from_fixed_records(path, 12).batch(5)))
    assert copied.flags.writeable


@pytest.mark.parametrize("size", range(31))
def test_a_file_cut_anywhere(tmp_path: Path, size: int) -> None:
    data = b"HE" + bytes(range(24)) + b"FOOT"
    path = written(tmp_path / "plain", data[:size])
    if size in (6, 14, 22, 30):
        assert len(hr.from_fixed_records(path, 8, 2, 4)) == (size - 6) // 8
    else:
        with pytest.raises(ValueError, match=r"must hold whole records of 8 bytes between header and footer, 2 and 4 bytes, got"):
            hr.from_fixed_records(path, 8, 2, 4)
    if size > 0:
        found = outcome(hr.from_fixed_records(written(tmp_path / "gz", gzip.compress(data[:size])), 8, 2, 4))
        assert isinstance(found[-1], ValueError) == (size not in (6, 14, 22, 30)) if found else size == 6
        rows = [row for row in found if not isinstance(row, ValueError)]
        assert len(rows) == max(0, size - 6) // 8
        for i, row in enumerate(rows):
            assert row.tobytes() == data[2 + 8 * i : 10 + 8 * i]


def test_wrong_arguments(tmp_path: Path) -> None:
    path = written(tmp_path / "a", bytes(24))
    for options, error, text in [
        ({"record_bytes": 0}, ValueError, "record_bytes must be >= 1, got 0"),
        ({"record_bytes": 8, "header_bytes": -1}, ValueError, "must be >= 0, got -1 and 0"),
        ({"record_bytes": 6, "dtype": "int32"}, ValueError, "must be a multiple of 4, the size of int32, got 6"),
        ({"record_bytes": 8, "shape": (3, 3)}, ValueError, r"a record of uint8 \(3, 3\) must have record_bytes, 8, got 9"),
        ({"record_bytes": 8, "shape": (None,)}, ValueError, "sizes must be known"),
        ({"record_bytes": 8, "dtype": str}, TypeError, "dtype must be of fixed size, got str"),
        ({"record_bytes": 8, "dtype": ">i4"}, TypeError, "dtype must be in this machine's byte order, got '>i4'.*; say int32, and big_endian=True"),
        ({"record_bytes": 24, "header_bytes": 8}, ValueError, "must hold whole records of 24 bytes"),
    ]:
        with pytest.raises(error, match=text):
            hr.from_fixed_records(path, **options)
    compressed = written(tmp_path / "b", gzip.compress(bytes(24)))
    with pytest.raises(ValueError, match="mmap must be False for files of gzip"):
        hr.from_fixed_records(compressed, 8, mmap=True)


def test_a_file_changed_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a", bytes(1 << 20))
    rows = hr.from_fixed_records(path, 1 << 10)
    os.truncate(path, 1 << 19)
    with pytest.raises(OSError, match=r"\[from_fixed_records\].*'.*a'"):
        rows[1]
