"""from_npy and write_npy beside NumPy: dtypes, shapes, orders, versions, files that change, heads that lie."""

from __future__ import annotations

import gzip
import io
import os
import pickle
import struct
import warnings
from pathlib import Path
from typing import Any

import hypothesis
import hypothesis.extra.numpy as arrays
import hypothesis.strategies as some
import numpy as np
import pytest

import headrace as hr
from children import run
from settling import live_bytes, settled_bytes


def contents_of(array: Any, version: tuple[int, int] | None = None) -> bytes:
    file = io.BytesIO()
    np.lib.format.write_array(file, array, version=version, allow_pickle=True)
    return file.getvalue()


def bytes_of(head: str, data: bytes = b"", version: int = 1) -> bytes:
    text = head.encode("utf-8" if version == 3 else "latin-1") + b"\n"
    return b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(text)) + text + data


def native(array: Any) -> Any:
    return array.astype(array.dtype.newbyteorder("="))


def same(a: Any, b: Any) -> None:
    assert (a.dtype, a.shape) == (b.dtype, b.shape)
    assert np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes()


def read(path: Path, mmap: bool, batch: int) -> Any:
    ds = hr.from_npy(path, mmap)
    empty = np.empty((0, *(size or 0 for size in ds.element_spec.shape)), ds.element_spec.dtype)
    return np.concatenate([empty, *ds.batch(batch)])


@some.composite
def plain_dtypes(draw: Any) -> Any:
    order = draw(some.sampled_from("<>"))
    name = draw(
        some.sampled_from(["?", "i1", "u1", *(f"{kind}{size}" for kind in "iu" for size in (2, 4, 8)), "f2", "f4", "f8", "c8", "c16"])
        | some.sampled_from(["M8[ns]", "M8[25s]", "m8[D]", "M8", "S1", "S7", "U1", "U5"])
    )
    return np.dtype(name).newbyteorder(order)


dtypes = plain_dtypes() | some.lists(some.tuples(plain_dtypes(), some.sampled_from([(), (2,), (2, 3)])), min_size=1, max_size=4).map(
    lambda fields: np.dtype([(f"f{i}", dtype, shape) for i, (dtype, shape) in enumerate(fields)])
)


@hypothesis.given(
    dtype=dtypes,
    shape=arrays.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=5),
    order=some.sampled_from("CF"),
    version=some.sampled_from([(1, 0), (2, 0), (3, 0)]),
    seed=some.integers(0, 99),
    mmap=some.booleans(),
    batch=some.integers(1, 6),
)
@hypothesis.settings(max_examples=150, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture])
def test_any_array_comes_back(tmp_path: Path, dtype: Any, shape: Any, order: Any, version: Any, seed: int, mmap: bool, batch: int) -> None:
    random = np.random.default_rng(seed)
    flat = random.integers(0, 2 if "?" in str(dtype) or "bool" in str(dtype) or "U" in str(dtype) else 256, int(np.prod(shape)) * dtype.itemsize, np.uint8)
    if "U" in str(dtype):  # no byte order makes a character of these that there is not
        flat[:] = 0
    array = np.ndarray(shape, dtype, flat.tobytes()).copy(order)
    path = tmp_path / "a.npy"
    path.write_bytes(contents_of(array, version))
    whole = np.load(path)
    same(read(path, mmap, batch), native(whole))
    ds = hr.from_npy(path, mmap)
    assert len(ds) == shape[0] and ds.random_access
    if shape[0]:
        picks = random.integers(0, shape[0], 7)
        same(ds.gather(picks), native(whole)[picks])
        same(np.asarray(ds[-1]), np.asarray(native(whole)[-1]))
        same(ds[::2].gather([0]), native(whole)[::2][:1])
    written = tmp_path / "b.npy"
    ds.write_npy(written)
    same(np.load(written), native(whole))
    assert not (tmp_path / "b.npy.part").exists()
    same(read(written, mmap, batch), native(whole))


