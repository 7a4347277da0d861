"""What goes in comes out: dtypes, structures, refusals, and no copy on the way."""

import collections
import dataclasses
import gc
import pickle
import sys
import weakref

import numpy as np
import pytest

import headrace as hr
from settling import comes_true, settled_bytes

Point = collections.namedtuple("Point", "x y")


@dataclasses.dataclass
class Sample:
    image: np.ndarray
    label: int
    note: str = "none"
    derived: int = dataclasses.field(init=False, default=0)


DTYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float16", "float32", "float64", "complex64", "complex128",
    "datetime64[ns]", "datetime64[25s]", "datetime64[D]", "timedelta64[us]", "S3", "U5",
]  # fmt: skip


def array_of(dtype, shape=(6, 2)):
    count = int(np.prod(shape))
    if np.dtype(dtype).kind in "SU":
        return np.array([f"t{i}" for i in range(count)], dtype).reshape(shape)
    return np.arange(count).astype(dtype).reshape(shape)


def same(a, b):
    assert type(a) is type(b), (type(a), type(b))
    if isinstance(a, np.ndarray):
        assert a.dtype == b.dtype and a.shape == b.shape
        assert a.tolist() == b.tolist()
    else:
        assert a == b


@pytest.mark.parametrize("dtype", DTYPES)
def test_every_dtype_comes_back_as_rows_batches_and_scalars(dtype):
    x = array_of(dtype)
    rows = list(hr.from_tensor_slices(x))
    for got, wanted in zip(rows, x, strict=True):
        same(got, wanted)
    for got, wanted in zip(hr.from_tensor_slices(x).batch(4), (x[:4], x[4:]), strict=True):
        same(got, wanted)
    for got, wanted in zip(hr.from_tensor_slices(x[:, 0]), x[:, 0], strict=True):
        same(got, wanted)
    mapped = list(hr.from_tensor_slices(x).map(lambda row: row).batch(6))
    same(mapped[0], x)


def test_structured_arrays_keep_their_fields_padding_and_subarrays():
    dtype = np.dtype({"names": ["a", "b"], "formats": ["<i4", ("<f8", (2,))], "offsets": [4, 8], "itemsize": 32})
    x = np.zeros(5, dtype)
    x["a"], x["b"] = np.arange(5), np.arange(10).reshape(5, 2)
    batch = next(iter(hr.from_tensor_slices(x).shuffle(seed=1).batch(5)))
    assert batch.dtype == dtype
    same(np.sort(batch["a"]), x["a"])
    row = hr.from_tensor_slices(x)[3]
    assert isinstance(row, np.void) and row["a"] == 3 and row["b"].tolist() == [6, 7]


def test_bfloat16_comes_back_where_ml_dtypes_is_installed():
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.arange(6).astype(ml_dtypes.bfloat16)
    batch = next(iter(hr.from_tensor_slices(x).batch(6)))
    assert batch.dtype == x.dtype and (batch == x).all()
    assert hr.from_tensor_slices(x)[2] == x[2]


@pytest.mark.parametrize("dtype", [">i4", ">f8", ">U3", ">M8[s]", [("a", ">i2"), ("b", "<f4")]])
def test_foreign_byte_order_comes_out_native(dtype):
    x = np.ones(3, dtype) if isinstance(dtype, list) else array_of(dtype, (3,))
    batch = next(iter(hr.from_tensor_slices(x).batch(3)))
    assert batch.dtype.isnative and batch.tolist() == x.tolist()


@pytest.mark.parametrize("values", [["a", "", "ünïcode", "\ud800 alone"], [b"a", b"", b"\x00\xff"]])
def test_lists_of_text_become_object_arrays_and_single_ones_str_or_bytes(values):
    ds = hr.from_tensor_slices(values)
    assert list(ds) == values and all(type(v) is type(values[0]) for v in ds)
    batch = next(iter(ds.batch(10)))
    assert batch.dtype == object and batch.tolist() == values
    shuffled = next(iter(ds.shuffle(seed=2).batch(10)))
    assert sorted(shuffled.tolist()) == sorted(values)
    assert list(hr.from_tensor_slices(np.array(values, object))) == values
    assert list(ds.map(lambda v: v + v[:1])) == [v + v[:1] for v in values]


def test_nested_lists_of_text_keep_their_shape():
    values = [["a", "b", "c"], ["d", "e", "f"]]
    assert next(iter(hr.from_tensors(values))).tolist() == values
    assert [row.tolist() for row in hr.from_tensor_slices(values)] == values


@pytest.mark.skipif(not hasattr(np.dtypes, "StringDType"), reason="NumPy 1 has no StringDType")
def test_string_dtype_becomes_variable_length_text():
    assert list(hr.from_tensor_slices(np.array(["a", "long" * 20], np.dtypes.StringDType()))) == ["a", "long" * 20]


