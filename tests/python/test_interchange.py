"""DLPack both ways, and arrays of other libraries by their own protocols: real ones where installed, else fakes."""

import ctypes
import gc
import sys
import threading
import warnings
from typing import Any

import numpy as np
import pytest

import headrace as hr

DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
]  # fmt: skip

VERSIONED = np.lib.NumpyVersion(np.__version__) >= "2.1.0"  # what NumPy says of its arrays by DLPack


def address(x: Any) -> int:
    return int(np.asarray(x).__array_interface__["data"][0])


def strided(x: Any) -> list[Any]:
    return [x, x[::-1], x[..., ::2], x.T, np.broadcast_to(x, (2, *x.shape)), x[1:1], x[0, 0, ...]]


# The structs of DLPack again, in ctypes, to make capsules that no library would.


class View(ctypes.Structure):
    _fields_ = [
        ("data", ctypes.c_void_p), ("device", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
        ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
        ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)), ("offset", ctypes.c_uint64),
    ]  # fmt: skip


DELETER = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class Managed(ctypes.Structure):
    _fields_ = [("view", View), ("context", ctypes.c_void_p), ("deleter", DELETER)]


class Versioned(ctypes.Structure):
    _fields_ = [
        ("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("context", ctypes.c_void_p),
        ("deleter", DELETER), ("flags", ctypes.c_uint64), ("view", View),
    ]  # fmt: skip


new_capsule = ctypes.pythonapi.PyCapsule_New
new_capsule.restype, new_capsule.argtypes = ctypes.py_object, [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p]
capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
capsule_pointer.restype, capsule_pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]


class Fake:
    """Six int32 in a capsule made by hand; counts the deleter's calls."""

    def __init__(self, versioned: bool = True, shape: Any = (2, 3), strides: Any = None, **fields: int) -> None:
        self.x = np.arange(6, dtype=np.int32)
        self.freed = 0
        self.shape = (ctypes.c_int64 * 3)(*shape)
        self.strides = None if strides is None else (ctypes.c_int64 * 3)(*strides)
        self.deleter = DELETER(self.free)
        view = View(self.x.ctypes.data, 1, 0, len(shape), 0, 32, 1, self.shape, self.strides, 0)
        top: Any = Versioned(1, 0, None, self.deleter, 0, view) if versioned else Managed(view, None, self.deleter)
        for name, value in fields.items():
            setattr(top if hasattr(top, name) else top.view, name, value)
        self.managed, self.name = top, b"dltensor_versioned" if versioned else b"dltensor"

    def free(self, managed: int) -> None:
        self.freed += 1

    def capsule(self) -> Any:
        return new_capsule(ctypes.addressof(self.managed), self.name, None)


@pytest.mark.parametrize("dtype", DTYPES)
def test_numpy_and_tensors_share_memory_by_dlpack_both_ways(dtype: str) -> None:
    x = np.arange(24).astype(dtype).reshape(4, 6)
    for view in strided(x):
        if not (VERSIONED or view.flags.writeable):
            continue  # NumPy 1 neither gives nor takes them
        for source in (hr.tensor(view), view):
            t = hr.from_dlpack(source)
            assert isinstance(t, hr.Tensor) and t.dtype == view.dtype and t.shape == view.shape
            assert np.array_equal(t.numpy(), view) and address(t) == address(view)
            assert t.writable == (view.flags.writeable and (VERSIONED or source is not view))
        back = np.from_dlpack(hr.tensor(view))
        assert np.array_equal(back, view) and back.dtype == view.dtype and address(back) == address(view)


@pytest.mark.parametrize("dtype", DTYPES)
def test_torch_and_tensors_share_memory_by_dlpack_both_ways(dtype: str) -> None:
    torch = pytest.importorskip("torch")
    x = np.arange(24).astype(dtype).reshape(4, 6)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        t = hr.tensor(x)
        there = torch.from_dlpack(t.T[::2])
        assert there.data_ptr() == address(x) and np.array_equal(there.numpy(), x.T[::2])
        here = hr.from_dlpack(there)
        assert address(here) == address(x) and np.array_equal(here.numpy(), x.T[::2])
        copied = torch.from_dlpack(t, copy=True)
        assert copied.data_ptr() != address(x) and np.array_equal(copied.numpy(), x)
        there[0, 0] = 1
        assert x[0, 0] == 1


