"""hr.Tensor: whose memory it is, indexing by NumPy's rules, conversions, and iterators that give it."""

import array
import copy
import ctypes
import gc
import pickle
import sys
import threading
import weakref
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
    "datetime64[ns]", "timedelta64[25s]", "S3", "U5",
]  # fmt: skip


def address(x: Any) -> int:
    return int(np.asarray(x).__array_interface__["data"][0])


def strided(x: Any) -> list[Any]:
    """Views of x: negative, skipping, transposed and zero strides."""
    return [x, x[::-1], x[..., ::2], x.T, np.broadcast_to(x, (2, *x.shape)), x[1:1]]


def same(t: hr.Tensor, x: Any) -> None:
    assert isinstance(t, hr.Tensor) and t.shape == x.shape and t.dtype == x.dtype
    assert np.array_equal(t.numpy(), x)


@pytest.mark.asan
def test_numpy_shares_memory_in_both_directions_and_outlives_the_tensor() -> None:
    x = np.zeros((3, 4))
    t = hr.tensor(x)
    y = t.numpy()
    assert address(y) == address(t) == address(x) and y.flags.writeable
    x[0, 0], y[1, 1], t[2, 2] = 1, 2, 3
    assert x[1, 1] == 2 and y[0, 0] == 1 and x[2, 2] == 3
    del t, x
    gc.collect()
    assert y[1, 1] == 2 and y.sum() == 6
    z = hr.tensor([[1, 2], [3, 4]]).numpy()  # memory that only the array knows
    hr.tensor(np.ones(1000)).copy()
    assert z.tolist() == [[1, 2], [3, 4]]


@pytest.mark.asan
def test_the_array_below_lives_as_long_as_a_view_and_no_longer() -> None:
    x = np.zeros(100)
    before = sys.getrefcount(x)
    views = [hr.tensor(x), hr.tensor(x)[10:], hr.tensor(x).numpy(), np.asarray(hr.tensor(x)), memoryview(hr.tensor(x))]
    views += [hr.tensor(x).T, hr.tensor(x).reshape(10, 10), np.from_dlpack(hr.tensor(x)), iter(hr.tensor(x))]
    assert sys.getrefcount(x) > before
    del views
    gc.collect()
    assert sys.getrefcount(x) == before


def test_a_read_only_array_gives_a_read_only_tensor() -> None:
    x = np.arange(3)
    x.flags.writeable = False
    t = hr.tensor(x)
    assert not t.writable and not t.numpy().flags.writeable and memoryview(t).readonly
    with pytest.raises(ValueError, match="read-only"):
        t[0] = 1
    with pytest.raises(BufferError, match="read-only"):
        ctypes.pythonapi.PyObject_GetBuffer(ctypes.py_object(t), ctypes.create_string_buffer(200), 1)  # PyBUF_WRITABLE
    assert t.copy().writable and not hr.tensor(memoryview(b"abc")).writable


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_goes_in_and_comes_out_without_a_copy(dtype: str) -> None:
    x = np.arange(24).astype(dtype).reshape(4, 6)
    for view in strided(x):
        t = hr.tensor(view)
        same(t, view)
        assert address(t.numpy()) == address(view) and t.strides == view.strides
        assert (t.ndim, t.size, t.nbytes, t.itemsize) == (view.ndim, view.size, view.nbytes, view.itemsize)
        assert t.tolist() == view.tolist()
        same(t.copy(), view)
        assert t.copy().numpy().flags.c_contiguous
        for other in (pickle.loads(pickle.dumps(t)), copy.copy(t), copy.deepcopy(t)):
            same(other, view)
            assert not np.shares_memory(other.numpy(), view)


def test_bfloat16_and_records_go_in_and_come_out() -> None:
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.arange(6).astype(ml_dtypes.bfloat16)
    t = hr.tensor(x)
    same(t, x)
    assert np.array_equal(np.asarray(t), x) and address(t) == address(x)
    assert pickle.loads(pickle.dumps(t)).numpy().dtype == x.dtype
    records = np.zeros(3, [("a", "i4"), ("b", "f8")])
    t = hr.tensor(records)
    t["b"][1] = 5
    assert records["b"][1] == 5 and t["a"].dtype == np.int32
    assert memoryview(t).format == memoryview(records).format


