"""RaggedTensor and SparseTensor: what they are made of and into, against NumPy and scipy; in datasets, files and pickles."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import children
import headrace as hr
from settling import comes_true

NUMBERS = ["?", "i1", "u2", "i8", "u8", "f4", "f8", "c8", "c16"]
OTHERS = ["f2", "S3", "U2", "M8[s]", "m8[ns]"]


def values(dtype: str, n: int, seed: int = 0) -> Any:
    raw = np.random.default_rng(seed).integers(1, 100, n)
    return raw.astype("U2").astype(dtype) if dtype[0] in "SU" else raw.astype("i8").astype(dtype)


def ragged(dtype: str, lengths: list[int], tail: tuple[int, ...] = ()) -> hr.RaggedTensor:
    n = sum(lengths)
    return hr.RaggedTensor(np.resize(values(dtype, max(n, 1)), (n, *tail)), np.cumsum([0, *lengths]))


@st.composite
def sparse_tensors(draw: st.DrawFn, dtypes: list[str] = NUMBERS, axes: tuple[int, int] = (1, 3), doubles: bool = True) -> hr.SparseTensor:
    """Items in any order; some places more than once."""
    shape = tuple(draw(st.lists(st.integers(1, 5), min_size=axes[0], max_size=axes[1])))
    places = draw(st.lists(st.tuples(*(st.integers(0, n - 1) for n in shape)), max_size=12, unique=not doubles))
    indices = np.array(places, np.int64).reshape(len(places), len(shape))
    return hr.SparseTensor(indices, values(draw(st.sampled_from(dtypes)), len(places), len(places)), list(shape))


def dense_of(sparse: hr.SparseTensor) -> Any:
    dense = np.zeros(sparse.shape, sparse.dtype)
    for index, value in zip(sparse.indices.tolist(), sparse.values, strict=True):
        place = dense[tuple(index) + (None,)]  # an array, which wraps without a warning
        place += value
    return dense


def same(a: Any, b: Any) -> bool:
    return bool(a.dtype == b.dtype and a.shape == b.shape and a.tolist() == b.tolist())


@given(st.lists(st.lists(st.integers(-100, 100), max_size=5), max_size=6))
def test_rows_go_in_and_come_out_as_lists(rows: list[list[int]]) -> None:
    made = hr.RaggedTensor.from_rows(rows, np.int64)
    assert made.to_list() == rows and len(made) == len(rows) and made.dtype == np.int64
    assert made == hr.RaggedTensor.from_rows([np.array(row, np.int64) for row in rows], np.int64)
    assert eval(repr(made), {"RaggedTensor": hr.RaggedTensor, "array": np.array, "int64": np.int64}) == made


def test_the_dtype_of_rows_is_that_of_those_that_have_one() -> None:
    assert hr.RaggedTensor.from_rows([[1], [], [2, 3]]).dtype == np.int64, "an empty list is no float64"
    assert hr.RaggedTensor.from_rows([[1], np.empty(0)]).dtype == np.float64, "an empty array is what it is"
    assert hr.RaggedTensor.from_rows([]).to_list() == [] == hr.RaggedTensor.from_rows([], np.int8).to_list()
    assert hr.RaggedTensor.from_rows([["a"], [], ["é", "ccc"]]).to_list() == [["a"], [], ["é", "ccc"]]
    assert hr.RaggedTensor.from_rows([[b"a"], []], bytes).to_list() == [[b"a"], []]
    assert hr.RaggedTensor.from_rows([np.ones((2, 3)), np.ones((1, 3))]).shape == (2, None, 3)
    with pytest.raises(TypeError, match=r"\[RaggedTensor\] rows must be all of text or all of numbers"):
        hr.RaggedTensor.from_rows([["a"], [1]])
    with pytest.raises(ValueError, match=r"\[RaggedTensor\] rows must have a first axis, got the scalar 3"):
        hr.RaggedTensor.from_rows([[1], 3])


@pytest.mark.asan
@given(st.sampled_from(NUMBERS + OTHERS), st.lists(st.integers(0, 5), max_size=6), st.sampled_from([(), (2,), (2, 1)]))
def test_padded_is_as_numpy_fills_it(dtype: str, lengths: list[int], tail: tuple[int, ...]) -> None:
    rows = ragged(dtype, lengths, tail)
    expected = np.full((len(lengths), max(lengths, default=0), *tail), np.array("NaT", dtype) if dtype[0] in "Mm" else np.zeros((), dtype))
    for i, n in enumerate(lengths):
        expected[i, :n] = rows.values[rows.row_splits[i] : rows.row_splits[i + 1]]
    got = rows.padded()
    assert got.tobytes() == expected.tobytes() and got.shape == expected.shape and got.dtype == expected.dtype and got.flags.writeable


def test_padded_takes_a_value_that_suits_the_dtype() -> None:
    rows = hr.RaggedTensor(np.array([1, 2, 3], "i1"), [0, 1, 1, 3])
    assert same(rows.padded(-1), np.array([[1, -1], [-1, -1], [2, 3]], "i1"))
    texts = hr.RaggedTensor(["a", "bc", "d"], [0, 1, 3])
    assert texts.padded().tolist() == [["a", ""], ["bc", "d"]] and texts.padded("-").tolist() == [["a", "-"], ["bc", "d"]]
    with pytest.raises(ValueError, match=r"\[RaggedTensor\] value must fit int8"):
        rows.padded(300)
    with pytest.raises(TypeError, match=r"\[RaggedTensor\] value must suit int8, got str"):
        rows.padded("x")
    with pytest.raises(ValueError, match="value must be a scalar"):
        rows.padded([1, 2])


@pytest.mark.asan
def test_parts_that_change_or_are_forged_are_checked_when_they_are_used() -> None:
    for splits in ([0, 10**9, 3], [0, 3, 10**9], [0, -5, 3], [1, 2, 3], []):
        with pytest.raises(ValueError, match=r"^\[RaggedTensor\] "):
            hr.RaggedTensor._make((np.arange(3), np.array(splits, np.int64))).padded()
    for index in ([[0, 10**12]], [[-1, 0]], [[2, 0]], [[0, -(2**63)]]):
        with pytest.raises(ValueError, match=r"^\[SparseTensor\] indices must lie in dense_shape \(2, 3\)"):
            hr.SparseTensor(index, [5], [2, 3]).to_dense()
        with pytest.raises(ValueError, match=r"indices of a SparseTensor must lie|must lie in dense_shape"):
            list(hr.from_tensor_slices(hr.SparseTensor(index, [5], [2, 3])).map(lambda row: row.to_dense()))
    with pytest.raises((ValueError, MemoryError)):
        hr.SparseTensor([[0, 0]], [5], [2**62, 2**62]).to_dense()


@pytest.mark.asan
@given(sparse_tensors())
def test_to_dense_adds_up_what_is_given_twice(sparse: hr.SparseTensor) -> None:
    assert same(sparse.to_dense(), dense_of(sparse))


@given(sparse_tensors(OTHERS, doubles=False))
def test_to_dense_of_dtypes_without_a_sum(sparse: hr.SparseTensor) -> None:
    got, kind = sparse.to_dense(), sparse.dtype.kind
    expected = np.full(sparse.shape, np.array("NaT", sparse.dtype) if kind in "Mm" else np.zeros((), sparse.dtype))
    expected[tuple(sparse.indices.T)] = sparse.values
    assert got.tobytes() == expected.tobytes() and got.dtype == expected.dtype and got.shape == expected.shape


def test_to_dense_of_texts_and_of_no_axes() -> None:
    assert hr.SparseTensor([[1]], ["é"], [3]).to_dense().tolist() == ["", "é", ""]
    assert hr.SparseTensor(np.empty((2, 0), np.int64), [5, 6], np.empty(0, np.int64)).to_dense() == 11
    with pytest.raises(ValueError, match=r"\[SparseTensor\] values of str are not added up: each place may have one, got a second at item 1"):
        hr.SparseTensor([[1], [1]], ["a", "b"], [3]).to_dense()
    with pytest.raises(ValueError, match="values of float16 are not added up"):
        hr.SparseTensor([[1], [1]], np.ones(2, np.float16), [3]).to_dense()


@given(sparse_tensors(axes=(2, 2)), st.sampled_from(["coo", "csr", "csc"]))
def test_scipy_has_the_same_items(sparse: hr.SparseTensor, form: str) -> None:
    pytest.importorskip("scipy")
    made = sparse.to_scipy(form)
    assert made.format == form and same(made.toarray(), sparse.to_dense())
    if form == "coo" and len(sparse.values):
        assert np.shares_memory(made.data, sparse.values) and made.nnz == len(sparse.values)
    back = hr.SparseTensor.from_scipy(made)
    assert same(back.to_dense(), sparse.to_dense()) and back.shape == sparse.shape
    if form != "coo":
        assert len({tuple(index) for index in back.indices.tolist()}) == len(back.values), "scipy has added up the doubles"


@given(sparse_tensors(axes=(1, 1)))
def test_one_axis_goes_to_scipy_and_back(sparse: hr.SparseTensor) -> None:
    pytest.importorskip("scipy")
    made = sparse.to_scipy()
    assert made.shape == sparse.shape and same(made.toarray(), sparse.to_dense())
    assert hr.SparseTensor.from_scipy(made) == sparse
    before = pickle.loads(pickle.dumps(sparse))
    assert same(sparse.to_scipy("csr").toarray(), sparse.to_dense()) and sparse == before


@pytest.mark.parametrize("form", ["coo", "csr", "csc", "lil", "dok", "bsr", "dia"])
@pytest.mark.parametrize("kind", ["array", "matrix"])
def test_every_format_of_scipy_comes_in(form: str, kind: str) -> None:
    scipy = pytest.importorskip("scipy.sparse")
    dense = np.array([[0, 0, 5], [6, 0, 0]])
    there = getattr(scipy, f"coo_{kind}")(dense).asformat(form)
    sparse = hr.SparseTensor.from_scipy(there)
    assert same(sparse.to_dense(), dense)
    if form in ("coo", "csr", "csc"):
        assert np.shares_memory(sparse.values, there.data), "the values are not copied"


def test_what_scipy_has_not_is_refused_in_words() -> None:
    pytest.importorskip("scipy")
    with pytest.raises(ValueError, match="'csc' must have 2 axes at least and 2 at most, got 1"):
        hr.SparseTensor([[0]], [1], [2]).to_scipy("csc")
    with pytest.raises(ValueError, match="format must be 'coo', 'csr' or 'csc', got 'lil'"):
        hr.SparseTensor([[0]], [1], [2]).to_scipy("lil")
    for dtype in (np.float16, "U3", "M8[s]"):
        with pytest.raises(TypeError, match="scipy must have the dtype of the values"):
            hr.SparseTensor([[0]], np.zeros(1, dtype), [2]).to_scipy()
    with pytest.raises(TypeError, match=r"\[SparseTensor\] from_scipy needs a scipy.sparse array, got ndarray"):
        hr.SparseTensor.from_scipy(np.eye(2))


def test_scipy_is_imported_when_it_is_needed_and_missed_in_words() -> None:
    program = """