def test_bfloat16_goes_to_torch_and_back() -> None:
    torch, ml_dtypes = pytest.importorskip("torch"), pytest.importorskip("ml_dtypes")
    x = torch.arange(6).to(torch.bfloat16)
    t = hr.tensor(x)
    assert t.dtype == ml_dtypes.bfloat16 and t.numpy().tolist() == list(range(6)) and t.numpy().ctypes.data == x.data_ptr()
    assert torch.equal(torch.from_dlpack(t), x)
    assert next(iter(hr.from_tensor_slices(x).batch(6))).dtype == ml_dtypes.bfloat16


def test_batches_go_to_torch_without_a_warning() -> None:
    torch = pytest.importorskip("torch")
    x = np.arange(20, dtype=np.float32).reshape(10, 2)
    ds = hr.from_tensor_slices(x).batch(5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for arrays, tensors in zip(ds, ds.as_tensor_iterator(), strict=True):
            assert torch.from_dlpack(arrays).data_ptr() == torch.from_dlpack(tensors).data_ptr() == address(arrays)
        for source in (ds.shuffle(seed=1), ds.with_options(writable=True)):
            for t in source.as_tensor_iterator():
                assert torch.from_numpy(t.copy().numpy()).sum() == torch.from_dlpack(t).sum()


@pytest.mark.asan
def test_a_capsule_keeps_the_memory_until_it_is_consumed_or_dropped() -> None:
    x = np.zeros(10)
    before = sys.getrefcount(x)
    t = hr.tensor(x)
    for version in (None, (1, 1)):
        capsule = t.__dlpack__(max_version=version)
        assert "dltensor_versioned" in repr(capsule) if version else '"dltensor"' in repr(capsule)
        del capsule  # nobody took it
        arrays = [hr._core.take_dlpack(t.__dlpack__(max_version=version)) for _ in range(3)]
        assert all(a.writable == bool(version) for a in arrays)  # one without version can't say
        del arrays
    del t
    gc.collect()
    assert sys.getrefcount(x) == before


@pytest.mark.asan
@pytest.mark.parametrize("versioned", [True, False])
def test_the_deleter_of_a_foreign_capsule_is_called_once(versioned: bool) -> None:
    fake = Fake(versioned)
    capsule = fake.capsule()
    t = hr.from_dlpack(capsule)
    assert t.tolist() == [[0, 1, 2], [3, 4, 5]] and t.writable == versioned and address(t) == fake.x.ctypes.data
    with pytest.raises(ValueError, match="taken over"):
        hr.from_dlpack(capsule)
    view = t.T[1:].numpy()
    batches = iter(hr.from_tensor_slices(t).batch(2))
    assert next(batches).tolist() == t.tolist()
    del t, capsule, batches
    gc.collect()
    assert fake.freed == 0 and view.tolist() == [[1, 4], [2, 5]]
    del view
    gc.collect()
    assert fake.freed == 1


@pytest.mark.asan
def test_the_last_view_may_go_on_a_thread_that_has_no_gil() -> None:
    fake = Fake(shape=(6,))
    ds = hr.from_tensor_slices(hr.from_dlpack(fake.capsule())).map(lambda i: i + 1, num_parallel_calls=2).batch(2).prefetch(2)
    assert np.concatenate(list(ds)).tolist() == [1, 2, 3, 4, 5, 6]
    worker = threading.Thread(target=lambda: sum(1 for _ in ds))
    worker.start()
    worker.join()
    del ds, worker
    gc.collect()
    list(hr.range(3))  # drops what other threads left
    assert fake.freed == 1


def test_flags_strides_and_offsets_of_a_capsule_are_honoured() -> None:
    assert not hr.from_dlpack(Fake(flags=1).capsule()).writable
    assert hr.from_dlpack(Fake(shape=(3, 2), strides=(1, 3)).capsule()).tolist() == [[0, 3], [1, 4], [2, 5]]
    assert hr.from_dlpack(Fake(shape=(2,), strides=(0,), offset=8).capsule()).tolist() == [2, 2]
    assert hr.from_dlpack(Fake(shape=(3,), strides=(-2,), offset=16).capsule()).tolist() == [4, 2, 0]
    assert hr.from_dlpack(Fake(shape=()).capsule()).tolist() == 0
    assert hr.from_dlpack(Fake(shape=(0, 3)).capsule()).shape == (0, 3)
    copied = hr.from_dlpack(fake := Fake().capsule(), copy=True)
    assert copied.writable and copied.tolist() == [[0, 1, 2], [3, 4, 5]] and "used" in repr(fake)


@pytest.mark.asan
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"device": 2}, r"device \(2, 0\)"),
        ({"code": 3}, "code 3"),
        ({"bits": 4}, "4 bits"),
        ({"lanes": 4}, "4 lanes"),
        ({"ndim": -1}, "no shape"),
        ({"major": 2}, "DLPack 1 is understood"),
        ({"shape": (2, -3)}, ""),
        ({"shape": (2**62, 2**62)}, ""),
        ({"shape": (4, 2), "strides": (2**61, 1)}, "63 bits"),
    ],
)
def test_capsules_that_cannot_be_read_are_refused_and_freed_once(fields: dict[str, Any], said: str) -> None:
    fake = Fake(**fields)
    with pytest.raises((BufferError, ValueError), match=said or "size|63 bits"):
        hr.from_dlpack(fake.capsule())
    gc.collect()
    assert fake.freed == 1


