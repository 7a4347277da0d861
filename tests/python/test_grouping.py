"""padded_batch, ragged_batch, sparse_batch, rebatch: values of every dtype, whose memory, and what bad input gets."""

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import headrace as hr
from settling import comes_true, live_bytes, settled_bytes

pytestmark = pytest.mark.asan

Rows = list[NDArray[Any]]


def ragged(rows: Rows) -> hr.RaggedTensor:
    return hr.RaggedTensor(np.concatenate(rows), np.cumsum([0, *map(len, rows)]))


def padded(rows: Rows, shape: tuple[int, ...], filling: Any) -> NDArray[Any]:
    out = np.full((len(rows), *shape), filling, dtype=max((row.dtype for row in rows), key=lambda dtype: dtype.itemsize))
    for i, row in enumerate(rows):
        out[(i, *map(slice, row.shape))] = row
    return out


def longest(rows: Rows) -> tuple[int, ...]:
    return tuple(max(sizes) for sizes in zip(*(row.shape for row in rows), strict=True))


def from_rows(rows: Rows, stream: bool = False) -> hr.Dataset:
    ds = hr.range(len(rows)).map(lambda i: rows[i])
    return ds.filter(lambda row: True) if stream else ds


shapes = st.integers(0, 3).flatmap(lambda rank: st.lists(st.tuples(*[st.integers(0, 4)] * rank), min_size=1, max_size=12))
dtypes = st.sampled_from(["bool", "uint8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64", "S3", "U2", "M8[s]", "m8[ms]"])


@given(shapes, dtypes, st.integers(1, 5), st.booleans(), st.data())
def test_padded_batch_is_the_model(shapes: list[tuple[int, ...]], dtype: str, size: int, stream: bool, data: st.DataObject) -> None:
    rows = [np.random.default_rng(i).integers(0, 50, shape).astype(dtype) for i, shape in enumerate(shapes)]
    filling = np.zeros((), dtype)[()] if dtype[0] not in "Mm" else np.array("NaT", dtype)[()]
    whole = longest(rows) if data.draw(st.booleans()) else None
    got = list(from_rows(rows, stream).padded_batch(size, whole))
    expected = [padded(rows[i : i + size], whole or longest(rows[i : i + size]), filling) for i in range(0, len(rows), size)]
    assert len(got) == len(expected)
    for batch, model in zip(got, expected, strict=True):
        assert batch.dtype == model.dtype
        np.testing.assert_array_equal(batch, model)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=20), st.sampled_from(["int8", "int32", "float64", "S3", "U2", "M8[D]"]), st.integers(1, 7), st.integers(0, 2))
def test_rows_of_a_ragged_tensor_are_padded_where_they_lie(lengths: list[int], dtype: str, size: int, axes: int) -> None:
    rows = [np.random.default_rng(i).integers(1, 50, (n, *[2] * axes)).astype(dtype) for i, n in enumerate(lengths)]
    ds = hr.from_tensor_slices((ragged(rows), np.arange(len(rows))))
    for stage in (lambda d: d, lambda d: d.shuffle(seed=3), lambda d: d.skip(1).shard(2, 0), lambda d: d.take(5).repeat(2)):
        order = [int(i) for i in stage(hr.range(len(rows))).iterator(epoch=0)]
        got = list(stage(ds).padded_batch(size).iterator(epoch=0))
        groups = [order[i : i + size] for i in range(0, len(order), size)]
        for (batch, numbers), group in zip(got, groups, strict=True):
            assert numbers.tolist() == group
            chosen = [rows[i] for i in group]
            np.testing.assert_array_equal(batch, padded(chosen, longest(chosen), np.zeros((), dtype)[()] if dtype[0] != "M" else np.datetime64("NaT")))