def test_lists_of_numbers_become_what_numpy_makes_of_them():
    for values in ([1, 2], [1.5, 2], [True, False], [[1, 2], [3, 4]], [(1, 2), (3, 4)], [1j, 2], [2**63], [], [np.float32(1)] * 2):
        got, wanted = next(iter(hr.from_tensors(values))), np.asarray(values)
        assert got.dtype == wanted.dtype and got.tolist() == wanted.tolist()
    assert next(iter(hr.from_tensors([np.zeros(2), np.ones(2)]))).tolist() == [[0, 0], [1, 1]]


def test_other_holders_of_arrays_are_taken():
    import array

    for value in (range(3), array.array("i", [0, 1, 2]), memoryview(b"\x00\x01\x02"), bytearray([0, 1, 2])):
        assert list(hr.from_tensor_slices(value)) == [0, 1, 2]


def test_structures_come_back_as_they_were():
    values = {"b": (np.arange(3), None), "a": Point(np.ones(3), {"deep": np.zeros((3, 1))})}
    first = next(iter(hr.from_tensor_slices(values)))
    assert list(first) == ["b", "a"] and first["b"] == (0, None)
    assert type(first["a"]) is Point and first["a"].x == 1 and first["a"].y["deep"].tolist() == [0]
    batch = next(iter(hr.from_tensor_slices(values).batch(2)))
    assert batch["b"][0].tolist() == [0, 1] and batch["b"][1] is None and type(batch["a"]) is Point


def test_dataclasses_come_back_by_their_init_fields():
    ds = hr.from_tensor_slices(Sample(np.arange(6).reshape(3, 2), np.arange(3), ["x", "y", "z"]))
    second = list(ds)[1]
    assert type(second) is Sample and second.image.tolist() == [2, 3] and second.label == 1 and second.note == "y"
    assert list(ds.map(lambda sample: sample.label)) == [0, 1, 2]


@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ([[1, 2], [3]], ValueError, r"tensors\[1\] makes the list ragged: it has 1 items where the first has 2"),
        ([[1, 2], 3], ValueError, r"tensors\[1\] makes the list ragged"),
        ([np.zeros(2), np.zeros(3)], ValueError, "ragged"),
        ([1, "a"], TypeError, "mixes text and numbers"),
        (["a", b"a"], TypeError, "mixes str and bytes"),
        ([1, None], TypeError, r"tensors\[1\] is None"),
        ([-1, 2**63], TypeError, "64-bit"),
        ([2**63, 1], TypeError, "64-bit"),
        ([2**70], TypeError, "64-bit"),
        (2**70, TypeError, "64 bits"),
        (np.ma.masked_array([1, 2], [0, 1]), TypeError, "masked"),
        (np.ones(3, np.longdouble), TypeError, "longdouble|float128"),
        (np.zeros(3, "V4"), TypeError, "dtype"),
        (np.array(["a", 1], object), TypeError, r"holds 1 \(int\) at position \(1,\)"),
        (np.array([["a"], [b"a"]], object), TypeError, r"mixes str and bytes, at position \(1, 0\)"),
        ({1: np.zeros(2)}, TypeError, r"key 1 \(int\)"),
        ({"a": {"b": {3}}}, TypeError, r"tensors\['a'\]\['b'\] is \{3\} \(set\)"),
        ((np.zeros(2), object()), TypeError, r"tensors\[1\] is <object"),
        (np.zeros, TypeError, "is no array"),
    ],
)
def test_what_would_be_guessed_is_refused_by_name(value, error, words):
    with pytest.raises(error, match=r"\[from_tensor_slices\] tensors.*"):
        hr.from_tensor_slices(value)
    with pytest.raises(error, match=words):
        hr.from_tensor_slices(value)


def test_a_list_that_holds_itself_is_refused():
    values = []
    values.append(values)
    with pytest.raises(TypeError, match="nested deeper"):
        hr.from_tensor_slices(values)


def test_a_masked_array_without_masked_entries_is_taken():
    assert list(hr.from_tensor_slices(np.ma.masked_array([1, 2], [0, 0]))) == [1, 2]


def address(array):
    return array.__array_interface__["data"][0]


@pytest.mark.parametrize(
    "view",
    [
        lambda x: x, lambda x: x[::2], lambda x: x[::-1], lambda x: x[:, ::-1], lambda x: x.T,
        lambda x: np.broadcast_to(x[0], x.shape), lambda x: x[3:3],
    ],
)  # fmt: skip
def test_sources_are_used_in_place_whatever_their_strides(view):
    x = np.arange(60, dtype=np.float32).reshape(10, 6)
    source = view(x)
    batches = list(hr.from_tensor_slices(source).batch(3))
    for i, batch in enumerate(batches):
        wanted = source[3 * i : 3 * i + 3]
        same(batch, wanted)
        assert address(batch) == address(wanted) and batch.strides == wanted.strides
        assert not batch.flags.writeable and np.shares_memory(batch, x)
    if batches:
        x[:] = -1
        assert all((batch == -1).all() for batch in batches)