def test_large_arrays_in_either_order(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    data = random.standard_normal((30_000, 7, 3)).astype(">f4")
    for name, array in (("C", data), ("F", np.asfortranarray(data)), ("wide", np.asfortranarray(data.reshape(300, -1)))):
        np.save(tmp_path / name, array)
        ds = hr.from_npy(tmp_path / f"{name}.npy")
        same(np.concatenate(list(ds.batch(1000))), native(np.ascontiguousarray(array)))
        picks = random.integers(0, len(array), 5000)
        same(ds.gather(picks), native(array)[picks])
        shuffled = np.concatenate(list(ds.shuffle(buffer_size=500, seed=1).batch(256)))
        assert np.array_equal(np.sort(shuffled.ravel()), np.sort(native(array).ravel()))
    assert "in blocks of" in hr.from_npy(tmp_path / "F.npy").explain()


def test_files_follow_each_other(tmp_path: Path) -> None:
    for i in range(100):
        np.save(tmp_path / f"{i:03}.npy", np.full((i % 3, 2), i))
    ds = hr.from_npy(f"{tmp_path}/*.npy")
    right = np.concatenate([np.full((i % 3, 2), i) for i in range(100)])
    assert len(ds) == len(right)
    same(np.concatenate(list(ds.batch(7))), right)
    same(ds.gather(np.arange(len(ds))[::-1]), right[::-1])
    assert len(os.listdir("/proc/self/fd")) < 64 + 40
    same(np.concatenate(list(pickle.loads(pickle.dumps(ds)).batch(7))), right)


def test_mapped_batches_are_views_of_the_file(tmp_path: Path) -> None:
    array = np.arange(40_000.0).reshape(10_000, 4)
    np.save(tmp_path / "a.npy", array)
    np.save(tmp_path / "f.npy", np.asfortranarray(array))
    for name, strides in (("a", (32, 8)), ("f", (8, 80_000))):
        before = settled_bytes()
        batches = list(hr.from_npy(tmp_path / f"{name}.npy", mmap=True).batch(1000))
        place = batches[0].__array_interface__["data"][0]
        for i, batch in enumerate(batches):
            assert batch.__array_interface__["data"][0] == place + 1000 * strides[0] * i and batch.strides == strides
            assert not batch.flags.writeable and np.array_equal(batch, array[1000 * i : 1000 * i + 1000])
        mapped = [line for line in Path("/proc/self/maps").read_text().splitlines() if line.endswith(f"{name}.npy")]
        begin, end = (int(place, 16) for place in mapped[0].split()[0].split("-"))
        assert begin <= place < end  # the bytes are the file's own pages
        assert live_bytes() - before < 1000  # of 320,000
    with (tmp_path / "a.npy").open("r+b") as file:
        file.seek(128)
        file.write(struct.pack("<d", 77.0))
    first = next(iter(hr.from_npy(tmp_path / "a.npy", mmap=True).batch(2)))
    assert first[0, 0] == 77


def test_a_mapped_batch_sees_what_is_written_to_the_file(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(10))
    batch = next(iter(hr.from_npy(tmp_path / "a.npy", mmap=True).batch(5)))
    file = np.load(tmp_path / "a.npy", mmap_mode="r+")
    file[0] = 99
    assert batch[0] == 99


@pytest.mark.parametrize("change", ["cut", "written", "replaced"])
def test_a_file_that_changes_is_an_error(tmp_path: Path, change: str) -> None:
    path = tmp_path / "a.npy"
    np.save(path, np.arange(1000))
    ds = hr.from_npy(path)
    it = iter(ds.batch(10)) if change != "replaced" else None
    if it:
        next(it)
    if change == "cut":
        os.truncate(path, 1000)
    elif change == "written":
        np.save(path, np.arange(1001))
    else:
        np.save(tmp_path / "b.npy", np.arange(1000) + 1)
        for i in range(70):  # so that its descriptor is not kept
            np.save(tmp_path / f"c{i}.npy", np.arange(10))
        ds = hr.from_npy([path, *(tmp_path / f"c{i}.npy" for i in range(70))])
        os.replace(tmp_path / "b.npy", path)
    with pytest.raises(OSError, match=r"^\[from_npy\] cannot read .*a.npy'.*: the file was cut, written to or replaced since the dataset was made"):
        ds.gather([0])
    if change != "replaced":
        with pytest.raises(OSError, match=r"cannot read row 999 of '.*a.npy'"):
            ds[999]


def test_an_error_takes_the_place_of_its_rows(tmp_path: Path) -> None:
    for name in "ab":
        np.save(tmp_path / name, np.arange(4))
    ds = hr.from_npy([tmp_path / "a.npy", tmp_path / "b.npy"]).batch(2)
    it = iter(ds)
    assert list(next(it)) == [0, 1]
    os.truncate(tmp_path / "a.npy", 130)
    seen: list[Any] = []
    while True:
        try:
            seen.append(list(next(it)))
        except StopIteration:
            break
        except OSError as error:
            seen.append(str(error))
    assert seen[-2:] == [[0, 1], [2, 3]] and "of '" in seen[0]


REFUSED = [
    ("{'descr': '|O', 'fortran_order': False, 'shape': (3,), }", TypeError, "got Python objects .*are a pickle.*; save"),
    ("{'descr': [('x', '<f4'), ('y', '|O')], 'fortran_order': False, 'shape': (3,), }", TypeError, "got Python objects"),
    ("{'descr': '<f16', 'fortran_order': False, 'shape': (3,), }", TypeError, "no dtype for '<f16'"),
    ("{'descr': '<x4', 'fortran_order': False, 'shape': (3,), }", TypeError, "no dtype for '<x4'"),
    ("{'descr': '<M8[fortnight]', 'fortran_order': False, 'shape': (3,), }", TypeError, "no dtype"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", ValueError, "must have rows, got the scalar"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 4), }", OSError, "no memory has as many bytes"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807, 4), }", OSError, "no memory has as many bytes"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }", OSError, "has 4000000000000 bytes, got 4; the file was cut"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }", OSError, "an integer of 64 bits"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-1,), }", OSError, "sizes must be integers >= 0"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }", OSError, "holds more than one array: write them by np.savez"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (1,), }", OSError, "must be True or False"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), } rubbish", OSError, "the end, got 'r'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), 'more': 1}", OSError, "a dict of 'descr'"),
    ("{'descr': '<f4', 'fortran_order': False, 'fortran_order': False, 'shape': (1,)}", OSError, "no key before"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': __import__('os'), }", OSError, "a text, a number"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (1,)", OSError, "'}'"),
    ("{'descr': [('x', '<f4'), ('x', '<f4')], 'fortran_order': False, 'shape': (1,)}", OSError, "differ in name"),
    ("{'descr': " + "[('x', " * 40 + "'<f4'" + ")]" * 40 + ", 'fortran_order': False, 'shape': (1,)}", OSError, "fewer brackets"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (" + "1, " * 33 + ")}", OSError, "at most 32 axes"),
    ("{'descr': '|V9999999999', 'fortran_order': False, 'shape': (1,)}", TypeError, "no dtype"),
]