@pytest.mark.parametrize("values", [["a", "", "ünïcode"], [b"a", b"", b"\x00\xff"]])
def test_text_becomes_objects_and_keeps_its_dtype(values: list[Any]) -> None:
    kind = type(values[0])
    t = hr.tensor(values)
    assert t.dtype is kind and t.numpy().tolist() == values and np.asarray(t).dtype == object
    assert t[1:].tolist() == values[1:] and t[2].item() == values[2] and t[[0, 2]].tolist() == [values[0], values[2]]
    assert t[np.array([], int)].dtype is kind and t.reshape(3, 1).T.shape == (1, 3)
    again = pickle.loads(pickle.dumps(t[:0]))
    assert again.dtype is kind and pickle.loads(pickle.dumps(t)).tolist() == values
    for refused in (lambda: memoryview(t), lambda: t.__dlpack__()):
        with pytest.raises(BufferError, match="numpy"):
            refused()
    with pytest.raises(TypeError, match="cannot be set"):
        t[0] = values[0]
    with pytest.raises(ValueError, match="copy"):
        t.__array__(copy=False)
    assert hr.tensor(values[0]).shape == () and hr.tensor(values[0]).item() == values[0]
    assert hr.tensor(np.array(["ab", "c"]), dtype=str).tolist() == ["ab", "c"]


def test_data_of_every_kind_becomes_what_numpy_makes_of_it() -> None:
    for data in (1, 2.5, True, 1j, [1, 2], [[1.5, 2]], (1, 2), [(1, 2), (3, 4)], range(3), np.float32(2), [], array.array("h", [1, 2])):
        wanted = np.asarray(data if not isinstance(data, range) else list(data))
        same(hr.tensor(data), wanted)
        if wanted.dtype.kind != "c":
            same(hr.tensor(data, dtype="float32"), wanted.astype("float32"))
    t = hr.tensor([1, 2])
    assert hr.tensor(t).numpy().base is not None and address(hr.tensor(t)) == address(t)
    same(hr.tensor(t, dtype=np.int8), np.array([1, 2], np.int8))
    buffer = bytearray(8)
    hr.tensor(buffer)[3] = 7
    assert buffer[3] == 7
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        with pytest.raises(OverflowError):
            hr.tensor([300], dtype=np.uint8)
    with pytest.raises(TypeError, match=r"\[tensor\] data"):
        hr.tensor(object())
    with pytest.raises(ValueError, match="ragged"):
        hr.tensor([[1], [1, 2]])
    with pytest.raises(TypeError, match="dtype"):
        hr.tensor([1], dtype="no such")
    for wrong in (lambda: hr.tensor(), lambda: hr.tensor(1, 2, 3), lambda: hr.tensor(1, data=2), lambda: hr.tensor(1, kind=2)):  # type: ignore
        with pytest.raises(TypeError, match=r"\[tensor\]"):
            wrong()


def test_array_obeys_numpy_2_s_copy_and_dtype() -> None:
    x = np.arange(3.0)
    t = hr.tensor(x)
    assert address(t.__array__()) == address(t.__array__(None, copy=False)) == address(x)
    assert address(t.__array__(np.float64, copy=None)) == address(x)
    assert address(t.__array__(copy=True)) != address(x) and t.__array__(copy=True).flags.writeable
    assert t.__array__(np.float32).dtype == np.float32
    with pytest.raises(ValueError, match="copy"):
        t.__array__(np.float32, copy=False)
    assert not np.shares_memory(np.array(t), x) and np.shares_memory(np.asarray(t), x)
    assert np.asarray(t, np.int32).tolist() == [0, 1, 2]
    if np.lib.NumpyVersion(np.__version__) >= "2.0.0":
        assert np.shares_memory(np.array(t, copy=False), x)
        with pytest.raises(ValueError):
            np.array(t, np.float32, copy=False)


@pytest.mark.parametrize("dtype", [d for d in DTYPES if "64[" not in d])
def test_the_buffer_protocol_says_what_numpy_says(dtype: str) -> None:
    x = np.arange(24).astype(dtype).reshape(4, 6)
    for view in strided(x):
        m, wanted = memoryview(hr.tensor(view)), memoryview(view)
        assert (m.format, m.shape, m.strides, m.itemsize, m.readonly) == (
            wanted.format, wanted.shape, wanted.strides, wanted.itemsize, wanted.readonly)  # fmt: skip
        assert m.tobytes() == wanted.tobytes()
    with pytest.raises(BufferError):
        memoryview(hr.tensor(np.zeros(3, "datetime64[s]")))