def test_dlpack_s_arguments_are_the_standard_s() -> None:
    t = hr.tensor(np.arange(6.0))
    assert t.__dlpack_device__() == (1, 0)
    for fine in ({"stream": None}, {"stream": -1}, {"dl_device": (1, 0)}, {"copy": False}, {"max_version": (1, 0), "copy": True}):
        t.__dlpack__(**fine)
    with pytest.raises(BufferError, match="host"):
        t.__dlpack__(dl_device=(2, 0))
    with pytest.raises(ValueError, match="stream"):
        t.__dlpack__(stream=3)
    with pytest.raises(TypeError):
        t.__dlpack__(None)  # type: ignore
    with pytest.raises(TypeError, match="pair"):
        t.__dlpack__(max_version=1)  # type: ignore
    x = np.arange(3)
    x.flags.writeable = False
    with pytest.raises(BufferError, match="read-only"):
        hr.tensor(x).__dlpack__()
    assert not hr.from_dlpack(hr.tensor(x)).writable
    assert hr.from_dlpack(hr.tensor(x), copy=True).writable
    assert hr._core.take_dlpack(hr.tensor(x).__dlpack__(copy=True)).tolist() == [0, 1, 2]
    with pytest.raises(BufferError, match="datetime64"):
        hr.tensor(np.zeros(3, "M8[s]")).__dlpack__()
    fields = np.zeros(3, [("a", "u1"), ("b", "<f4")])
    with pytest.raises(BufferError, match="whole items"):
        hr.tensor(fields)["b"].__dlpack__()
    with pytest.raises(TypeError, match="capsule"):
        hr.from_dlpack(3)


# Arrays of other libraries.


class Protocol:
    """An array that gives DLPack capsules, of this device as far as anyone can tell."""

    def __init__(self, x: Any, device: int = 1, old: bool = False) -> None:
        self.x, self.device, self.old, self.asked = x, device, old or not VERSIONED, list[dict[str, Any]]()

    def __dlpack_device__(self) -> tuple[int, int]:
        return (self.device, 0)

    def __dlpack__(self, **wanted: Any) -> Any:
        self.asked.append(wanted)
        if self.old and "max_version" in wanted and self.device != 2:
            raise TypeError("unexpected keyword argument")
        if self.device == 2 and wanted.get("dl_device") != (1, 0):
            raise BufferError("on another device")
        return self.x.__dlpack__() if self.old else self.x.__dlpack__(max_version=wanted["max_version"])


class OnDevice(Protocol):
    def __init__(self, x: Any) -> None:
        super().__init__(x, 2)

    def __dlpack__(self, **wanted: Any) -> Any:
        raise BufferError("only CUDA")


class WithCpu(OnDevice):
    def cpu(self) -> Any:
        return Protocol(self.x)


class WithGet(OnDevice):
    def get(self) -> Any:
        return self.x.copy()


class WithArray(OnDevice):
    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.x.copy()


class Grad(Protocol):
    requires_grad = True

    def detach(self) -> Any:
        return Protocol(self.x)

    def __dlpack__(self, **wanted: Any) -> Any:
        raise BufferError("requires grad")


