"""write_hdf5 of rows of differing lengths: h5py reads arrays, from_hdf5 the same elements again."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr

h5py = pytest.importorskip("h5py")

DTYPES = ["?", "i1", "u2", "i4", "u8", "f2", "f4", "f8", "c8", "c16", "S5"]


def rows_of(lengths: list[int], dtype: Any = "f4") -> list[Any]:
    numbers = np.arange(sum(lengths)).astype(dtype)
    return np.split(numbers, np.cumsum(lengths)[:-1]) if lengths else []


def given_by(rows: list[Any], *spec: Any) -> hr.Dataset:
    return hr.from_generator(lambda: iter(rows), output_signature=spec[0] if len(spec) == 1 else spec)


@given(lengths=st.lists(st.integers(0, 9), max_size=30), dtype=st.sampled_from(DTYPES), chunk_rows=st.sampled_from([None, 1, 4, 100]))
def test_what_is_written_is_read_by_h5py_and_by_us(tmp_path_factory: pytest.TempPathFactory, lengths: list[int], dtype: str, chunk_rows: int | None) -> None:
    rows, path = rows_of(lengths, dtype), tmp_path_factory.mktemp("w") / "a.h5"
    given_by(rows, hr.TensorSpec((None,), np.dtype(dtype))).write_hdf5(path, chunk_rows=chunk_rows)
    with h5py.File(path) as file:
        assert file["data"].shape == (len(rows),)
        for i, row in enumerate(rows):
            if len(row) == 0 and dtype == "S5" and h5py.version.version_tuple < (3, 15):
                continue  # there h5py cannot read sequences of no such text, its own neither
            assert np.array_equal(file["data"][i], row) and file["data"][i].dtype == row.dtype
    got = hr.from_hdf5(path)
    assert got.element_spec == hr.TensorSpec((None,), np.dtype(dtype))
    for one, row in zip(got, rows, strict=True):
        assert one.dtype == row.dtype and np.array_equal(one, row)


def mixed(n: int) -> list[dict[str, Any]]:
    return [{"i": i, "t": f"t{i}", "r": np.arange(i % 5) + i, "p": np.full((i % 3, 2), i, np.float32), "x": np.full(3, i, np.uint8)} for i in range(n)]


SIGNATURE = {
    "i": hr.TensorSpec((), np.int64),
    "t": hr.TensorSpec((), str),
    "r": hr.TensorSpec((None,), np.int64),
    "p": hr.TensorSpec((None, 2), np.float32),
    "x": hr.TensorSpec((3,), np.uint8),
}


def test_beside_rows_of_one_shape_and_texts(tmp_path: Path) -> None:
    path, rows, seen = tmp_path / "a.h5", mixed(50), []
    given_by(rows, SIGNATURE).write_hdf5(path, chunk_rows=7, progress=seen.append)
    assert seen == [*range(7, 50, 7), 50]
    for got, row in zip(hr.from_hdf5(path), rows, strict=True):
        assert got.keys() == row.keys() and all(np.array_equal(got[key], row[key]) for key in row)
    with h5py.File(path) as file:
        assert file["p"][5].tolist() == [[5, 5], [5, 5]] and file["r"][4].tolist() == [4, 5, 6, 7] and len(file["r"][5]) == 0
        assert file["x"].compression == "gzip" and file["r"].chunks == (7,)


def test_the_same_bytes_whatever_the_threads(tmp_path: Path) -> None:
    files = []
    for threads in (1, 2, 7):
        ds = hr.range(500).map(lambda i: {"r": np.arange(i % 13), "p": np.full((i % 3, 2), i)}, output_signature={"r": SIGNATURE["r"], "p": hr.TensorSpec((None, 2), np.int64)})
        ds.with_options(threads=threads).write_hdf5(tmp_path / "a.h5", chunk_rows=16)
        files.append((tmp_path / "a.h5").read_bytes())
    assert files[0] == files[1] == files[2]


@pytest.mark.parametrize("wrap", [lambda ragged: ragged, lambda ragged: {"x": ragged, "y": ragged}, lambda ragged: (ragged,)], ids=["alone", "dict", "tuple"])
def test_a_ragged_batch_comes_back_as_one(tmp_path: Path, wrap: Callable[[Any], Any]) -> None:
    path = tmp_path / "a.h5"
    rows = hr.from_tensor_slices(wrap(hr.RaggedTensor(np.arange(20.0), np.array([0, 3, 3, 8, 9, 20]))))
    ds = rows.ragged_batch(2)
    ds.write_hdf5(path)
    got = hr.from_hdf5(path)
    assert got.cardinality() == 3 and str(got.element_spec) == str(ds.element_spec)
    for one, batch in zip(got, ds, strict=True):
        assert type(one) is type(batch)
        parts = [one] if isinstance(one, hr.RaggedTensor) else list(one.values() if isinstance(one, dict) else one)
        wanted = [batch] if isinstance(batch, hr.RaggedTensor) else list(batch.values() if isinstance(batch, dict) else batch)
        for part, want in zip(parts, wanted, strict=True):
            assert np.array_equal(part.values, want.values) and np.array_equal(part.row_splits, want.row_splits)


def test_a_sparse_batch_comes_back_as_one(tmp_path: Path) -> None:
    ds = hr.from_tensor_slices(hr.RaggedTensor(np.arange(9.0), np.array([0, 3, 3, 8, 9]))).sparse_batch(3, (6,))
    ds.write_hdf5(tmp_path / "a.h5")
    for got, batch in zip(hr.from_hdf5(tmp_path / "a.h5"), ds, strict=True):
        assert isinstance(got, hr.SparseTensor) and got.indices.tolist() == batch.indices.tolist()
        assert got.values.tolist() == batch.values.tolist() and got.shape == batch.shape


def test_a_run_stopped_in_the_middle_goes_on(tmp_path: Path) -> None:
    rows = mixed(40)
    given_by(rows, SIGNATURE).write_hdf5(tmp_path / "a.h5", chunk_rows=7)
    ds = hr.from_hdf5(tmp_path / "a.h5").shuffle(buffer_size=10, seed=1).padded_batch(6)
    whole = [batch["r"].tolist() for batch in ds.iterator(epoch=0)]
    for step in range(len(whole)):
        iterator = ds.iterator(epoch=0)
        for _ in range(step):
            next(iterator)
        again = hr.from_hdf5(tmp_path / "a.h5").shuffle(buffer_size=10, seed=1).padded_batch(6).iterator()
        again.load_state_dict(iterator.state_dict())
        assert [batch["r"].tolist() for batch in again] == whole[step:]


@pytest.mark.parametrize(
    ("spec", "row", "error", "said"),
    [
        (hr.TensorSpec((3, None), np.int64), np.zeros((3, 1), np.int64), ValueError, r"rows may differ in their first size alone, got int64\(3, \?\); use padded_batch and unbatch"),
        (hr.TensorSpec((None, None), np.int64), np.zeros((3, 1), np.int64), ValueError, r"rows may differ in their first size alone"),
        (hr.TensorSpec((None,), str), np.array(["a"], object), TypeError, r"rows of text must be of one length, got str\(\?\); make them one with"),
        (hr.TensorSpec((None,), np.dtype("U3")), np.array(["a"], "U3"), TypeError, r"rows of text must be of one length"),
    ],
)
def test_what_cannot_be_written_says_so(tmp_path: Path, spec: Any, row: Any, error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=rf"^\[write_hdf5\] {said}"):
        given_by([row], spec).write_hdf5(tmp_path / "a.h5")
    assert list(tmp_path.iterdir()) == []


def test_an_error_in_a_row_leaves_no_file(tmp_path: Path) -> None:
    def fail(i: Any) -> Any:
        if i == 30:
            raise ValueError("at 30")
        return np.arange(i)

    with pytest.raises(ValueError, match="at 30"):
        hr.range(50).map(fail, output_signature=hr.TensorSpec((None,), np.int64)).write_hdf5(tmp_path / "a.h5", chunk_rows=4)
    assert list(tmp_path.iterdir()) == []
