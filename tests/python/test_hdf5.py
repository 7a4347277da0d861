"""from_hdf5 against h5py, which writes the files."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from children import run

h5py = pytest.importorskip("h5py")

ROWS = 1000


def in_child(code: str) -> None:
    ended = run(code)
    assert ended.code == 0, ended.err


def numbers(rows: int = ROWS, width: int = 8) -> Any:
    return np.arange(rows * width, dtype=np.float32).reshape(rows, width)


def write(path: Path, **datasets: Any) -> Path:
    """A file of datasets: an array, or a pair of one and h5py's options."""
    with h5py.File(path, "w") as file:
        for name, value in datasets.items():
            data, options = value if isinstance(value, tuple) else (value, {})
            file.create_dataset(name, data=data, **options)
    return path


def rows_of(ds: hr.Dataset) -> list[Any]:
    return [row for row in ds]


def same(ds: hr.Dataset, expected: Any) -> None:
    """Every way in gives `expected`'s rows."""
    assert len(ds) == len(expected)
    got = list(ds.batch(37))
    assert np.array_equal(np.concatenate(got), expected) if got else len(expected) == 0
    if got:
        assert got[0].dtype == expected.dtype
    positions = np.random.default_rng(3).integers(0, max(len(expected), 1), 50) if len(expected) else np.zeros(0, np.int64)
    if len(positions):
        assert np.array_equal(ds.gather(positions), expected[positions])
        assert np.array_equal(ds[int(positions[0])], expected[positions[0]])
    shuffled = list(ds.shuffle(seed=1).batch(41, drop_remainder=True))
    order = [int(i) for batch in hr.range(len(expected)).shuffle(seed=1).batch(41, drop_remainder=True) for i in batch]
    assert not shuffled or np.array_equal(np.concatenate(shuffled), expected[order])


FILTERS: list[dict[str, Any]] = [
    {},
    {"compression": "gzip"},
    {"compression": "gzip", "compression_opts": 9, "shuffle": True},
    {"shuffle": True, "fletcher32": True},
    {"compression": "lzf"},
    {"compression": "lzf", "shuffle": True, "fletcher32": True},
    {"compression": "gzip", "fletcher32": True},
    {"scaleoffset": 0},
]


@pytest.mark.parametrize("options", FILTERS, ids=str)
@pytest.mark.parametrize("chunks", [None, (1, 8), (7, 8), (64, 3), (1000, 8), (333, 5)], ids=str)
def test_rows_are_h5pys(tmp_path: Path, options: dict[str, Any], chunks: tuple[int, ...] | None) -> None:
    if options and chunks is None:
        pytest.skip("filters need chunks")
    data = numbers().astype(np.int32) if "scaleoffset" in options else numbers()
    path = write(tmp_path / "a.h5", x=(data, {"chunks": chunks, **options}))
    same(hr.from_hdf5(path, "x"), data)


DTYPES = ["b1", "i1", "<i2", ">i4", "<i8", "u1", ">u2", "<u4", ">u8", "<f2", ">f4", "<f8", ">f8", "<c8", "<c16", "S5"]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("options", [{}, {"chunks": (10, 2, 2)}, {"chunks": (64, 3, 2), "compression": "gzip", "shuffle": True}], ids=str)
def test_dtypes_come_out_native(tmp_path: Path, dtype: str, options: dict[str, Any]) -> None:
    data = np.random.default_rng(1).integers(0, 100, (123, 3, 2)).astype(dtype)
    path = write(tmp_path / "a.h5", x=(data, options))
    same(hr.from_hdf5(path, "x"), data.astype(np.dtype(dtype).newbyteorder("=")))


def test_records_and_enums(tmp_path: Path) -> None:
    record = np.dtype([("id", "<i4"), ("place", "<f8", (3,)), ("ok", "?")])
    data = np.zeros(100, record)
    data["id"], data["place"], data["ok"] = np.arange(100), np.arange(300).reshape(100, 3), np.arange(100) % 3 == 0
    colours = np.arange(100, dtype=np.int8) % 3
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("r", data=data, chunks=(13,), compression="gzip")
        file.create_dataset("e", data=colours, dtype=h5py.enum_dtype({"red": 0, "green": 1, "blue": 2}, basetype="i1"))
    rows = np.concatenate(list(hr.from_hdf5(path, "r").batch(9)))
    for name in ("id", "place", "ok"):
        assert np.array_equal(rows[name], data[name])
    same(hr.from_hdf5(path, "e"), colours)