X = np.arange(12.0).reshape(6, 2)


@pytest.mark.parametrize("make", [Protocol, lambda x: Protocol(x, old=True), lambda x: Protocol(x, 3), Grad], ids=["new", "old", "pinned", "grad"])
def test_arrays_with_dlpack_are_used_in_place(make: Any) -> None:
    for t in (hr.tensor(make(X)), next(iter(hr.from_tensor_slices(make(X)).batch(6)))):
        assert np.array_equal(t, X) and address(t) == address(X)
    batch = next(iter(hr.from_tensor_slices({"a": (make(X), X)}).batch(6)))
    assert address(batch["a"][0]) == address(X)
    assert np.array_equal(hr.from_tensors(make(X))[0], X)


@pytest.mark.parametrize("make", [WithCpu, lambda x: Protocol(x, 2), WithGet, WithArray], ids=["cpu", "dl_device", "get", "array"])
def test_arrays_on_a_device_are_copied_to_the_host_by_their_own_protocol(make: Any) -> None:
    assert np.array_equal(hr.tensor(make(X)), X)
    assert np.array_equal(next(iter(hr.from_tensor_slices(make(X)).batch(6))), X)
    with pytest.raises(BufferError, match="host"):
        hr.from_dlpack(make(X))
    with pytest.raises((TypeError, BufferError)):
        hr.tensor(OnDevice(X))


def test_what_a_function_returns_may_be_an_array_of_another_library() -> None:
    torch = pytest.importorskip("torch")
    ds = hr.from_tensor_slices(X).map(lambda row: {"t": torch.from_numpy(row.copy()) * 2, "p": Protocol(row + 1)}).batch(6)
    batch = next(iter(ds))
    assert np.array_equal(batch["t"], X * 2) and np.array_equal(batch["p"], X + 1)
    shared = torch.zeros(1000)

    def fill(i: Any) -> Any:
        return shared.fill_(int(i))

    assert [row[0] for row in hr.range(3).map(fill)] == [0, 1, 2]  # copied, since the function keeps it


def test_torch_tensors_go_in_whatever_they_carry() -> None:
    torch = pytest.importorskip("torch")
    x = torch.arange(12.0).reshape(6, 2)
    assert address(next(iter(hr.from_tensor_slices(x).batch(6)))) == x.data_ptr()
    parameter = torch.nn.Parameter(x)
    assert address(next(iter(hr.from_tensor_slices((parameter, x)).batch(6)))[0]) == x.data_ptr()
    assert address(hr.tensor(x.t())) == x.data_ptr() and hr.tensor(x.t()).strides == (8 // 2, 8)
    z = torch.complex(x, x)
    assert np.array_equal(hr.tensor(z.conj()).numpy(), z.numpy().conj())
    assert np.array_equal(hr.tensor(z.conj().imag).numpy(), -x.numpy())
    with pytest.raises((TypeError, BufferError, RuntimeError)):
        hr.from_tensor_slices(x.to_sparse())
    with pytest.raises((TypeError, BufferError, RuntimeError, NotImplementedError)):
        hr.tensor(torch.empty(3, device="meta"))


class Arrow:
    """As pyarrow.Array."""

    def __init__(self, x: Any, nulls: int = 0) -> None:
        self.x, self.null_count = x, nulls

    def to_numpy(self) -> Any:
        return self.x

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return self.x


class Column:
    """As a pandas Series of a nullable dtype."""

    class dtype:  # noqa: N801
        numpy_dtype = np.dtype("int64")

    def __init__(self, *values: Any) -> None:
        self.values = values

    def isna(self) -> Any:
        return np.array([value is None for value in self.values])

    def to_numpy(self, dtype: Any = None) -> Any:
        return np.array(self.values, dtype)

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        return np.array(self.values, object)


def test_columns_go_in_and_missing_items_are_an_error() -> None:
    x = np.arange(3)
    assert address(hr.tensor(Arrow(x))) == address(x)
    assert list(hr.from_tensor_slices({"a": Arrow(x), "b": Column(4, 5, 6)}).map(lambda row: row["a"] + row["b"])) == [4, 6, 8]
    with pytest.raises(ValueError, match=r"\[from_tensor_slices\] tensors\['a'\] has 2 nulls"):
        hr.from_tensor_slices({"a": Arrow(x, 2)})
    with pytest.raises(ValueError, match="1 missing values"):
        hr.tensor(Column(1, None))


def test_pandas_columns_go_in() -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [1, 2, 3], "b": [0.5, 1.5, 2.5], "c": ["x", "y", "z"]})
    rows = list(hr.from_tensor_slices(dict(frame)))
    assert rows[1] == {"a": 2, "b": 1.5, "c": "y"}
    assert hr.tensor(pandas.array([1, 2], dtype="Int64")).dtype == np.int64
    with pytest.raises(ValueError, match="missing"):
        hr.tensor(pandas.Series([1, None], dtype="Int64"))