import sys
import headrace as hr
sparse = hr.SparseTensor([[0]], [1], [2])
sparse.to_dense()
assert "scipy" not in sys.modules
sys.modules["scipy.sparse"] = None
try:
    sparse.to_scipy()
except ImportError as error:
    print(error)
"""
    ended = children.run(program)
    assert ended.out == "[SparseTensor] to_scipy needs scipy; install it: pip install scipy\n", ended.err


def test_components_are_equal_by_their_parts() -> None:
    a = hr.RaggedTensor([1, 2, 3], [0, 1, 3])
    assert a == hr.RaggedTensor([1, 2, 3], [0, 1, 3]) and a != hr.RaggedTensor([1, 2, 3], [0, 2, 3]) and a != hr.RaggedTensor([1.0, 2, 3], [0, 1, 3])
    s = hr.SparseTensor([[0, 2]], [5], [2, 3])
    assert s == hr.SparseTensor([[0, 2]], [5], [2, 3]) and s != hr.SparseTensor([[0, 2]], [5], [2, 4]) and s != a and a != 3
    ds = hr.from_tensors((a, s))
    assert ds.element_spec == hr.from_tensors((a, s)).element_spec != hr.from_tensors((s, s)).element_spec
    assert ds.get_single_element() == (a, s)
    with pytest.raises(TypeError, match=r"\[RaggedTensor\] padded\(\) needs arrays"):
        ds.element_spec[0].padded()
    with pytest.raises(TypeError, match="unhashable"):
        hash(a)


@given(sparse_tensors(NUMBERS + OTHERS, axes=(1, 3)), st.integers(1, 4))
def test_a_sparse_tensor_is_sliced_batched_and_unbatched(sparse: hr.SparseTensor, size: int) -> None:
    ds = hr.from_tensor_slices(sparse)
    order = np.argsort(sparse.indices[:, 0], kind="stable")
    whole = hr.SparseTensor(sparse.indices[order], sparse.values[order], sparse.dense_shape)
    rows = list(ds)
    assert len(ds) == len(sparse) and all(type(row) is hr.SparseTensor and row.shape == sparse.shape[1:] for row in rows)
    for i, row in enumerate(rows):
        held = whole.indices[:, 0] == i
        assert row == hr.SparseTensor(whole.indices[held, 1:], whole.values[held], sparse.dense_shape[1:])
        assert ds[i] == row
    assert ds.batch(len(sparse)).get_single_element() == whole == ds.gather(range(len(sparse)))
    batches = ds.batch(size)
    assert list(batches.unbatch()) == rows == list(batches.rebatch(size + 1).unbatch())
    assert list(batches.rebatch(3)) == list(ds.batch(3))
    if sparse.dtype.kind in "biufc" and sparse.dtype != np.float16:
        assert np.array_equal(np.concatenate([batch.to_dense() for batch in batches]), sparse.to_dense())
    spec = batches.element_spec
    assert spec.shape == (None,) * len(sparse.shape) and spec.dtype == sparse.dtype and batches.unbatch().element_spec == ds.element_spec
    shuffled = list(ds.shuffle(seed=3))
    assert shuffled == [rows[i] for i in hr.range(len(rows)).shuffle(seed=3)]
    assert list(ds.filter(lambda row: True).shuffle(2, seed=3).batch(size)) == list(ds.filter(lambda row: True).shuffle(2, seed=3).batch(size))


def test_a_batch_has_the_largest_sizes_of_its_sparse_tensors() -> None:
    ds = hr.from_generator(lambda: [hr.SparseTensor([[1]], [5], [3]), hr.SparseTensor([[4]], [6], [6])])
    assert ds.batch(2).get_single_element() == hr.SparseTensor([[0, 1], [1, 4]], [5, 6], [2, 6]), "as in tf.data"
    other = hr.from_generator(lambda: [hr.SparseTensor([[1]], [5], [3]), hr.SparseTensor([[4, 0]], [6], [6, 2])])
    with pytest.raises(ValueError, match="rows must have the same number of axes, got 2 for row 1 and 1 before"):
        list(other.batch(2))
    mixed = hr.from_generator(lambda: [hr.SparseTensor([[1]], [5], [3]), hr.SparseTensor([[1]], [5.0], [3])])
    with pytest.raises(ValueError, match=r"\[batch\] element 1 .*has dtype float64, the batch began with int64"):
        list(mixed.batch(2))


def test_rows_of_differing_length_are_told_of_both_ways_to_batch_them() -> None:
    with pytest.raises(ValueError, match=r"\[batch\] element 1 has shape \(2,\).*use padded_batch or ragged_batch"):
        list(hr.from_tensor_slices(hr.RaggedTensor([1, 2, 3], [0, 1, 3])).batch(2))


@pytest.mark.asan
def test_rows_without_items_go_through_a_buffered_shuffle() -> None:
    ds = hr.from_tensor_slices((np.zeros((300, 11, 0)), np.arange(300))).filter(lambda a, i: True)
    got = [(a.shape, int(i)) for a, i in ds.shuffle(280, seed=3)]
    assert sorted(i for _, i in got) == list(range(300)) and {shape for shape, _ in got} == {(11, 0)}


PAIR = (
    hr.RaggedTensor(np.arange(6.0), [0, 1, 1, 6]),
    hr.SparseTensor([[2, 1], [0, 2], [2, 0]], np.array([5, 6, 7], "i2"), [3, 4]),
)


def kept_by(name: str, ds: hr.Dataset, folder: Path) -> hr.Dataset:
    if name == "save":
        ds.save(folder)
        return hr.load(folder)
    if name == "write_hdf5":
        ds.write_hdf5(folder)
        return hr.from_hdf5(folder)
    ways: dict[str, Callable[[], hr.Dataset]] = {
        "cache": ds.cache,
        "cache(filename)": lambda: ds.cache(folder),
        "snapshot": lambda: ds.snapshot(folder),
        "prefetch": lambda: ds.prefetch(2),
        "pickle": lambda: pickle.loads(pickle.dumps(ds, protocol=5)),
        "map": lambda: ds.map(lambda *parts: parts if len(parts) > 1 else parts[0]),
        "interleave": lambda: hr.range(1).interleave(lambda _: ds),
    }
    return ways[name]()


@pytest.mark.parametrize("name", ["save", "write_hdf5", "cache", "cache(filename)", "snapshot", "prefetch", "pickle", "map", "interleave"])
@pytest.mark.parametrize("form", ["whole", "rows", "batches", "vectors", "their rows"])
def test_both_are_kept_by_whatever_keeps_elements(tmp_path: Path, name: str, form: str) -> None:
    vectors = (hr.RaggedTensor(["a", "é", ""], [0, 2, 3]), hr.SparseTensor([[1]], ["text"], [2]))
    ds = {
        "whole": lambda: hr.from_tensors(PAIR),
        "rows": lambda: hr.from_tensor_slices(PAIR),
        "batches": lambda: hr.from_tensor_slices(PAIR[1]).batch(2),
        "vectors": lambda: hr.from_tensors(vectors),
        "their rows": lambda: hr.from_tensor_slices(vectors),
    }[form]()
    if (name, form) == ("write_hdf5", "their rows"):  # write_hdf5 has sequences of numbers only
        with pytest.raises(TypeError, match="rows of text must be of one length"):
            kept_by(name, ds, tmp_path / "kept")
        return
    kept = kept_by(name, ds, tmp_path / "kept")
    for _ in range(2):
        assert [str(element) for element in kept] == [str(element) for element in ds]


def test_pickles_take_the_arrays_out_of_band() -> None:
    rows = hr.RaggedTensor(np.arange(10_000.0), [0, 10_000])
    sparse = hr.SparseTensor(np.arange(10_000)[:, None], np.arange(10_000.0), [10_000])
    for value in (rows, sparse):
        buffers: list[pickle.PickleBuffer] = []
        data = pickle.dumps(value, protocol=5, buffer_callback=buffers.append)
        assert len(data) < 1000 and len(buffers) >= 2
        assert pickle.loads(data, buffers=buffers) == value


def test_parts_are_the_arrays_that_were_given() -> None:
    splits, items = np.array([0, 1, 3]), np.arange(3.0)
    rows = hr.RaggedTensor(items, splits)
    assert rows.values is items and rows.row_splits is splits
    before = sys.getrefcount(items)
    row = hr.from_tensor_slices(rows)[1]
    assert np.shares_memory(row, items)
    del row
    sparse = hr.SparseTensor([[0, 2], [1, 0], [1, 2]], items, [2, 3])
    first, second = hr.from_tensor_slices(sparse)
    assert np.shares_memory(second.values, items) and second.values.tolist() == [1, 2] and not second.values.flags.writeable
    del sparse, first, second
    assert comes_true(lambda: sys.getrefcount(items) <= before)


def test_parts_may_be_tensors() -> None:
    (rows, sparse), = hr.from_tensors(PAIR).as_tensor_iterator()
    assert isinstance(rows.values, hr.Tensor) and rows.to_list() == PAIR[0].to_list() and rows == PAIR[0]
    assert same(rows.padded(), PAIR[0].padded()) and same(sparse.to_dense(), PAIR[1].to_dense())
    assert sparse.shape == (3, 4) and hr.make_tensor_proto(rows.values) == hr.make_tensor_proto(PAIR[0].values)
