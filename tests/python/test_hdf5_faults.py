"""Damaged HDF5 files: an error, or right data; never a crash, a hang or something else in silence."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

import headrace as hr
from children import run
from hdf5_files import h5py, numbers, write

READ = """
import sys, numpy as np, headrace as hr
path, damaged = sys.argv[1], sys.argv[2]
whole = open(path, "rb").read()
names = ["chunked", "split", "strings"]
right = {name: hr.read_hdf5(path, name) for name in names}

def look(contents):
    with open(damaged, "wb") as file:
        file.write(contents)
    good = 0
    for name in names:
        try:
            ds = hr.from_hdf5(damaged, name)
            rows = [ds.gather(range(len(ds)))] if len(ds) < 10_000 else [ds[0]]
            again = hr.read_hdf5(damaged, name)
        except (OSError, ValueError, TypeError, IndexError, MemoryError):
            continue
        good += 1
        assert np.array_equal(rows[0], right[name]) and np.array_equal(again, right[name]), name
    return good
"""


def sample(path: Path) -> Path:
    """Everything in it has a checksum: the newer format of groups and indices, and fletcher32 of chunks."""
    data = np.arange(600, dtype=np.float32).reshape(60, 10)
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        file.create_dataset("chunked", data=data, chunks=(13, 10), compression="gzip", shuffle=True, fletcher32=True)
        file.create_dataset("split", data=data.astype(">i4"), chunks=(20, 4), compression="lzf", fletcher32=True, maxshape=(None, 10))
        file.create_dataset("strings", data=np.array([b"text %d" % i for i in range(60)]), chunks=(16,), fletcher32=True)
    return path


def test_a_file_cut_anywhere(tmp_path: Path) -> None:
    path = sample(tmp_path / "whole.h5")
    size = path.stat().st_size
    ended = run(
        READ
        + f"""
for end in range({size}):
    look(whole[:end])
assert look(whole) == len(names)
print("done")
""",
        str(path),
        str(tmp_path / "cut.h5"),
        limit=120,
    )
    assert ended.code == 0 and ended.out.endswith("done\n"), ended.err[-3000:]


def test_a_byte_changed_anywhere(tmp_path: Path) -> None:
    path = sample(tmp_path / "whole.h5")
    ended = run(
        READ
        + """
random = np.random.default_rng(0)
for at, flip in zip(random.integers(0, len(whole), 1500), random.integers(1, 256, 1500)):
    contents = bytearray(whole)
    contents[at] ^= flip
    try:
        look(bytes(contents))
    except AssertionError as error:
        raise AssertionError(f"byte {at} xor {flip}: {error}") from None
print("done")
""",
        str(path),
        str(tmp_path / "flipped.h5"),
        limit=120,
    )
    assert ended.code == 0 and ended.out.endswith("done\n"), ended.err[-3000:]


def test_a_damaged_chunk_fails_its_own_rows(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(100), {"chunks": (10, 8), "compression": "gzip", "fletcher32": True}))
    with h5py.File(path) as file:
        place = file["x"].id.get_chunk_info_by_coord((30, 0)).byte_offset
    with open(path, "r+b") as raw:
        raw.seek(place + 20)
        raw.write(b"\xff\x00\xff")
    ds = hr.from_hdf5(path, "x")
    good = [i for i in range(100) if not 30 <= i < 40]
    assert [int(row[0]) // 8 for row in ds.ignore_errors()] == good
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot decode chunk \(3, 0\) of '/x' in '.*a.h5': .*; the file is damaged"):
        ds[35]
    assert [int(batch[0, 0]) // 8 for batch in ds.batch(10).ignore_errors()] == [i for i in good if i % 10 == 0]


def test_what_is_no_hdf5_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open '.*a.txt': not an HDF5 file"):
        hr.from_hdf5(tmp_path / "a.txt")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open '.*b.h5'"):
        hr.from_hdf5(tmp_path / "b.h5")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open"):
        hr.from_hdf5(tmp_path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (struct.pack("<BBBxxxxxQQ", 1, 2, 1, 60, 10), struct.pack("<BBBxxxxxQQ", 1, 33, 1, 60, 10)),
        (struct.pack("<BBBxxxxxQQ", 1, 2, 1, 60, 10), struct.pack("<BBBxxxxxQQ", 1, 255, 1, 60, 10)),
        (struct.pack("<BBBxxxxxQQ", 1, 2, 1, 60, 10), struct.pack("<BBBxxxxxQQ", 1, 2, 1, 1 << 62, 1 << 62)),
        (struct.pack("<BBBxxxxxQQ", 1, 2, 1, 60, 10), struct.pack("<BBBxxxxxQQ", 1, 2, 1, 60, (1 << 64) - 1)),
        (struct.pack("<III", 13, 10, 4), struct.pack("<III", 0, 10, 4)),
        (struct.pack("<III", 13, 10, 4), struct.pack("<III", 1 << 31, 1 << 31, 4)),
    ],
    ids=["rank 33", "rank 255", "a size that overflows", "a size of all bits", "empty chunks", "huge chunks"],
)
def test_sizes_that_cannot_be(tmp_path: Path, before: bytes, after: bytes) -> None:
    path = write(tmp_path / "a.h5", x=(np.arange(600, dtype="f4").reshape(60, 10), {"chunks": (13, 10)}), y=np.arange(3))
    raw = path.read_bytes()
    assert raw.count(before) == 1
    path.write_bytes(raw.replace(before, after))
    ended = run(
        """
        for read in (hr.read_hdf5, hr.from_hdf5):
            try:
                read(sys.argv[1], "x")
            except OSError as error:
                assert "/x" in str(error) and "a.h5" in str(error), error
            else:
                raise AssertionError("no error")
        assert hr.read_hdf5(sys.argv[1], "y").tolist() == [0, 1, 2]
        """,
        str(path),
    )
    assert ended.code == 0, ended.err


@pytest.mark.parametrize("depth", [2, 30, 300, 3000])
def test_types_within_types(tmp_path: Path, depth: int) -> None:
    kind = h5py.h5t.NATIVE_INT32
    for _ in range(depth):
        kind = h5py.h5t.vlen_create(kind)
    path = write(tmp_path / "a.h5", y=np.arange(3))
    try:
        with h5py.File(path, "r+") as file:
            h5py.h5d.create(file.id, b"x", kind, h5py.h5s.create_simple((3,)))
    except (ValueError, RuntimeError, OSError):
        pytest.skip("h5py does not write a type of this depth")
    ended = run(
        """
        for read in (hr.read_hdf5, hr.from_hdf5):
            try:
                read(sys.argv[1], "x")
            except (TypeError, OSError) as error:
                assert "/x" in str(error) and "a.h5" in str(error), error
            else:
                raise AssertionError("no error")
        """,
        str(path),
    )
    assert ended.code == 0, ended.err


def test_names_of_fields_that_are_no_text(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=np.zeros(3, [("field", "i4"), ("other", "i4")]))
    path.write_bytes(path.read_bytes().replace(b"field\0", b"fie\xffd\0"))
    for read in (hr.read_hdf5, hr.from_hdf5):
        with pytest.raises(TypeError, match=r"'/x' in '.*a.h5' has no dtype: it holds field 'fie\\xffd', whose name is not UTF-8"):
            read(path, "x")