def test_texts(tmp_path: Path) -> None:
    words = [f"wörd {i}" * (i % 4) for i in range(300)]
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("plain", data=words, dtype=h5py.string_dtype())
        file.create_dataset("packed", data=words, dtype=h5py.string_dtype(), chunks=(17,), compression="gzip")
    for name in ("plain", "packed"):
        ds = hr.from_hdf5(path, name)
        assert list(ds) == words and ds[5] == words[5]
        assert [word for batch in ds.batch(23) for word in batch] == words
        assert ds.gather([250, 3, 250]).tolist() == [words[250], words[3], words[250]]


def test_what_a_name_can_be(tmp_path: Path) -> None:
    x, y = numbers(20), np.arange(20)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["train/images"], file["train/labels/id"] = x, y
        file["train/labels/weight"] = y * 2.0
        file["other"] = np.arange(7)
    pairs = hr.from_hdf5(path, ("train/images", "train/labels/id"))
    assert all(np.array_equal(a, x[i]) and b == i for i, (a, b) in enumerate(pairs))
    assert list(hr.from_hdf5(path, ["train/images", "/train/labels/id"]))[3][1] == 3
    named = hr.from_hdf5(path, {"image": "train/images", "target": {"id": "train/labels/id"}})[4]
    assert np.array_equal(named["image"], x[4]) and named["target"] == {"id": 4}
    group = hr.from_hdf5(path, "train")[5]
    assert np.array_equal(group["images"], x[5]) and group["labels"] == {"id": 5, "weight": 10.0}
    with pytest.raises(ValueError, match=r"^\[from_hdf5\] the datasets of '/' in '.*' must be of one first size, got '/other' int64\(7,?\), '/train/images' float32\(20, 8\)"):
        hr.from_hdf5(path)
    with pytest.raises(ValueError, match="datasets must be of one first size, got 20 of '/train/images' and 7 of '/other'"):
        hr.from_hdf5(path, ("train/images", "other"))
    with pytest.raises(OSError, match=r"^\[from_hdf5\] .*'/nothing'"):
        hr.from_hdf5(path, "nothing")


def test_many_files_are_one_dataset(tmp_path: Path) -> None:
    whole = numbers(300)
    for i, (begin, end) in enumerate([(0, 100), (100, 100), (100, 250), (250, 300)]):
        write(tmp_path / f"part-{i}.h5", x=(whole[begin:end], {"chunks": (16, 8), "maxshape": (None, 8), "compression": "gzip"} if i else {}))
    same(hr.from_hdf5(tmp_path / "part-*.h5", "x"), whole)
    same(hr.from_hdf5([tmp_path / "part-3.h5", tmp_path / "part-0.h5"], "x"), np.concatenate([whole[250:], whole[:100]]))
    write(tmp_path / "part-4.h5", x=numbers(3, 7))
    with pytest.raises(ValueError, match=r"rows must be as in the first file, float32\(8\), got float32\(7\) of '/x' in '.*part-4.h5'"):
        hr.from_hdf5(tmp_path / "part-*.h5", "x")
    with pytest.raises(OSError, match="no file matches"):
        hr.from_hdf5(tmp_path / "none-*.h5")