@given(st.data())
def test_basic_indices_give_numpy_s_views(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    x = np.arange(int(np.prod(shape))).reshape(shape)
    x = data.draw(st.sampled_from([x, x.T, x[::-1] if x.ndim else x]))
    t = hr.tensor(x)
    key = data.draw(hnp.basic_indices(x.shape, allow_newaxis=True))
    got, wanted = t[key], np.asarray(x[key])
    same(got, wanted)
    if wanted.size:
        assert np.shares_memory(got.numpy(), x) and address(got) == address(x[key] if isinstance(x[key], np.ndarray) else got)
        t[key] = -1
        assert (x[key] == -1).all()


@given(st.data())
def test_arrays_of_ints_and_bools_as_indices_give_copies(data: Any) -> None:
    x = np.arange(24.0).reshape(2, 3, 4)
    t = hr.tensor(x)
    for key in (data.draw(hnp.integer_array_indices(x.shape)), data.draw(hnp.arrays(bool, (2, 3)))):
        same(t[key], np.asarray(x[key]))
        assert not np.shares_memory(t[key].numpy(), x)
    mask = x > 7
    t[hr.tensor(mask)] = 0
    assert x.max() == 7
    same(t[hr.tensor([1, 0]), ..., None, 1], x[[1, 0], ..., None, 1])
    same(t[True], x[True])


def test_wrong_indices_are_errors_in_words() -> None:
    t = hr.tensor(np.zeros((2, 3)))
    for key, said in ((2, "out of bounds for axis 0 of size 2"), ((0, -4), "axis 1"), ((0, 0, 0), "2 axes"), (2**70, "fit")):
        with pytest.raises(IndexError, match=said):
            t[key]
    for key in ("a", 1.5, (..., ...)):
        with pytest.raises(IndexError):
            t[key]
    with pytest.raises(TypeError):
        del t[0]
    with pytest.raises(ValueError):
        t[0] = [1, 2]


@given(st.data())
def test_reshape_and_transpose_do_what_numpy_does(data: Any) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=1, max_dims=4, min_side=1, max_side=4))
    x = np.arange(int(np.prod(shape))).reshape(shape)
    axes = data.draw(st.permutations(range(x.ndim)))
    t, x = hr.tensor(x).transpose(axes), x.transpose(axes)
    same(t, x)
    assert np.shares_memory(t.numpy(), x)
    sizes = data.draw(st.permutations(x.shape))
    for to in (tuple(sizes), (-1,), (*sizes[:1], -1), (1, x.size)):
        same(t.reshape(*to), x.reshape(to))
        same(t.reshape(to), x.reshape(to))
        assert np.shares_memory(t.reshape(to).numpy(), x) == np.shares_memory(x.reshape(to), x)
    same(t.T, x.T)


def test_wrong_shapes_and_axes_are_errors_in_words() -> None:
    t = hr.tensor(np.zeros((2, 3)))
    for sizes in ((5,), (-1, -1), (-2,), (4, -1), (0, -1)):
        with pytest.raises(ValueError, match="reshape"):
            t.reshape(sizes)
    for axes in ((0,), (0, 0), (0, 2)):
        with pytest.raises(ValueError, match="transpose"):
            t.transpose(axes)
    with pytest.raises(TypeError):
        t.reshape("ab")
    same(t.transpose(-1, 0), np.zeros((3, 2)))
    same(hr.tensor(np.zeros((0, 3))).reshape(-1, 3), np.zeros((0, 3)))


def test_single_items_become_numbers() -> None:
    assert float(hr.tensor(2.5)) == 2.5 and int(hr.tensor([[3]])) == 3 and bool(hr.tensor(0)) is False
    assert [10, 20, 30][hr.tensor(1)] == 20 and f"{hr.tensor(1.25):.1f}" == "1.2" and hr.tensor(1.5).item() == 1.5
    assert list(range(hr.tensor(np.uint8(3)))) == [0, 1, 2] and complex(hr.tensor(1.0)) == 1
    for wrong in (lambda: float(hr.tensor([1, 2])), lambda: int(hr.tensor("a")), lambda: [0][hr.tensor(0.0)], lambda: [0][hr.tensor([0])]):
        with pytest.raises(TypeError):
            wrong()
    with pytest.raises(ValueError, match="truth"):
        bool(hr.tensor([1, 2]))
    with pytest.raises(ValueError, match="one item"):
        hr.tensor([1, 2]).item()


def test_len_iteration_hash_and_weak_references() -> None:
    t = hr.tensor([[1, 2], [3, 4]])
    assert len(t) == 2 and [row.tolist() for row in t] == [[1, 2], [3, 4]] and all(isinstance(row, hr.Tensor) for row in t)
    for wrong in (lambda: len(hr.tensor(1)), lambda: iter(hr.tensor(1)), lambda: hash(t), lambda: type(t)()):
        with pytest.raises(TypeError):
            wrong()
    reference = weakref.ref(t)
    del t
    assert reference() is None


def test_the_repr_shows_values_shape_and_dtype_and_shortens_large_ones() -> None:
    assert repr(hr.tensor([[1, 2], [3, 4]])) == "Tensor([[1, 2],\n        [3, 4]], shape=(2, 2), dtype=int64)"
    assert repr(hr.tensor(1.5)) == "Tensor(1.5, shape=(), dtype=float64)"
    assert repr(hr.tensor(["a"])) == "Tensor(['a'], shape=(1,), dtype=str)"
    assert len(repr(hr.tensor(np.zeros((1000, 1000))))) < 1000