@pytest.mark.parametrize(("head", "error", "said"), REFUSED, ids=[said for _, _, said in REFUSED])
def test_heads_that_lie(tmp_path: Path, head: str, error: type[Exception], said: str) -> None:
    (tmp_path / "a.npy").write_bytes(bytes_of(head, b"\0" * 4))
    with pytest.raises(error, match=rf"^\[from_npy\] .*{said}"):
        hr.from_npy(tmp_path / "a.npy")


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    for contents, said in [
        (b"", "must begin as .npy files do"),
        (b"\x93NUMPX" + b"\0" * 100, "must begin as .npy files do"),
        (b"PK\3\4", "use from_npz"),
        (b"\x93NUMPY\x04\0" + b"\0" * 100, "must be 1.0, 2.0 or 3.0, got 4.0"),
        (b"\x93NUMPY\x02\0\xff\xff\xff\x7f", "must have at most 65536 bytes, got 2147483647"),
        (b"\x93NUMPY\x01\0\xff\xff", "ends in its head"),
        (b"\x93NUMPY\x01\0\xff", "ends in its head"),
        (bytes_of("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }\xff", version=1).replace(b"\x01\0", b"\x03\0", 1), "."),
    ]:
        path.write_bytes(contents)
        with pytest.raises(OSError, match=rf"^\[from_npy\] cannot read '{path}'.*{said}"):
            hr.from_npy(path)
    with pytest.raises(OSError, match=r"no file matches"):
        hr.from_npy(f"{tmp_path}/*.none")
    with pytest.raises(OSError, match=r"must be a plain file"):
        hr.from_npy(tmp_path)
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(OSError, match=r"must be a plain file"):
        hr.from_npy(tmp_path / "fifo")


