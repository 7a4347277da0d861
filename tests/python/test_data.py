"""Data in and out: structures, dtypes, text, and what a batch is."""

import collections
import dataclasses
from typing import Any, NamedTuple

import numpy as np
import pytest

import headrace as hr


class Point(NamedTuple):
    x: Any
    y: Any


@dataclasses.dataclass
class Sample:
    image: Any
    label: Any


DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64",
    "complex64", "complex128", "datetime64[ns]", "datetime64[D]", "datetime64[25s]", "timedelta64[ms]", "S3", "U4",
]  # fmt: skip


def some(dtype: Any) -> Any:
    return np.arange(24).reshape(12, 2).astype("int64" if np.dtype(dtype).kind in "mM" else "uint8").astype(dtype)


@pytest.mark.asan
@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_out_as_it_went_in(dtype: str) -> None:
    x = some(dtype)
    for ds in (hr.from_tensor_slices(x), hr.from_tensor_slices(x).map(lambda row: row), hr.from_tensor_slices(x).filter(lambda row: True)):
        for stream in (ds.batch(5), ds.batch(5).unbatch().batch(5), ds.shuffle(3, seed=1).batch(5)):
            got = np.concatenate(list(stream))
            assert got.dtype == x.dtype and np.array_equal(np.sort(got, axis=0), np.sort(x, axis=0))
        element = next(iter(ds))
        assert element.dtype == x.dtype and np.array_equal(element, x[0])
    spec = hr.from_tensor_slices(x).element_spec
    assert spec.dtype == x.dtype and tuple(spec.shape) == (2,)


@pytest.mark.asan
def test_structured_dtypes_come_out_as_they_went_in() -> None:
    x = np.zeros(10, [("a", "<i4"), ("b", "<f8", (2,)), ("c", "S3")])
    x["a"], x["c"] = np.arange(10), b"xy"
    for ds in (hr.from_tensor_slices(x).batch(4), hr.from_tensor_slices(x).map(lambda r: r).batch(4)):
        got = np.concatenate(list(ds))
        assert got.dtype == x.dtype and np.array_equal(got, x)


def test_other_byte_orders_come_out_native() -> None:
    x = np.arange(10, dtype=">i4")
    (b,) = hr.from_tensor_slices(x).batch(10)
    assert b.dtype == np.dtype("int32") and b.dtype.isnative and np.array_equal(b, x)


def test_bfloat16_where_ml_dtypes_is_installed() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.arange(10).astype(ml_dtypes.bfloat16)
    (b,) = hr.from_tensor_slices(x).shuffle(1).batch(10)
    assert b.dtype == x.dtype and np.array_equal(b, x)


@pytest.mark.asan
@pytest.mark.parametrize("words", [["a", "", "häh", "long" * 100, "\0"], [b"a", b"", b"\xff\0", b"long" * 100, b"\n"]])
def test_text_has_any_length(words: list[Any]) -> None:
    for source in (words, np.array(words, object)):
        ds = hr.from_tensor_slices(source)
        assert list(ds) == words and type(next(iter(ds))) is type(words[0])
        (b,) = ds.batch(5)
        assert b.dtype == object and b.tolist() == words
        assert list(ds.filter(lambda w: True).batch(2).unbatch()) == words
        assert list(ds.map(lambda w: w + w)) == [w + w for w in words]
        assert sorted(ds.shuffle(seed=1)) == sorted(words)
        assert list(ds.repeat(2).skip(3).take(4)) == (words * 2)[3:7]


def test_batch_takes_the_widest_of_fixed_text() -> None:
    (b,) = hr.range(3).map(lambda i: np.array("x" * (int(i) + 1))).batch(3)
    assert b.dtype == np.dtype("U3") and b.tolist() == ["x", "xx", "xxx"]


def test_lists_are_array_data() -> None:
    assert [b.tolist() for b in hr.from_tensor_slices([[1, 2], [3, 4]]).batch(2)] == [[[1, 2], [3, 4]]]
    assert next(iter(hr.from_tensor_slices([1.5, 2.5]))).dtype == np.float64
    assert next(iter(hr.from_tensor_slices([True, False]))).dtype == np.bool_


@pytest.mark.asan
def test_structures_come_out_as_they_went_in() -> None:
    a, b = np.arange(6), np.arange(12.0).reshape(6, 2)
    for structure in (
        (a, b), (a,), {"b": b, "a": a}, Point(a, b), Sample(a, b), (a, {"p": Point(b, (a, None))}), {"x": (a,)},
    ):  # fmt: skip
        for ds in (hr.from_tensor_slices(structure), hr.from_tensor_slices(structure).filter(lambda *_: True)):
            element = next(iter(ds))
            batch = next(iter(ds.batch(4)))
            assert shape_of(element) == shape_of(batch) == shape_of(structure)
            assert all(np.array_equal(p, q[:4]) for p, q in zip(leaves(batch), leaves(structure), strict=True))


def shape_of(structure: Any) -> Any:
    if isinstance(structure, dict):
        return {key: shape_of(part) for key, part in structure.items()}, list(structure)
    if dataclasses.is_dataclass(structure):
        return type(structure), [shape_of(getattr(structure, f.name)) for f in dataclasses.fields(structure)]
    if isinstance(structure, tuple):
        return type(structure), [shape_of(part) for part in structure]
    return None if structure is None else "leaf"


