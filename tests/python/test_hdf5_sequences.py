"""Values of variable length in HDF5 files, sequences and texts, against h5py, which writes the files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr

h5py = pytest.importorskip("h5py")

LAYOUTS: list[dict[str, Any]] = [
    {},
    {"chunks": (1,)},
    {"chunks": (7,), "maxshape": (None,)},
    {"chunks": (7,), "maxshape": (None,), "compression": "gzip", "shuffle": True},
    {"chunks": (64,), "maxshape": (None,), "compression": "lzf", "shuffle": True},
]
DTYPES = ["?", "i1", "<i2", "<i4", ">i4", "<u8", "<f2", "<f4", "<f8", "<c8", "<c16", "S5"]


def write(path: Path, rows: list[Any], base: Any, options: dict[str, Any] | None = None, user_block: int = 0) -> Path:
    """A file of rows as sequences "x" of a base type, and as texts of those bytes "t"."""
    with h5py.File(path, "w", userblock_size=user_block) as file:
        sequences = file.create_dataset("x", (len(rows),), dtype=h5py.vlen_dtype(np.dtype(base)), **(options or {}))
        for i, row in enumerate(rows):
            sequences[i] = row
        texts = ["ö" + "y" * len(row) if len(row) else "" for row in rows]
        file.create_dataset("t", data=texts, dtype=h5py.string_dtype(), **(options or {}))
    return path


def rows_of(lengths: list[int], dtype: str) -> list[Any]:
    numbers = np.arange(sum(lengths)).astype(dtype)
    return np.split(numbers, np.cumsum(lengths)[:-1]) if lengths else []


def same(got: Any, expected: Any) -> None:
    assert len(got) == len(expected)
    for one, row in zip(got, expected, strict=True):
        assert one.dtype == row.dtype.newbyteorder("=") and np.array_equal(one, row)


@given(
    lengths=st.lists(st.integers(0, 30) | st.sampled_from([0, 2000]), min_size=1, max_size=40),
    dtype=st.sampled_from(DTYPES),
    options=st.sampled_from(LAYOUTS),
    user_block=st.sampled_from([0, 512]),
)
def test_rows_are_what_was_written(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], dtype: str, options: dict[str, Any], user_block: int) -> None:
    rows = rows_of(lengths, dtype)
    path = write(tmp_path_factory.mktemp("v") / "a.h5", rows, dtype, options, user_block)
    ds = hr.from_hdf5(path, "x")
    assert ds.element_spec.shape == (None,) and len(ds) == len(rows) and ds.random_access
    same(list(ds), rows)
    same([ds[i] for i in range(len(rows))], rows)
    same(list(ds.shuffle(seed=3)), [rows[i] for i in hr.range(len(rows)).shuffle(seed=3)])
    ragged = hr.read_hdf5(path, "x")
    assert isinstance(ragged, hr.RaggedTensor)
    assert np.array_equal(ragged.row_splits, np.cumsum([0, *lengths])) and np.array_equal(ragged.values, np.concatenate(rows))
    texts = ["ö" + "y" * n if n else "" for n in lengths]
    assert list(hr.from_hdf5(path, "t")) == texts == hr.read_hdf5(path, "t").tolist()
    assert [text for batch in hr.from_hdf5(path, "t").batch(5) for text in batch] == texts
    both = list(hr.from_hdf5(path, {"x": "x", "t": "t"}))
    same([row["x"] for row in both], rows)
    assert [row["t"] for row in both] == texts


def test_what_takes_rows_of_any_length_takes_them(tmp_path: Path) -> None:
    rows = rows_of([i * 7 % 5 for i in range(50)], "f4")
    ds = hr.from_hdf5(write(tmp_path / "a.h5", rows, "f4"), "x")
    padded = list(ds.padded_batch(8))
    assert [batch.shape for batch in padded] == [(min(8, 50 - i), max(len(row) for row in rows[i : i + 8])) for i in range(0, 50, 8)]
    assert all(np.array_equal(batch[k, : len(rows[8 * b + k])], rows[8 * b + k]) for b, batch in enumerate(padded) for k in range(len(batch)))
    same([batch.values for batch in ds.ragged_batch(8)], [np.concatenate(rows[i : i + 8]) for i in range(0, 50, 8)])
    buckets = list(ds.bucket_by_sequence_length(len, [3], [4, 4], pad_to_bucket_boundary=False))
    assert sum(len(batch) for batch in buckets) == 50


def test_a_selection_of_rows(tmp_path: Path) -> None:
    rows = rows_of([3, 0, 1, 4, 2], "<i8")
    path = write(tmp_path / "a.h5", rows, "<i8", {"chunks": (2,)})
    for selection in (np.s_[1:4], np.s_[::-2], np.s_[3:3], np.s_[:]):
        got = hr.read_hdf5(path, "x", selection)
        same([got.values[a:b] for a, b in zip(got.row_splits, got.row_splits[1:], strict=False)], rows[selection])
    same([hr.read_hdf5(path, "x", 3), hr.read_hdf5(path, "x", -1)], [rows[3], rows[4]])
    for selection in (np.s_[1:4, 0], [1, 2], np.s_[..., 0]):
        with pytest.raises(TypeError, match=r"^\[read_hdf5\] of sequences a selection must be a slice or an int, got"):
            hr.read_hdf5(path, "x", selection)
    group = hr.read_hdf5(path)
    assert isinstance(group["x"], hr.RaggedTensor) and np.array_equal(group["x"].values, np.arange(10))


def test_sequences_of_arrays_and_of_odd_numbers(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    record = np.dtype([("a", "<i2"), ("b", "S3")])
    with h5py.File(path, "w") as file:
        pairs = file.create_dataset("pairs", (4,), dtype=h5py.vlen_dtype(np.dtype(("<f4", (2,)))))
        del file["pairs"], pairs
        kind = h5py.h5t.vlen_create(h5py.h5t.array_create(h5py.h5t.IEEE_F32LE, (2,)))
        h5py.h5d.create(file.id, b"pairs", kind, h5py.h5s.create_simple((4,)))
        odd = h5py.h5t.STD_I32LE.copy()
        odd.set_size(3)
        odd.set_precision(24)
        h5py.h5d.create(file.id, b"odd", h5py.h5t.vlen_create(odd), h5py.h5s.create_simple((4,)))
        records = file.create_dataset("records", (2,), dtype=h5py.vlen_dtype(record))
        records[1] = np.array([(1, b"ab"), (2, b"c")], record)
        scalar = file.create_dataset("scalar", (), dtype=h5py.vlen_dtype(np.dtype("<i4")))
        scalar[()] = np.arange(3, dtype="<i4")
        file.create_dataset("plane", (2, 3), dtype=h5py.vlen_dtype(np.dtype("<i4")))
    assert hr.from_hdf5(path, "pairs").element_spec.shape == (None, 2)
    assert [row.shape for row in hr.from_hdf5(path, "pairs")] == [(0, 2)] * 4
    assert [row.dtype for row in hr.from_hdf5(path, "odd")] == [np.int32] * 4
    rows = list(hr.from_hdf5(path, "records"))
    assert len(rows[0]) == 0 and rows[1]["a"].tolist() == [1, 2] and rows[1]["b"].tolist() == [b"ab", b"c"]
    assert hr.read_hdf5(path, "scalar").values.tolist() == [0, 1, 2]
    with pytest.raises(TypeError, match=r"^\[from_hdf5\] a dataset of sequences must have one axis, got \(2, 3\) of '/plane'"):
        hr.from_hdf5(path, "plane")
    with pytest.raises(TypeError, match=r"^\[read_hdf5\] a dataset of sequences must have one axis at most"):
        hr.read_hdf5(path, "plane")


def test_nothing_written_is_an_empty_row_or_the_fill_value(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name, options in {"a": {}, "b": {"chunks": (3,)}}.items():
            file.create_dataset(name + "x", (5,), dtype=h5py.vlen_dtype(np.dtype("<i4")), **options)
            file.create_dataset(name + "t", (5,), dtype=h5py.string_dtype(), **options)
            file.create_dataset(name + "f", (5,), dtype=h5py.string_dtype(), fillvalue="für", **options)
        file["bx"][1], file["bt"][1], file["bf"][1] = [7], "one", "one"
    none = np.zeros(0, "<i4")
    for name, row, text in (("a", none, ""), ("b", np.array([7], "<i4"), "one")):
        same(list(hr.from_hdf5(path, name + "x")), [none, row, none, none, none])
        assert list(hr.from_hdf5(path, name + "t")) == ["", text, "", "", ""]
        assert list(hr.from_hdf5(path, name + "f")) == ["für", text or "für", *(["für"] * 3)]


def test_several_files_are_one_dataset(tmp_path: Path) -> None:
    rows = rows_of([3, 0, 1, 4, 2, 5], "<i4")
    for i in range(3):
        write(tmp_path / f"{i}.h5", rows[2 * i : 2 * i + 2], "<i4", LAYOUTS[i])
    ds = hr.from_hdf5(tmp_path / "?.h5", "x")
    same(list(ds), rows)
    same(ds.__getitems__([5, 0, 3]), [rows[5], rows[0], rows[3]])
    write(tmp_path / "3.h5", rows, "<i8")
    with pytest.raises(ValueError, match=r"rows must be as in the first file, int32\(\?\), got int64\(\?\) of '/x'"):
        hr.from_hdf5(tmp_path / "?.h5", "x")


def test_texts_end_at_their_zero_as_in_libhdf5(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", [np.zeros(9)], "f8")
    stored = bytearray(path.read_bytes())
    place = stored.index("ö".encode() + b"yyyy")
    stored[place + 4] = 0
    path.write_bytes(stored)
    with h5py.File(path) as file:
        expected = file["t"].asstr()[0]
    assert hr.read_hdf5(path, "t").tolist() == list(hr.from_hdf5(path, "t")) == [expected] == ["öyy"]


def test_explain_says_who_converts(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", [np.zeros(2)], "f8", {"chunks": (1,), "compression": "gzip"})
    with h5py.File(path, "a") as file:
        odd = h5py.h5t.STD_I32LE.copy()
        odd.set_precision(20)
        h5py.h5d.create(file.id, b"odd", odd, h5py.h5s.create_simple((3,)))
        record = np.dtype([("a", ">i4"), ("b", ">f8")])
        file.create_dataset("record", data=np.zeros(3, record))
    said = {name: str(hr.from_hdf5(path, name).explain()) for name in ("t", "x", "odd", "record")}
    assert "'/t' in chunks of 1 rows: gzip 4" in said["t"] and "libhdf5" not in said["t"]
    assert "'/x' sequences, which are read one by one; what refers to them in chunks of 1 rows: gzip 4" in said["x"]
    assert "; converted by libhdf5, one thread at a time: integers of 20 bits" in said["odd"]
    assert "'/record' where it lies in the file" in said["record"]