def test_more_files_than_may_be_open(tmp_path: Path) -> None:
    for i in range(150):
        write(tmp_path / f"{i:03}.h5", x=(np.full((2, 3), i), {"chunks": (1, 3)}))
    ds = hr.from_hdf5(tmp_path / "*.h5", "x")
    for _ in range(2):
        assert [int(row[0]) for row in ds.shuffle(seed=2)] == [int(i) // 2 for i in hr.range(300).shuffle(seed=2)]


def test_a_file_replaced_before_it_is_opened_again_is_an_error(tmp_path: Path) -> None:
    for i in range(80):
        write(tmp_path / f"{i:03}.h5", x=np.full((2, 3), i))
    ds = hr.from_hdf5(tmp_path / "*.h5", "x")
    write(tmp_path / "000.h5", x=np.full((2, 3), -1))
    assert ds[100].tolist() == [50] * 3
    with pytest.raises(OSError, match=r"^\[from_hdf5\] '.*000.h5' must stay as it is while it is read, but it was replaced"):
        ds[0]


def decoded(iterator: Any) -> int:
    count: int = iterator.stats()[-1]["counts"].get("decoded", 0)
    return count


def test_each_chunk_is_decoded_once_an_epoch(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(10_000), {"chunks": (100, 8), "compression": "gzip"}))
    for plan in (lambda ds: ds.batch(64), lambda ds: ds.shuffle(seed=1).batch(64), lambda ds: ds.shuffle(700, seed=1).batch(64)):
        ds = hr.from_hdf5(path, "x")
        iterator = iter(plan(ds))
        assert sum(len(batch) for batch in iterator) == 10_000
        assert decoded(iterator) == 100
    small = hr.from_hdf5(path, "x").shuffle(1000, seed=1).batch(64).with_options(memory_limit=80_000)
    iterator = iter(small)
    assert sum(len(batch) for batch in iterator) == 10_000
    assert decoded(iterator) <= 120  # of the 32 kB of a run, and of the next one, 60 kB are kept


def test_a_batch_in_one_chunk_is_a_view(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(1024), {"chunks": (256, 8), "compression": "gzip"}))
    batches = list(hr.from_hdf5(path, "x").batch(64))
    assert all(not batch.flags.writeable for batch in batches)
    assert all(b.ctypes.data - a.ctypes.data == 64 * 32 for a, b in zip(batches[0:3], batches[1:4]))
    crossing = list(hr.from_hdf5(path, "x").batch(300))
    assert crossing[0].flags.writeable


def test_never_written_chunks_give_the_fill_value(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (1000, 4), "f4", chunks=(100, 4), fillvalue=7.5, compression="gzip")[250:260] = 1
        file.create_dataset("big", (1000,), ">i4", chunks=(100,), fillvalue=258)
        file.create_dataset("plain", (1000,), "i4")
    with h5py.File(path) as file:
        for name in ("x", "big", "plain"):
            data = file[name][:]
            same(hr.from_hdf5(path, name), data.astype(data.dtype.newbyteorder("=")))


@pytest.mark.parametrize("options", [{}, {"chunks": (10, 8)}, {"chunks": (10, 8), "compression": "gzip"}], ids=str)
def test_a_user_block_changes_nothing(tmp_path: Path, options: dict[str, Any]) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", userblock_size=1024) as file:
        file.create_dataset("x", data=numbers(100), **options)
    same(hr.from_hdf5(path, "x"), numbers(100))


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


def test_a_file_changed_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=numbers(100))
    ds = hr.from_hdf5(path, "x")
    assert ds[3][0] == 24
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(OSError, match=r"^\[from_hdf5\]"):
        list(ds.batch(100))


def test_what_is_no_hdf5_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("text")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open '.*a.txt': not an HDF5 file"):
        hr.from_hdf5(tmp_path / "a.txt")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open '.*b.h5'"):
        hr.from_hdf5(tmp_path / "b.h5")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open"):
        hr.from_hdf5(tmp_path)