def test_astype_is_numpy_s() -> None:
    x = np.array([0.0, 1.5, -2.0])
    for dtype in ("bool", "int8", "float16", "float32", "complex64", "U8", "datetime64[s]"):
        if dtype != "datetime64[s]":
            same(hr.tensor(x).astype(dtype), x.astype(dtype))
    t = hr.tensor(x)
    assert address(t.astype(float)) != address(x) and address(t.astype(float, copy=False)) == address(x)
    assert hr.tensor(["1", "2"]).astype("S1").tolist() == [b"1", b"2"]


def test_tensors_go_into_datasets_in_place_and_come_out_of_functions() -> None:
    x = np.arange(600.0).reshape(200, 3)
    t = hr.tensor(x)
    ds = hr.from_tensor_slices({"x": t}).batch(50)
    assert address(next(iter(ds))["x"]) == address(x) and not next(iter(ds))["x"].flags.writeable
    doubled = hr.from_tensor_slices(x).map(lambda row: hr.tensor(row * 2)).batch(200)
    assert np.array_equal(next(iter(doubled)), x * 2)
    kept: list[Any] = []

    def keeping(row: Any) -> hr.Tensor:
        kept.append(hr.tensor(np.repeat(row, 100)).copy())
        return kept[-1]

    rows = list(hr.from_tensor_slices(x).take(3).map(keeping))
    for row, held in zip(rows, kept, strict=True):
        held[:] = -1
        assert (row >= 0).all()


def batch(ds: Any) -> Any:
    return next(ds.as_tensor_iterator(epoch=0))


def test_as_tensor_iterator_gives_the_memory_that_iter_would() -> None:
    x = np.arange(600, dtype=np.float32).reshape(200, 3)
    ds = hr.from_tensor_slices({"x": x, "label": (np.arange(200), [str(i) for i in range(200)])}).batch(64)
    for tensors, arrays in zip(ds.as_tensor_iterator(), ds.as_numpy_iterator(), strict=True):
        assert address(tensors["x"]) == address(arrays["x"]) and not tensors["x"].writable
        same(tensors["label"][0], arrays["label"][0])
        assert tensors["label"][1].dtype is str and tensors["label"][1].tolist() == arrays["label"][1].tolist()
    assert address(batch(hr.from_tensor_slices(x).batch(10))) == address(x)
    rows = list(hr.from_tensor_slices(np.arange(4)).as_tensor_iterator())
    assert [int(row) for row in rows] == [0, 1, 2, 3] and rows[0].shape == ()
    shuffled = hr.from_tensor_slices(x).shuffle(seed=1).batch(200)
    t = batch(shuffled)
    assert t.writable and np.array_equal(t.numpy(), next(shuffled.iterator(epoch=0)))
    assert batch(hr.from_tensor_slices(x).batch(10).with_options(writable=True)).writable
    ragged = batch(hr.from_tensor_slices(x).map(lambda row: row[: int(row[0]) % 3]).ragged_batch(8))
    assert isinstance(ragged.values, hr.Tensor) and ragged.shape[0] == 8


def test_an_iterator_of_tensors_has_state_length_accounts_and_epochs() -> None:
    ds = hr.range(20).shuffle(seed=3).batch(3)
    it = ds.as_tensor_iterator()
    next(it)
    state = it.state_dict()
    rest = [t.tolist() for t in it]
    again = ds.as_tensor_iterator()
    again.load_state_dict(state)
    assert len(again) == 6 and again.epoch == 0 and [t.tolist() for t in again] == rest
    arrays = ds.iterator()
    arrays.load_state_dict(state)
    assert [a.tolist() for a in arrays] == rest and it.stats()[0]["outputs"] == 7


@pytest.mark.asan
def test_a_batch_outlives_its_iterator_and_a_small_row_pins_no_block() -> None:
    kept = [batch(hr.range(1000).shuffle(seed=1).batch(500)), batch(hr.range(1000).map(lambda i: i + 1).batch(500))]
    gc.collect()
    for _ in range(20):
        list(hr.range(4000).shuffle(seed=2).batch(100))
    assert sorted(kept[0].tolist())[:1] >= [0] and kept[1].tolist() == list(range(1, 501))
    row = next(hr.from_tensor_slices(np.zeros((1000, 3))).shuffle(seed=1).cache().as_tensor_iterator())
    assert row.nbytes == 24


def test_threads_may_share_a_tensor() -> None:
    x = np.arange(10_000)
    t = hr.tensor(x)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for i in range(300):
                assert int(t[i]) == i and t[i:][::2].numpy()[0] == i and t.reshape(100, 100).T.shape == (100, 100)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