def test_rows_that_differ_between_files(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.zeros((2, 3)))
    np.save(tmp_path / "b.npy", np.zeros((2, 4)))
    np.save(tmp_path / "c.npy", np.zeros((2, 3), np.float32))
    for other, got in (("b", r"float64\(4\)"), ("c", r"float32\(3\)")):
        with pytest.raises(ValueError, match=rf"rows must be as in '.*a.npy', float64\(3\), got {got} of '.*{other}.npy'"):
            hr.from_npy([tmp_path / "a.npy", tmp_path / f"{other}.npy"])


def test_heads_as_others_write_them(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    data = np.arange(3, dtype="<f4").tobytes()
    for head in (
        '{"descr":"<f4","fortran_order":False,"shape":(3,)}',
        "{'shape': (3L,), 'fortran_order': True, 'descr': u'<f4'}",
        "{ 'shape' : (3 ,) ,\t'fortran_order' : False ,\n 'descr' : '=f4' , }   \n  ",
        "{'descr': '\\x3cf4', 'fortran_order': False, 'shape': (3,)}",
    ):
        for version in (1, 2, 3):
            path.write_bytes(bytes_of(head, data, version))
            assert list(hr.from_npy(path).batch(3))[0].tolist() == [0, 1, 2]
    titled = np.zeros(2, np.dtype({"names": ["x", "y"], "formats": ["<i2", "<f8"], "titles": ["a title", None]}, align=True))
    titled["y"] = [1, 2]
    np.save(path, titled)
    assert list(hr.from_npy(path).map(lambda row: row["y"])) == [1, 2]
    for name in ("é", "日本", "it's", 'a "b"', "new\nline"):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that version 3.0 is needed
            np.save(path, np.zeros(2, [(name, "<i4")]))
        assert hr.from_npy(path).element_spec.dtype.names == (name,)


def test_bytes_of_bool_other_than_0_and_1_are_true(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(contents_of(np.zeros(4, bool))[:-4] + b"\0\1\2\xff")
    for rows in (hr.from_npy(path).gather([0, 1, 2, 3]), hr.from_npy(path).gather([3, 1, 2, 0])[[3, 1, 2, 0]]):
        assert rows.tobytes() == b"\0\1\1\1"


@pytest.mark.parametrize("big", [False, True])
def test_a_file_cut_anywhere(tmp_path: Path, big: bool) -> None:
    path = tmp_path / "a.npy"
    whole = contents_of(np.arange(30, dtype=">i2" if big else "<i2").reshape(10, 3, order="F" if big else "C"))
    for end in range(len(whole)):
        path.write_bytes(whole[:end])
        with pytest.raises(OSError, match=rf"^\[from_npy\] cannot read '{path}'"):
            hr.from_npy(path)


FLIPS = """
import io, os, sys, numpy as np, headrace as hr
path = sys.argv[1]
arrays = [np.arange(30, dtype=">i2").reshape(10, 3), np.asfortranarray(np.arange(24.0).reshape(6, 4)), np.array(["ab", "c"]),
    np.zeros(3, [("x", "<f4"), ("n", [("a", ">i2"), ("s", "S3")], (2,))]), np.array(["2020"], "M8[D]")]
random = np.random.default_rng(int(sys.argv[2]))
good = 0
for array in arrays:
    file = io.BytesIO()
    np.save(file, array)
    whole = file.getvalue()
    for at in [*range(128), *random.integers(0, len(whole), 400)]:
        contents = bytearray(whole)
        contents[at] ^= random.integers(1, 256)
        open(path, "wb").write(contents)
        try:
            ds = hr.from_npy(path)
            rows = ds.gather(range(len(ds)))
        except (OSError, ValueError, TypeError):
            continue
        right = np.load(path)
        good += 1
        assert rows.dtype == right.dtype.newbyteorder("=") or right.dtype.kind == "V", (at, rows.dtype, right.dtype)
        right = right.astype(right.dtype.newbyteorder("="))
        if right.dtype == bool:
            rows, right = rows != 0, right != 0
        assert rows.shape == right.shape and rows.tobytes() == np.ascontiguousarray(right).tobytes(), (at, contents[:128])
assert good > 100
print("done")
"""


def test_a_byte_changed_anywhere_is_an_error_or_what_numpy_reads(tmp_path: Path) -> None:
    ended = run(FLIPS, str(tmp_path / "a.npy"), "0", limit=120)
    assert ended.code == 0 and ended.out.endswith("done\n"), ended.err[-3000:]


def zipped(path: Path, array: Any) -> Path:
    path.write_bytes(gzip.compress(contents_of(array)))
    return path


@pytest.mark.parametrize("dtype", ["<f4", ">i2", "?", [("x", ">f4"), ("y", "S3")]])
@pytest.mark.parametrize("rows", [0, 1, 2, 3, 5000, 200_000])
def test_files_of_gzip_are_a_stream(tmp_path: Path, dtype: Any, rows: int) -> None:
    array = np.random.default_rng(0).integers(0, 2, (rows, 3, np.dtype(dtype).itemsize), np.uint8).view(dtype)[..., 0]
    paths = [zipped(tmp_path / "a.npy.gz", array), tmp_path / "b.npy", zipped(tmp_path / "c", array[:7])]
    np.save(paths[1], array[::2])
    right = native(np.concatenate([array, array[::2], array[:7]]))
    ds = hr.from_npy(paths)
    assert not ds.random_access and len(ds) == len(right)
    same(np.concatenate([right[:0], *ds.batch(1000)]), right)
    for threads in (1, 3):
        it = iter(ds.batch(777).with_options(threads=threads))
        for _ in range(len(right) // 1554):
            next(it)
        again = iter(ds.batch(777))
        again.load_state_dict(it.state_dict())
        same(np.concatenate([right[:0], *again]), right[len(right) // 1554 * 777 :])


def outcomes(ds: hr.Dataset) -> list[Any]:
    seen: list[Any] = []
    it = iter(ds)
    while True:
        try:
            seen.append(int(next(it)))
        except StopIteration:
            return seen
        except OSError as error:
            seen.append(str(error))


def test_what_is_wrong_within_gzip(tmp_path: Path) -> None:
    array = np.arange(200_000)
    whole = contents_of(array)
    good = zipped(tmp_path / "good.npy.gz", np.arange(3))
    path = tmp_path / "a.npy.gz"
    for end in (128, 128 + 8, 128 + 8 * 4 + 3, 65536, 128 + 8 * 8176, 128 + 8 * 8177, len(whole) - 8, len(whole) - 1):
        path.write_bytes(gzip.compress(whole[:end], 1))
        ds = hr.from_npy([path, good])
        row = (end - 128) // 8
        seen = outcomes(ds)
        assert seen[:row] == list(range(row)) and seen[row + 1 :] == [0, 1, 2]
        assert f"cannot read row {row} of '{path}': the array has 1600000 bytes, got {end - 128}; the file was cut" in seen[row]
    for more in (b"x", whole):
        path.write_bytes(gzip.compress(whole + more, 1))
        seen = outcomes(hr.from_npy([path, good]))
        assert seen[:200_000] == list(range(200_000)) and seen[200_001:] == [0, 1, 2]
        assert "got more; the file is damaged, or holds more than one array" in seen[200_000]
    stored = gzip.compress(whole, 1)
    for end in (len(stored) // 2, len(stored) - 4):
        path.write_bytes(stored[:end])
        seen = outcomes(hr.from_npy([path, good]))
        errors = [value for value in seen if isinstance(value, str)]
        assert len(errors) == 1 and seen[: seen.index(errors[0])] == list(range(seen.index(errors[0]))) and seen[-3:] == [0, 1, 2]
    path.write_bytes(gzip.compress(whole[:100]))
    with pytest.raises(OSError, match="it ends in its head"):
        hr.from_npy(path)
    with pytest.raises(ValueError, match=r"must be in C order, got Fortran order in '.*a.npy.gz'; gunzip it"):
        hr.from_npy(zipped(path, np.asfortranarray(np.zeros((2, 2)))))
    with pytest.raises(ValueError, match="mmap must be False for files compressed by gzip"):
        hr.from_npy(good, mmap=True)
    with pytest.raises(ValueError, match=r"rows must be as in '.*good.npy.gz', int64\(\), got float64\(2\) of '.*a.npy.gz'"):
        hr.from_npy([good, zipped(path, np.zeros((2, 2)))])
    ds = hr.from_npy(zipped(path, array))
    size = path.stat().st_size
    path.write_bytes(gzip.compress(contents_of(array.astype(">i8")), 9)[:size].ljust(size, b"\0"))
    assert "the file was written to or replaced since" in outcomes(ds)[0]


def test_write_npy_refuses_in_words(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    path.write_bytes(b"as it was")
    unknown = hr.from_generator(lambda: iter([np.zeros(2), np.zeros(3)]), output_signature=hr.TensorSpec((None,), np.float64))
    for ds, error, said in (
        (hr.range(3).map(lambda i: (i, i)), ValueError, "elements must be one array.*write_hdf5 or save"),
        (hr.range(3).map(lambda i: {"x": i}), ValueError, "elements must be one array"),
        (hr.from_tensor_slices(["a", "bc"]), TypeError, "of fixed size.*write_hdf5 or save"),
        (hr.range(3).repeat(), ValueError, "must end, got an infinite one"),
        (unknown, ValueError, r"of one shape, got float64\(\?\); use padded_batch"),
    ):
        with pytest.raises(error, match=rf"^\[write_npy\] .*{said}"):
            ds.write_npy(path)
    with pytest.raises(TypeError, match=r"^\[write_npy\] progress must be a function or None, got 3"):
        hr.range(3).write_npy(path, progress=3)  # type: ignore[arg-type]
    with pytest.raises(OSError, match=r"cannot create '.*none/a.npy.part'"):
        hr.range(3).write_npy(tmp_path / "none" / "a.npy")
    assert path.read_bytes() == b"as it was" and os.listdir(tmp_path) == ["a.npy"]


def test_an_error_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npy"
    hr.range(5).write_npy(path)
    before = path.read_bytes()

    def fail(i: Any) -> Any:
        if i == 700_000:
            raise KeyError("here")
        return i

    with pytest.raises(KeyError, match="here"):
        hr.range(800_000).map(fail, output_signature=hr.TensorSpec((), np.int64)).write_npy(path)

    def stop(rows: int) -> None:
        raise RuntimeError(f"at {rows}")

    with pytest.raises(RuntimeError, match="at 10"):
        hr.range(10).write_npy(path, progress=stop)
    assert path.read_bytes() == before and os.listdir(tmp_path) == ["a.npy"]


def test_write_npy_tells_progress_and_counts_epochs(tmp_path: Path) -> None:
    seen: list[int] = []
    ds = hr.range(300_000).shuffle(seed=3)
    ds.write_npy(tmp_path / "a.npy", progress=seen.append)
    assert seen == [131_072, 262_144, 300_000]
    same(np.load(tmp_path / "a.npy"), np.array(list(ds.iterator(epoch=0))))
    ds.write_npy(tmp_path / "b.npy")
    same(np.load(tmp_path / "b.npy"), np.array(list(ds.iterator(epoch=1))))


def test_write_npy_of_fixed_text_of_differing_widths(tmp_path: Path) -> None:
    block = (1 << 20) // 12  # rows that are written at once
    ds = hr.range(block + 10).map(lambda i: np.array("abc" if i < block else "x"))
    ds.write_npy(tmp_path / "a.npy")
    same(np.load(tmp_path / "a.npy"), np.array(["abc"] * block + ["x"] * 10))
    with pytest.raises(ValueError, match=r"^\[write_npy\] rows must be of one dtype and shape, got U3\(\) after U1\(\); make them alike"):
        hr.range(3).map(lambda i: np.array("x" if i < 1 else "abc")).write_npy(tmp_path / "a.npy")


def test_a_fork_reads_on(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.arange(1000))
    ended = run(
        """
import os, sys, numpy as np, headrace as hr
it = iter(hr.from_npy(sys.argv[1]).batch(10))
next(it)
if os.fork() == 0:
    os._exit(0 if np.array_equal(np.concatenate(list(it)), np.arange(10, 1000)) else 1)
assert os.waitstatus_to_exitcode(os.wait()[1]) == 0
assert np.array_equal(np.concatenate(list(it)), np.arange(10, 1000))
print("done")
""",
        str(tmp_path / "a.npy"),
        limit=20,
    )
    assert ended.code == 0 and ended.out == "done\n", ended.err[-3000:]