def test_texts_are_padded_with_empty_ones_or_any_other() -> None:
    rows: list[Any] = [["a", "bcd"], [], ["é" * 100]]
    ds = hr.range(3).map(lambda i: np.array(rows[i], object) if rows[i] else np.empty(0, "U1").astype(object))
    texts = hr.from_tensor_slices(hr.RaggedTensor(np.array(["a", "bcd", "é" * 100], object), np.array([0, 2, 2, 3])))
    for source in (texts, texts.filter(lambda row: True), ds):
        (batch,) = source.padded_batch(3)
        assert batch.dtype == object and batch.tolist() == [["a", "bcd"], ["", ""], ["é" * 100, ""]]
        (batch,) = source.padded_batch(3, padding_values="?")
        assert batch.tolist() == [["a", "bcd"], ["?", "?"], ["é" * 100, "?"]]
    (batch,) = hr.from_tensor_slices(hr.RaggedTensor(np.array([b"x"], object), [0, 0, 1])).padded_batch(2)
    assert batch.tolist() == [[b""], [b"x"]]


@pytest.mark.filterwarnings("ignore:overflow encountered in cast")
@pytest.mark.parametrize(
    "dtype, value",
    [
        ("int8", -7), ("uint64", 2**64 - 1), ("float32", 0.1), ("float16", 0.1), ("float16", 65520), ("float16", 6e-8), ("float16", -0.0),
        ("float64", float("nan")), ("complex64", 1 + 2j), ("int32", np.int8(3)), ("float32", 5), ("bool", True), ("S4", b"ab"), ("S4", np.bytes_(b"abcd")),
        ("U3", "äö"), ("U3", np.str_("abc")), ("M8[s]", np.datetime64("2020-01-01", "s")), ("M8[s]", np.datetime64("NaT")), ("m8[s]", np.timedelta64(4, "s")),
    ],
)  # fmt: skip
def test_padding_values_become_what_numpy_makes_of_them(dtype: str, value: Any) -> None:
    rows = [np.zeros(0, dtype), np.zeros(1, dtype)]
    (batch,) = hr.from_tensor_slices(ragged(rows)).padded_batch(2, padding_values=value)
    expected = np.array([value]).astype(dtype)
    assert batch.dtype == expected.dtype and batch[0].tobytes() == expected.tobytes()


def test_padding_values_of_bfloat16_are_rounded_to_even() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    dtype = np.dtype(ml_dtypes.bfloat16)
    rows = [np.zeros(0, dtype), np.zeros(1, dtype)]
    for value in (0.1, 1.00390625, 3.4e38, 1e-40, 0.0):
        (batch,) = hr.from_tensor_slices(ragged(rows)).padded_batch(2, padding_values=value)
        assert batch[0].tobytes() == np.array([value]).astype(dtype).tobytes()


def test_each_component_has_a_shape_and_a_padding_value() -> None:
    ds = hr.range(3).map(lambda i: {"a": np.ones(i, np.int32), "b": (np.ones((1, i)), i)})
    (batch,) = ds.padded_batch(3, {"a": [4], "b": ([2, None], [])}, {"a": -1, "b": (0.5, None)})
    assert batch["a"].tolist() == [[-1] * 4, [1, -1, -1, -1], [1, 1, -1, -1]]
    assert batch["b"][0].shape == (3, 2, 2) and batch["b"][0][0].tolist() == [[0.5, 0.5], [0.5, 0.5]]
    assert batch["b"][1].tolist() == [0, 1, 2]
    pair = hr.range(2).map(lambda i: (np.ones(i), np.ones(i)))
    for shapes in (None, (None, None), ([None], [-1]), (-1, None), (1, 1), ([1], 1)):
        ((a, b),) = pair.padded_batch(2, shapes)
        assert a.tolist() == b.tolist() == [[0], [1]]