def leaves(structure: Any) -> list[Any]:
    if structure is None:
        return []
    parts = (
        structure.values() if isinstance(structure, dict)
        else [getattr(structure, f.name) for f in dataclasses.fields(structure)] if dataclasses.is_dataclass(structure)
        else structure if isinstance(structure, tuple)
        else None
    )  # fmt: skip
    return [structure] if parts is None else [leaf for part in parts for leaf in leaves(part)]


def test_the_same_keys_in_another_order_are_the_same_structure() -> None:
    a = hr.from_tensor_slices({"x": np.arange(3), "y": np.arange(3) * 10})
    b = hr.from_tensor_slices({"y": np.arange(3) * 100, "x": np.arange(3)})
    both = list(a.concatenate(b).batch(6))
    assert both[0]["y"].tolist() == [0, 10, 20, 0, 100, 200] and both[0]["x"].tolist() == [0, 1, 2, 0, 1, 2]
    flip = [{"a": 1, "b": 2}, {"b": 4, "a": 3}]
    (b2,) = hr.range(2).map(lambda i: flip[i]).batch(2)
    assert b2["a"].tolist() == [1, 3] and b2["b"].tolist() == [2, 4]


def test_only_a_plain_tuple_is_unpacked_into_a_function() -> None:
    a = np.arange(3)
    assert [int(v) for v in hr.from_tensor_slices((a, a)).map(lambda p, q: p + q)] == [0, 2, 4]
    assert [int(v) for v in hr.from_tensor_slices((a,)).map(lambda p: p)] == [0, 1, 2]
    assert [int(v) for v in hr.from_tensor_slices(Point(a, a)).map(lambda point: point.x + point.y)] == [0, 2, 4]
    assert [int(v) for v in hr.from_tensor_slices({"a": a}).map(lambda d: d["a"])] == [0, 1, 2]


def test_single_elements_are_numpy_scalars_and_arrays() -> None:
    scalar, row = next(iter(hr.from_tensor_slices((np.arange(3), np.zeros((3, 2))))))
    assert isinstance(scalar, np.int64) and isinstance(row, np.ndarray)
    assert hr.from_tensors(np.arange(3)).get_single_element().tolist() == [0, 1, 2]


def test_what_a_function_returns_keeps_its_type() -> None:
    results: list[Any] = [1, 1.5, True, "text", b"bytes", [1, 2], np.float32(1), np.zeros((2, 0)), (1, "a"), {"k": [True]}, Point(1, 2), None]
    for result in results:
        (element,) = hr.range(1).map(lambda i, result=result: result)
        assert shape_of(element) == shape_of(tuple(result) if type(result) is tuple else result)
        assert all(np.asarray(p).tolist() == np.asarray(q).tolist() for p, q in zip(leaves(element), leaves(result), strict=True))
    assert collections.Counter(type(v) for v in hr.range(2).map(str)) == {str: 2}


def test_reduce_and_single_element() -> None:
    assert int(hr.range(10).reduce(np.int64(0), lambda state, i: state + i)) == 45
    assert int(hr.from_tensor_slices((np.arange(4), np.arange(4))).reduce(0, lambda state, pair: state + pair[0] * pair[1])) == 14
    with pytest.raises(ValueError):
        hr.range(2).get_single_element()
    with pytest.raises(ValueError):
        hr.range(0).get_single_element()


@pytest.mark.asan
def test_gather_slices_and_getitems() -> None:
    x = np.arange(40).reshape(20, 2)
    ds = hr.from_tensor_slices(x)
    assert np.array_equal(ds.gather([3, 0, 3]), x[[3, 0, 3]])
    assert np.array_equal(ds.gather([-1, 0]), x[[-1, 0]])
    with pytest.raises(ValueError):
        ds.gather([])
    assert [e.tolist() for e in ds.__getitems__([5, 1])] == [[10, 11], [2, 3]]
    for cut in (slice(3, None), slice(None, -4), slice(None, None, 3), slice(-9, 15, 2), slice(30, 40), slice(5, 2)):
        assert np.array_equal(np.array(list(ds[cut])).reshape(-1, 2), x[cut])
    with pytest.raises(ValueError, match=r"\[slice\] step must be >= 1, got -1"):
        ds[::-1]


def test_datasets_stay_datasets_in_repeat_and_concatenate() -> None:
    windows = hr.range(5).window(2)
    expected = [[0, 1], [2, 3], [4]]
    for ds, lists in (
        (windows.repeat(2), expected * 2),
        (windows.concatenate(windows.skip(1)), expected + expected[1:]),
        (windows.repeat(2).shard(2, 1), [[2, 3], [0, 1], [4]]),
    ):
        assert [[int(i) for i in window] for window in ds] == lists
        assert [[int(i) for i in ds[place]] for place in range(len(ds))] == lists
    (first, place), *_ = hr.zip((windows, hr.range(9))).repeat(2).skip(3)
    assert [int(i) for i in first] == [0, 1] and place == 0