def test_misaligned_and_read_only_sources_are_used_in_place():
    packed = np.zeros(4, dtype=[("a", "i1"), ("b", "<f8")])
    packed["b"] = range(4)
    frozen = np.arange(4.0)
    frozen.flags.writeable = False
    for source in (packed["b"], frozen):
        batch = next(iter(hr.from_tensor_slices(source).batch(4)))
        assert address(batch) == address(source) and batch.tolist() == [0, 1, 2, 3]


def test_a_memmap_is_used_in_place(tmp_path):
    np.arange(12, dtype=np.int16).tofile(tmp_path / "x")
    x = np.memmap(tmp_path / "x", np.int16, mode="r", offset=4, shape=(5, 2))
    batch = next(iter(hr.from_tensor_slices(x).batch(5)))
    assert type(batch) is np.ndarray and address(batch) == address(x) and batch[0].tolist() == [2, 3]


def test_a_large_result_that_nobody_else_holds_is_adopted_and_others_are_copied():
    made = []

    def fresh(i):
        array = np.full(1000, i)
        made.append(address(array))
        return array

    assert [address(row) for row in hr.range(3).map(fresh)] == made

    shared = np.zeros(1000)

    def kept(i):
        shared[:] = i
        return shared

    assert [row[0] for row in list(hr.range(3).map(kept))] == [0, 1, 2]
    cached = {"a": np.zeros(1000)}

    def in_a_dict(i):
        cached["a"][:] = i
        return cached

    assert [row["a"][0] for row in list(hr.range(3).map(in_a_dict))] == [0, 1, 2]


def test_batches_are_aligned_and_writable_unless_they_are_views():
    x = np.arange(300, dtype=np.float32).reshape(100, 3)
    for ds in (hr.from_tensor_slices(x).shuffle(seed=1), hr.from_tensor_slices(x).map(lambda row: row + 1), hr.range(100)):
        for batch in ds.batch(7):
            assert address(batch) % 64 == 0 and batch.flags.writeable


def test_writing_to_a_view_raises_unless_writable_is_asked_for():
    x = np.arange(10.0)
    batch = next(iter(hr.from_tensor_slices(x).batch(4)))
    with pytest.raises(ValueError, match="read-only"):
        batch[0] = 9
    ds = hr.from_tensor_slices(x).batch(4).with_options(writable=True)
    for batch in ds:
        batch[:] = -1
        assert address(batch) % 64 == 0
    ds[0][:] = -1
    assert x.tolist() == list(range(10)) and np.concatenate(list(ds)).tolist() == list(range(10))


def test_a_kept_small_row_does_not_keep_its_block():
    rows = list(hr.range(10000).map(lambda i: np.full(4, i)))
    assert all(row.base is None or sys.getsizeof(row) < 1024 for row in rows)
    assert [row[0] for row in rows] == list(range(10000))


def test_a_batch_outlives_everything():
    x = np.arange(1000.0)
    iterator = iter(hr.from_tensor_slices(x).batch(100))
    view = next(iterator)
    mapped = next(iter(hr.from_tensor_slices(x).map(lambda v: v).batch(100)))
    alive = weakref.ref(x)
    del iterator, x
    gc.collect()
    assert view.tolist() == mapped.tolist() == list(range(100)) and alive() is not None
    del view, mapped
    assert comes_true(lambda: alive() is None)


def test_reference_counts_are_back_where_they_began():
    x, label = np.arange(1000.0).reshape(100, 10), object()
    names = np.array([f"name {i}" for i in range(100)], object)

    def function(row, name):
        assert label
        return {"row": row * 2, "name": name + "!"}

    def work():
        ds = hr.from_tensor_slices((x, names)).shuffle(seed=3).map(function).filter(lambda d: bool(d["row"][0] >= 0)).batch(7)
        assert len(list(ds)) == 15
        iterator = iter(ds)
        next(iterator)
        ds.element_spec
        pickle.dumps(hr.from_tensor_slices((x, names)))
        return None

    work()
    settled_bytes()
    next(iter(hr.range(1)))  # what other threads left is dropped at a next call

    def counts():
        return [sys.getrefcount(thing) for thing in (x, names, names[0], function, label, np.dtype("float64"), Point)]

    before = counts()
    for _ in range(3):
        work()
    assert comes_true(lambda: counts() == before)


def test_a_dataset_held_by_its_own_function_is_collected():
    class Holder:
        def __init__(self):
            self.dataset = hr.range(3).map(self.double).batch(2)

        def double(self, x):
            return 2 * x

    holder = Holder()
    assert np.concatenate(list(holder.dataset)).tolist() == [0, 2, 4]
    alive = weakref.ref(holder)
    del holder
    assert comes_true(lambda: alive() is None)