def test_the_spec_is_known_before_anything_runs() -> None:
    rows = ragged([np.ones((n, 2), np.float32) for n in (1, 3)])
    ds = hr.from_tensor_slices((rows, np.arange(2)))
    label = hr.TensorSpec((2,), np.int64)
    assert ds.padded_batch(2).element_spec == (hr.TensorSpec((2, None, 2), np.float32), label)
    assert ds.padded_batch(2, ([5, None], [])).element_spec == (hr.TensorSpec((2, 5, 2), np.float32), label)
    spec, other = ds.ragged_batch(2).element_spec
    assert isinstance(spec, hr.RaggedTensor) and other == label and spec.shape == (2, None, 2) and spec.dtype == np.float32
    assert (spec.values, spec.row_splits) == (hr.TensorSpec((None, 2), np.float32), hr.TensorSpec((3,), np.int64))
    sparse = ds.map(lambda x, y: x, output_signature=hr.TensorSpec((None, 2), np.float32)).sparse_batch(2, [None, 2]).element_spec
    assert isinstance(sparse, hr.SparseTensor) and sparse.indices == hr.TensorSpec((None, 3), np.int64) and sparse.shape == (None,) * 3


ragged_pair = hr.from_tensor_slices((hr.RaggedTensor([1, 2, 3], [0, 1, 3]), np.arange(2)))
BAD: list[tuple[Any, type[Exception], str]] = [
    (lambda: ragged_pair.padded_batch(0), ValueError, r"\[padded_batch\] batch_size must be >= 1, got 0"),
    (lambda: ragged_pair.padded_batch(2, [3]), ValueError, r"padded_shapes must have the structure of the elements, \(\., \.\), got \(3,\)"),
    (lambda: ragged_pair.padded_batch(2, ([2, 2], [])), ValueError, r"rank of the rows, component \[0\] got \(2, 2\) for int64\(\?\)"),
    (lambda: ragged_pair.padded_batch(2, ([-2], [])), ValueError, r"padded_shapes\[0\]\[0\] must be a size >= 0, -1 or None, got -2"),
    (lambda: ragged_pair.padded_batch(2, "x"), TypeError, "padded_shapes must be a shape, or a tuple or dict of shapes, got 'x'"),
    (lambda: ragged_pair.padded_batch(2, padding_values=1.5), ValueError, r"padding_values for component \[0\] must fit int64, got a float64"),
    (lambda: ragged_pair.padded_batch(2, padding_values=("a", 0)), TypeError, r"padding_values for component \[0\] must suit int64, got str"),
    (lambda: ragged_pair.padded_batch(2, padding_values=[1, 2]), ValueError, "must be a scalar, got shape"),
    (lambda: ragged_pair.padded_batch(2, padding_values=(1,)), ValueError, "padding_values must have the structure"),
    (lambda: hr.from_tensor_slices(np.ones((4, 3))).padded_batch(2, [2]), ValueError, r"padded_shapes must hold the rows, got \(2,\) for float64\(3\)"),
    (lambda: list(ragged_pair.padded_batch(2, ([1], []))), ValueError, r"element 1 component \[0\] has shape \(2,\), which does not fit in padded_shapes \(1,\)"),
    (lambda: list(from_rows([np.ones(2), np.ones((2, 2))]).padded_batch(2)), ValueError, r"element 1 has shape \(2, 2\), the batch began with \(2,\)"),
    (lambda: list(from_rows([np.ones(2), np.ones(2, "i4")]).padded_batch(2)), ValueError, "element 1 has dtype int32, the batch began with float64"),
    (lambda: list(from_rows([np.ones((1, 2)), np.ones((1, 3))]).ragged_batch(2)), ValueError, r"element 1 has shape \(1, 3\).*use padded_batch"),
    (lambda: hr.from_tensors(hr.RaggedTensor([1], [0, 1])).ragged_batch(2), ValueError, r"\[ragged_batch\] a RaggedTensor cannot be joined"),
    (lambda: hr.from_tensors(hr.RaggedTensor([1], [0, 1])).batch(2), ValueError, r"\[batch\] a RaggedTensor cannot be joined"),
    (lambda: list(hr.range(2).map(lambda i: hr.RaggedTensor([1], [0, 1])).batch(2)), ValueError, r"\[batch\] a RaggedTensor cannot be joined"),
    (lambda: hr.from_tensors(hr.SparseTensor(np.empty((1, 0), np.int64), [1], np.empty(0, np.int64))).unbatch(), ValueError, r"\[unbatch\] a SparseTensor must have a first axis"),
    (lambda: hr.from_tensors(hr.SparseTensor(np.empty((1, 0), np.int64), [1], np.empty(0, np.int64))).rebatch(2), ValueError, r"\[rebatch\] a SparseTensor must have a first axis"),
    (lambda: list(hr.range(1).map(lambda i: hr.SparseTensor([[5]], [1], [3])).unbatch()), ValueError, r"\[unbatch\] the indices of a SparseTensor must lie in it, got 5 at item 0 for 3 rows"),
    (lambda: list(hr.range(2).map(lambda i: (hr.RaggedTensor([1], [0, 1]), np.ones(2))).unbatch()), ValueError, r"\[unbatch\] all arrays must have the same first size"),
    (lambda: hr.from_tensors((hr.RaggedTensor([1], [0, 1]), np.ones(2))).unbatch(), ValueError, r"\[unbatch\] all components must have the same first size"),
    (lambda: ragged_pair.sparse_batch(2, [3]), ValueError, r"\[sparse_batch\] elements must be one array"),
    (lambda: hr.range(3).sparse_batch(2, [3]), ValueError, r"row_shape must have the rank of the rows, got \(3,\) for int64\(\)"),
    (lambda: hr.from_tensor_slices(np.ones((2, 3))).sparse_batch(2, [2]), ValueError, "row_shape must hold the rows"),
    (lambda: list(from_rows([np.ones(1), np.ones(3)]).sparse_batch(2, [2])), ValueError, r"element 1 has shape \(3,\), which does not fit in row_shape \(2,\)"),
    (lambda: hr.range(3).sparse_batch(2, ([1], [2])), ValueError, "row_shape must be one shape"),
    (lambda: hr.range(3).rebatch(2), ValueError, r"\[rebatch\] every component must have a first axis"),
    (lambda: hr.from_tensor_slices(hr.SparseTensor(np.empty((1, 0), np.int64), [1], np.empty(0, np.int64))), ValueError, "a SparseTensor must have a first axis"),
    (lambda: hr.RaggedTensor([1, 2], [0, 1]), ValueError, r"\[RaggedTensor\] row_splits must end at the length of values, 2, got 1"),
    (lambda: hr.RaggedTensor([1, 2], [1, 2]), ValueError, "row_splits must start at 0, got"),
    (lambda: hr.RaggedTensor([1, 2], np.empty(0, np.int64)), ValueError, "row_splits must start at 0"),
    (lambda: hr.RaggedTensor([1, 2], [0, 3, 2]), ValueError, "row_splits must never fall, got 2 after 3"),
    (lambda: hr.RaggedTensor([1, 2], np.array([0, 2], "i4")), TypeError, r"row_splits must be int64, got int32; use astype\(np.int64\)"),
    (lambda: hr.RaggedTensor([1, 2], [[0, 2]]), ValueError, "row_splits must have 1 axis, got 2"),
    (lambda: hr.RaggedTensor(1, [0]), ValueError, "values must have a first axis"),
    (lambda: hr.SparseTensor([[0]], [1, 2], [3]), ValueError, "each value must have one row of indices, got 1 for 2"),
    (lambda: hr.SparseTensor([[0, 1]], [1], [3]), ValueError, "a column for each axis, got 2 for 1"),
    (lambda: hr.SparseTensor([[0]], [1], [-3]), ValueError, "must be >= 0"),
]  # fmt: skip