def test_pickles_open_their_own_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    ds = pickle.loads(pickle.dumps(hr.from_hdf5(path, "x").shuffle(seed=4).batch(10)))
    assert np.array_equal(np.concatenate(list(ds))[:, 0] // 8, [int(i) for i in hr.range(ROWS).shuffle(seed=4)])


def test_a_state_goes_on_exactly(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    ds = hr.from_hdf5(path, "x").shuffle(100, seed=4).batch(32)
    whole = list(ds.iterator(epoch=2))
    for stop in (0, 1, 7, len(whole)):
        iterator = ds.iterator(epoch=2)
        for _ in range(stop):
            next(iterator)
        other = ds.iterator(epoch=0)
        other.load_state_dict(iterator.state_dict())
        rest = list(other)
        assert len(rest) == len(whole) - stop and all(map(np.array_equal, rest, whole[stop:]))


@pytest.mark.parametrize("first", ["h5py", "headrace"])
def test_h5py_and_headrace_in_one_process(tmp_path: Path, first: str) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    second = "headrace" if first == "h5py" else "h5py"
    in_child(f"""
        import {first}, {second}, numpy as np
        for _ in range(3):
            with h5py.File({str(path)!r}) as file:
                data = file["x"][:]
                batches = list(headrace.from_hdf5({str(path)!r}, "x").batch(100))
                assert np.array_equal(np.concatenate(batches), data)
    """)


def test_a_fork_reads_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    in_child(f"""
        import os, headrace as hr
        ds = hr.from_hdf5({str(path)!r}, "x").batch(10)
        iterator = iter(ds)
        begun = [next(iterator) for _ in range(20)]
        child = os.fork()
        rest = sum(len(batch) for batch in iterator)
        again = sum(float(batch.sum()) for batch in ds)
        assert rest == 800 and again == sum(range(8000)), (rest, again)
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    """)


@given(st.data())
def test_any_chunks_filters_and_positions(tmp_path_factory: Any, data: st.DataObject) -> None:
    shape = data.draw(st.lists(st.integers(0, 12), min_size=1, max_size=4).map(tuple))
    chunks = tuple(data.draw(st.integers(1, max(1, size))) for size in shape)
    options = data.draw(st.sampled_from([o for o in FILTERS if "scaleoffset" not in o]))
    dtype = data.draw(st.sampled_from(["<f4", ">i2", "u1", "<c16", "S3"]))
    if 0 in shape:
        options = {}
    array = np.random.default_rng(0).integers(0, 50, shape).astype(dtype)
    path = tmp_path_factory.mktemp("h5") / "a.h5"
    with h5py.File(path, "w", libver=data.draw(st.sampled_from(["earliest", "latest", "v110"]))) as file:
        maxshape = tuple(None if data.draw(st.booleans()) else size for size in shape)
        file.create_dataset("x", data=array, chunks=chunks, maxshape=maxshape if 0 not in shape else (None,) * len(shape), **options)
    try:
        ds = hr.from_hdf5(path, "x")
    except OSError as error:  # h5py's libhdf5 is newer than ours
        assert "version" in str(error)
        return
    native = array.astype(array.dtype.newbyteorder("="))
    assert len(ds) == len(array)
    batches = list(ds.batch(data.draw(st.integers(1, 5))))
    assert np.array_equal(np.concatenate(batches) if batches else native[:0], native)
    if len(array):
        positions = data.draw(st.lists(st.integers(0, len(array) - 1), min_size=1, max_size=20))
        assert np.array_equal(ds.gather(positions), native[positions])


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    x, y = numbers(500), np.arange(500) % 7
    elements = {"image": x, "target": (y, y > 3), "when": np.arange(500).astype("M8[s]"), "z": x[:, :2].astype(np.complex64)}
    for options in ({}, {"chunk_rows": 33}, {"compression": "lzf"}, {"compression": None, "checksum": False}, {"shuffle": False, "level": 9}):
        path = tmp_path / "a.h5"
        hr.from_tensor_slices(elements).write_hdf5(path, attrs={"title": "numbers", "version": 3}, **options)  # type: ignore[arg-type]
        ds = hr.from_hdf5(path)
        assert len(ds) == 500
        for i, row in enumerate(ds):
            assert np.array_equal(row["image"], x[i]) and row["target"] == (y[i], y[i] > 3)
            assert row["when"] == elements["when"][i] and np.array_equal(row["z"], elements["z"][i])  # type: ignore[index]
        with h5py.File(path) as file:
            assert np.array_equal(file["image"][:], x) and np.array_equal(file["target/0"][:], y) and np.array_equal(file["target/1"][:], y > 3)
            assert file.attrs["title"] == "numbers" and file.attrs["version"] == 3
            assert np.array_equal(file["z"][:], elements["z"])
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.h5"]


def test_streams_texts_and_single_components_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.range(1000).filter(lambda i: i % 3 == 0).map(lambda i: (i, f"wörd {i}")).write_hdf5(path, chunk_rows=50)
    assert list(hr.from_hdf5(path)) == [(i, f"wörd {i}") for i in range(0, 1000, 3)]
    hr.range(10).write_hdf5(path)
    assert list(hr.from_hdf5(path, "data")) == list(range(10)) == list(hr.from_hdf5(path))
    hr.range(10).take(0).write_hdf5(path)
    assert list(hr.from_hdf5(path)) == []


def test_a_file_is_the_same_for_any_number_of_threads(tmp_path: Path) -> None:
    ds = hr.from_tensor_slices(np.random.default_rng(1).normal(size=(5000, 20)).astype(np.float32)).shuffle(seed=3)
    files = []
    for threads in (1, 2, 5):
        ds.with_options(threads=threads).write_hdf5(tmp_path / f"{threads}.h5", chunk_rows=64)
        files.append((tmp_path / f"{threads}.h5").read_bytes())
    assert files[0] == files[1] == files[2]


def test_nothing_is_left_of_a_write_that_fails(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.range(5).write_hdf5(path)
    before = path.read_bytes()

    def broken(i: Any) -> Any:
        if i == 700:
            raise KeyError("here")
        return i

    with pytest.raises(KeyError, match="here"):
        hr.range(1000).map(broken).write_hdf5(path, chunk_rows=10)

    def stop(rows: int) -> None:
        if rows >= 300:
            raise InterruptedError("enough")

    with pytest.raises(InterruptedError):
        hr.range(1000).write_hdf5(path, chunk_rows=100, progress=stop)
    assert path.read_bytes() == before and [p.name for p in tmp_path.iterdir()] == ["a.h5"]
    with pytest.raises(ValueError, match=r"^\[write_hdf5\] rows must be of one shape"):
        hr.range(4).map(lambda i: np.arange(i), output_signature=hr.TensorSpec((None,), np.int64)).write_hdf5(path)
    with pytest.raises(ValueError, match=r"^\[write_hdf5\] the dataset must end"):
        hr.range(4).repeat().write_hdf5(path)
    with pytest.raises(TypeError, match=r"^\[write_hdf5\] HDF5 has no type for U3"):
        hr.from_tensor_slices(np.array(["abc"])).write_hdf5(path)
    with pytest.raises(ValueError, match="keys must be names"):
        hr.from_tensor_slices({"a/b": np.arange(3)}).write_hdf5(path)


def test_read_hdf5(tmp_path: Path) -> None:
    x = numbers(100)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("g/x", data=x, chunks=(7, 8), compression="gzip")
        file["g/x"].attrs["unit"] = "m"
        file["g"].attrs["made"] = np.arange(3)
        file["scalar"] = 2.5
        file["words"] = ["a", "bc"]
    for selection in (None, 3, -1, slice(None), slice(10, 20), slice(50, 5, -7), (slice(90, 200), 2), (slice(5, 5),), (..., 1), ([1, 5],), np.s_[3, 1:4]):
        expected = x if selection is None else x[selection]
        assert np.array_equal(hr.read_hdf5(path, "g/x", selection), expected), selection
    tree = hr.read_hdf5(path)
    assert set(tree) == {"g", "scalar", "words"} and np.array_equal(tree["g"]["x"], x) and tree["scalar"] == 2.5
    assert tree["words"].tolist() == ["a", "bc"]
    assert tree["g"].attributes["made"].tolist() == [0, 1, 2] and tree["g"].array_attributes == {"x": {"unit": "m"}}
    assert pickle.loads(pickle.dumps(tree))["g"].attributes["made"].tolist() == [0, 1, 2]
    with pytest.raises(IndexError, match=r"^\[read_hdf5\] a row must be one of the 100"):
        hr.read_hdf5(path, "g/x", 100)
    with pytest.raises(TypeError, match="a group has no rows"):
        hr.read_hdf5(path, "g", slice(3))
    with pytest.raises(OSError, match=r"^\[read_hdf5\] .*'/nothing'"):
        hr.read_hdf5(path, "nothing")


@pytest.mark.parametrize("options", [{}, {"chunks": (2, 3)}, {"chunks": (2, 3), "compression": "gzip"}], ids=str)
def test_a_file_written_anew_in_place(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "a.h5", x=(np.arange(12).reshape(4, 3), options))
    old = hr.from_hdf5(path, "x")
    begun = iter(old.batch(1))
    next(begun)
    new = np.arange(21).reshape(7, 3) * 0.5
    write(path, x=(new, options))
    same(hr.from_hdf5(path, "x"), new)
    assert np.array_equal(hr.read_hdf5(path, "x"), new)
    for _ in range(2):  # what was decoded before is still right; all else is an error
        try:
            assert np.array_equal(np.concatenate(list(old.batch(2))), np.arange(12).reshape(4, 3))
        except OSError as error:
            assert "the file was written to since it was opened" in str(error) or "bytes when it was opened" in str(error)


def test_attributes_without_a_dtype_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(3)
        file["x"].make_scale("here")
        file["y"] = np.arange(3)
        file["y"].dims[0].attach_scale(file["x"])
        file.attrs["nothing"] = h5py.Empty("f4")
        file.attrs["one"] = 1
    tree = hr.read_hdf5(path)
    assert tree.attributes == {"nothing": None, "one": 1}
    assert tree.array_attributes["x"]["NAME"] in (b"here", "here")


def test_rows_without_items_and_dates_are_written(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.from_tensor_slices({"none": np.zeros((5, 0)), "n": np.arange(5)}).write_hdf5(path)
    assert [row["none"].shape for row in hr.from_hdf5(path)] == [(0,)] * 5
    dates = np.arange(5).astype("M8[s]")
    hr.from_tensor_slices(dates).write_hdf5(path, attrs={"since": dates[0]})
    with h5py.File(path) as file:
        assert np.array_equal(file["data"][:], dates)
    assert list(hr.from_hdf5(path)) == list(dates)


def test_what_may_be_written_over(tmp_path: Path) -> None:
    target = tmp_path / "target.h5"
    hr.range(3).write_hdf5(target)
    (tmp_path / "link.h5").symlink_to(target)
    hr.range(5).write_hdf5(tmp_path / "link.h5")
    assert (tmp_path / "link.h5").is_symlink() and len(hr.from_hdf5(target)) == 5
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match=r"^\[write_hdf5\] cannot write '.*folder': what is there is not a plain file"):
        hr.range(3).write_hdf5(tmp_path / "folder")
    with pytest.raises(OSError, match=r"^\[write_hdf5\] cannot create '.*nowhere/a.h5.part': No such file or directory"):
        hr.range(3).write_hdf5(tmp_path / "nowhere" / "a.h5")


def test_an_error_while_writing_keeps_its_note(tmp_path: Path) -> None:
    with pytest.raises(KeyError) as caught:
        hr.range(9).map(lambda i: {0: 0}[int(i) // 7]).write_hdf5(tmp_path / "a.h5")
    assert any("element 7" in note and "test_hdf5.py" in note for note in caught.value.__notes__)


def test_selections_of_scalars_and_by_arrays(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["s"], file["word"], file["x"] = 2.5, "word", np.arange(12).reshape(4, 3)
    assert hr.read_hdf5(path, "s", ()) == 2.5 and hr.read_hdf5(path, "word", ()) == "word"
    with pytest.raises(IndexError, match=r"^\[read_hdf5\] 's' is a scalar and has no rows to select, got 0"):
        hr.read_hdf5(path, "s", 0)
    x = np.arange(12).reshape(4, 3)
    for selection in (np.array([0, 2]), x > 4, np.array([True, False, True, False]), np.int64(2), True):
        assert np.array_equal(hr.read_hdf5(path, "x", selection), x[selection]), selection