def test_arrow_arrays_go_in() -> None:
    arrow = pytest.importorskip("pyarrow")
    assert hr.tensor(arrow.array([1, 2, 3])).tolist() == [1, 2, 3]
    assert hr.tensor(arrow.chunked_array([[1, 2], [3]])).tolist() == [1, 2, 3]
    assert hr.tensor(arrow.array(["a", "b"])).tolist() == ["a", "b"]
    for nulls in (arrow.array([1, None]), arrow.chunked_array([[1, None]])):
        with pytest.raises(ValueError, match="1 nulls"):
            hr.tensor(nulls)


def test_jax_arrays_go_in_and_come_out() -> None:
    jax = pytest.importorskip("jax")
    x = jax.numpy.arange(6.0).reshape(3, 2)
    t = hr.tensor(x)
    assert address(t) == x.unsafe_buffer_pointer() and np.array_equal(t, x)
    batches = hr.from_tensor_slices(x).batch(3)
    assert np.array_equal(jax.numpy.asarray(next(batches.as_tensor_iterator())), x)
    own = next(batches.with_options(writable=True).as_tensor_iterator())  # its from_dlpack asks without version
    assert jax.numpy.from_dlpack(own).unsafe_buffer_pointer() == address(own)
    assert hr.tensor(jax.numpy.arange(3, dtype="bfloat16")).dtype == "bfloat16"


def test_tensorflow_s_tensors_and_variables_go_in_and_come_out() -> None:
    tf = pytest.importorskip("tensorflow")
    x = tf.constant(np.arange(6.0).reshape(3, 2))
    for value in (x, tf.Variable(x)):
        assert np.array_equal(hr.tensor(value).numpy(), np.arange(6.0).reshape(3, 2))
        assert np.array_equal(next(iter(hr.from_tensor_slices(value).batch(3))), x.numpy())
    assert address(hr.tensor(x)) == address(np.asarray(memoryview(x))) and not hr.tensor(x).writable
    assert hr.tensor(tf.constant(["a", "b"])).tolist() == [b"a", b"b"]
    assert hr.tensor(tf.cast([1, 2], tf.bfloat16)).dtype == "bfloat16"
    assert np.array_equal(tf.convert_to_tensor(hr.tensor([1, 2])).numpy(), [1, 2])


class Coo:
    """As scipy.sparse.coo_array."""

    __module__ = "scipy.sparse._coo"
    shape = (2, 3)

    def __init__(self) -> None:
        self.coords = (np.array([0, 1], np.int32), np.array([2, 0], np.int32))
        self.data = np.array([5.0, 7.0])

    def tocoo(self, copy: bool = True) -> Any:
        return self


def test_a_sparse_matrix_goes_in_as_a_sparse_tensor() -> None:
    matrix = Coo()
    for given in (matrix, {"m": (matrix, 1)}):
        element = next(iter(hr.from_tensors(given)))
        sparse = element["m"][0] if isinstance(given, dict) else element
        assert isinstance(sparse, hr.SparseTensor) and sparse.shape == (2, 3) and address(sparse.values) == address(matrix.data)
        assert sparse.indices.tolist() == [[0, 2], [1, 0]]
    returned = next(iter(hr.range(1).map(lambda _: matrix)))
    assert returned.values.tolist() == [5, 7]


def test_scipy_s_matrices_go_in() -> None:
    sparse = pytest.importorskip("scipy.sparse")
    for make in (sparse.coo_array, sparse.csr_matrix, sparse.csc_array, sparse.lil_matrix):
        element = next(iter(hr.from_tensors(make(np.array([[0, 0, 5.0], [7, 0, 0]])))))
        assert sorted(element.values.tolist()) == [5, 7] and element.shape == (2, 3)