@pytest.mark.parametrize("call, error, text", BAD, ids=range(len(BAD)))
def test_a_bad_argument_is_named(call: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        call()


def test_row_splits_changed_later_lead_nowhere() -> None:
    splits = np.array([0, 1, 3])
    ds = hr.from_tensor_slices(hr.RaggedTensor(np.arange(3), splits))
    splits[1] = 10**9
    assert [row.tolist() for row in ds] == [[0], [1, 2]]
    forged = hr.RaggedTensor._make((np.arange(3), np.array([0, 10**9, 3])))
    with pytest.raises(ValueError, match="must never fall"):
        hr.from_tensor_slices(forged)


def test_ragged_batches_in_order_are_views_of_the_values() -> None:
    values = np.arange(100, dtype=np.int32)
    ds = hr.from_tensor_slices(hr.RaggedTensor(values, np.arange(0, 101, 10)))
    first, second, third = ds.ragged_batch(4)
    assert first.values.ctypes.data == values.ctypes.data and not first.values.flags.writeable
    assert second.values.ctypes.data == values[40:].ctypes.data
    assert third.row_splits.tolist() == [0, 10, 20]
    values[0] = 77
    assert first.values[0] == 77


def test_ragged_values_are_delivered_without_a_copy() -> None:
    rows = [np.full(n, n, np.float64) for n in (1000, 500, 2000)]
    shuffled = hr.from_tensor_slices(ragged(rows)).shuffle(seed=1).ragged_batch(3)
    before = settled_bytes()
    (batch,) = shuffled
    assert batch.values.nbytes == 8 * 3500 and batch.values.flags.writeable
    held = live_bytes() - before
    assert 8 * 3500 <= held < 8 * 3500 * 1.3, "the values are there once"
    assert batch.values.ctypes.data % 64 == 0
    del batch
    assert comes_true(lambda: live_bytes() == before)


def test_rebatch_gives_views_where_one_batch_serves() -> None:
    x = np.arange(24).reshape(12, 2)
    for ds in (hr.from_tensor_slices(x).batch(6), hr.from_tensor_slices(x).batch(6).filter(lambda b: True)):
        batches = list(ds.rebatch(2))
        assert [b.ctypes.data for b in batches] == [x[i:].ctypes.data for i in range(0, 12, 2)]
        assert [b.tolist() for b in ds.rebatch(4)] == [x[i : i + 4].tolist() for i in range(0, 12, 4)]


@given(st.lists(st.integers(0, 6), max_size=12), st.integers(1, 7), st.booleans())
def test_rebatch_joins_batches_of_any_sizes(sizes: list[int], size: int, drop: bool) -> None:
    parts = [np.full((n, 2), i) for i, n in enumerate(sizes)]
    got = list(from_rows(parts).rebatch(size, drop))
    whole = np.concatenate(parts) if parts else np.empty((0, 2), int)
    expected = [whole[i : i + size] for i in range(0, len(whole), size)]
    expected = [batch for batch in expected if len(batch) == size or not drop]
    assert [batch.tolist() for batch in got] == [batch.tolist() for batch in expected]


@given(st.lists(st.integers(0, 4), min_size=1, max_size=12), st.integers(1, 5), st.integers(1, 5), st.sampled_from(["random access", "stream", "unknown"]))
def test_ragged_batches_are_split_and_cut_anew(lengths: list[int], inner: int, size: int, form: str) -> None:
    rows = [np.full(n, i) for i, n in enumerate(lengths)]
    ds = hr.from_tensor_slices((ragged(rows), np.arange(len(rows))))
    batches = ds.filter(lambda *_: True).ragged_batch(inner) if form == "stream" else ds.ragged_batch(inner)
    if form == "unknown":
        batches = batches.map(lambda r, i: (hr.RaggedTensor(r.values, r.row_splits), i))
    unbatched = batches.unbatch()
    assert unbatched.random_access == (form == "random access")
    assert [(row.tolist(), int(i)) for row, i in unbatched] == [(row.tolist(), i) for i, row in enumerate(rows)]
    if form == "random access":
        assert len(unbatched) == len(rows) and [row.tolist() for row, _ in unbatched.shuffle(seed=1)] == [row.tolist() for row, _ in ds.shuffle(seed=1)]
    if form != "unknown":
        again = list(batches.rebatch(size))
        assert [(r.values.tolist(), r.row_splits.tolist(), i.tolist()) for r, i in again] == [
            (r.values.tolist(), r.row_splits.tolist(), i.tolist()) for r, i in ds.ragged_batch(size)
        ]


def test_a_stage_of_batches_pickles_and_goes_on_from_a_state() -> None:
    for ds in (hr.range(20).batch(6).rebatch(4), ragged_pair.repeat(5).ragged_batch(3).rebatch(2), ragged_pair.repeat(5).padded_batch(3)):
        again = pickle.loads(pickle.dumps(ds))
        assert again.fingerprint() == ds.fingerprint() and again.explain() == ds.explain()
        iterator, other = iter(ds), iter(again)
        next(iterator)
        other.load_state_dict(iterator.state_dict())
        assert [str(element) for element in iterator] == [str(element) for element in other]


def test_component_classes_are_values_that_cannot_be_changed() -> None:
    rt = hr.RaggedTensor([1, 2, 3], [0, 1, 3])
    sp = hr.SparseTensor([[0, 2]], [5], [2, 3])
    assert (len(rt), rt.shape, rt.dtype) == (2, (2, None), np.int64)
    assert (len(sp), sp.shape, sp.dtype) == (2, (2, 3), np.int64)
    for value in (rt, sp):
        with pytest.raises(AttributeError, match="cannot be changed"):
            value.values = np.arange(3)  # type: ignore[misc]
        with pytest.raises(AttributeError):
            del value._parts
        assert type(value).__name__ in repr(value) and not isinstance(value, tuple)
        again = pickle.loads(pickle.dumps(value, protocol=5))
        assert type(again) is type(value) and again.values.tolist() == value.values.tolist()
    with pytest.raises(TypeError, match="no len"):
        len(hr.SparseTensor(np.empty((1, 0), np.int64), [5], np.empty(0, np.int64)))


def test_component_classes_go_through_plans_as_they_are() -> None:
    rt = hr.RaggedTensor(np.arange(6.0), np.array([0, 1, 6]))
    sp = hr.SparseTensor([[0, 2]], ["x"], [2, 3])
    ds = hr.from_tensors({"r": rt, "s": sp})
    for plan in (ds, ds.map(lambda e: e), ds.filter(lambda e: True).prefetch(1), ds.cache(), ds.repeat(2), pickle.loads(pickle.dumps(ds))):
        for element in plan:
            assert type(element["r"]) is hr.RaggedTensor and type(element["s"]) is hr.SparseTensor
            assert element["r"].values.tolist() == [0, 1, 2, 3, 4, 5] and element["s"].values.tolist() == ["x"]
    assert next(iter(ds))["r"].values.ctypes.data == rt.values.ctypes.data
    doubled = ds.map(lambda e: hr.RaggedTensor(e["r"].values * 2, e["r"].row_splits))
    assert doubled.get_single_element().values.tolist() == [0, 2, 4, 6, 8, 10]
    typed = ds.map(lambda e: e["r"], output_signature=hr.RaggedTensor(hr.TensorSpec((None,), float), hr.TensorSpec((None,), np.int64)))
    assert typed.get_single_element().row_splits.tolist() == [0, 1, 6]


def test_a_ragged_result_that_nobody_else_holds_is_adopted() -> None:
    address = []

    def make(i: np.int64) -> hr.RaggedTensor:
        values = np.arange(10_000)
        address.append(values.ctypes.data)
        return hr.RaggedTensor(values, [0, 10_000])

    for element in hr.range(1).map(make):
        assert element.values.ctypes.data == address[0]


def test_plans_of_other_shapes_or_padding_are_other_plans() -> None:
    plans = [
        ragged_pair.padded_batch(2),
        ragged_pair.padded_batch(2, padding_values=1),
        ragged_pair.padded_batch(2, padding_values=2),
        ragged_pair.padded_batch(2, ([3], [])),
        ragged_pair.ragged_batch(2),
    ]
    assert len({plan.fingerprint() for plan in plans}) == len(plans)
    for plan in plans:
        assert pickle.loads(pickle.dumps(plan)).fingerprint() == plan.fingerprint()
    assert "padded_shapes=((3,), ())" in plans[3].explain()
