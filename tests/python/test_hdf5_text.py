"""Text in HDF5 files: NumPy's U and bytes objects come back as they were, and text that is not UTF-8."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr
from hdf5_files import h5py

WORDS = ["", "a", "naïve", "日本語", "x" * 9, "🎈🎈", "\ud800", "a\0b", "end "]


def back(path: Path, data: Any, **options: Any) -> list[Any]:
    ds = hr.from_tensor_slices(data)
    ds.write_hdf5(path, **options)
    again = hr.from_hdf5(path)
    assert again.element_spec == ds.element_spec
    return list(again)


@pytest.mark.parametrize("options", [{}, {"compression": None, "checksum": False}, {"chunk_rows": 2, "compression": "lzf"}], ids=str)
def test_fixed_width_text_comes_back(tmp_path: Path, options: dict[str, Any]) -> None:
    words = np.array(WORDS)
    assert words.dtype == "<U9" and [str(x) for x in back(tmp_path / "a.h5", words, **options)] == words.tolist()
    ds = hr.from_hdf5(tmp_path / "a.h5")
    assert ds.element_spec.dtype == words.dtype
    got = np.concatenate(list(ds.batch(4)))
    assert got.dtype == words.dtype and np.array_equal(got, words)
    assert np.array_equal(ds.gather([8, 1, 1]), words[[8, 1, 1]]) and ds[3] == "日本語"
    assert sorted(str(x) for x in ds.shuffle(seed=1)) == sorted(words.tolist())
    named = hr.from_hdf5(tmp_path / "a.h5", {"word": "data"})
    assert named[2]["word"] == "naïve"
    read = hr.read_hdf5(tmp_path / "a.h5", "data")
    assert read.dtype == words.dtype and np.array_equal(read, words) and np.array_equal(hr.read_hdf5(tmp_path / "a.h5")["data"], words)
    assert np.array_equal(hr.read_hdf5(tmp_path / "a.h5", "data", slice(2, 5)), words[2:5])
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["data"][3] == "日本語".encode() and file["data"].asstr()[2] == "naïve"


@settings(max_examples=60)
@given(st.lists(st.lists(st.text(max_size=6), min_size=2, max_size=2), min_size=1, max_size=30))
def test_any_fixed_width_text_comes_back(tmp_path_factory: pytest.TempPathFactory, words: list[list[str]]) -> None:
    array = np.array(words)
    got = back(tmp_path_factory.mktemp("u") / "a.h5", {"w": array, "i": np.arange(len(words))}, chunk_rows=4)
    assert np.array_equal(np.stack([e["w"] for e in got]), array)


def test_files_are_equal_for_any_number_of_threads(tmp_path: Path) -> None:
    words = np.array([f"wörd {i}" for i in range(5000)])
    for threads in (1, 4):
        hr.from_tensor_slices(words).with_options(hr.Options(threads=threads)).write_hdf5(tmp_path / f"{threads}.h5")
    assert (tmp_path / "1.h5").read_bytes() == (tmp_path / "4.h5").read_bytes()
    assert (tmp_path / "1.h5").stat().st_size < words.nbytes / 8


def test_bytes_and_text_objects_come_back(tmp_path: Path) -> None:
    data = {"b": np.array([b"a", b"\xff\xfe", b""], object), "t": np.array(["ä", "", "b"], object), "s": np.array([b"ab", b"c", b""])}
    got = back(tmp_path / "a.h5", data)
    assert [e["b"] for e in got] == data["b"].tolist() and [e["t"] for e in got] == data["t"].tolist()
    assert [e["s"] for e in got] == data["s"].tolist()
    assert hr.read_hdf5(tmp_path / "a.h5")["b"].tolist() == data["b"].tolist()
    batch = next(iter(hr.from_hdf5(tmp_path / "a.h5").batch(3)))
    assert batch["b"].tolist() == data["b"].tolist() and batch["t"].tolist() == data["t"].tolist()


def test_attributes_may_be_fixed_width_text(tmp_path: Path) -> None:
    hr.range(1).write_hdf5(tmp_path / "a.h5", attrs={"names": np.array(["a", "日本"]), "one": np.str_("ü")})
    attributes = hr.read_hdf5(tmp_path / "a.h5").attributes
    assert attributes["names"].tolist() == ["a", "日本"] and attributes["one"] == "ü"


def test_records_of_fixed_width_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"^\[write_hdf5\] HDF5 has no type for the field 'name' of U3; make it bytes"):
        hr.from_tensor_slices(np.zeros(2, [("name", "U3")])).write_hdf5(tmp_path / "a.h5")


def test_rows_of_other_dtypes_than_the_first_are_refused(tmp_path: Path) -> None:
    for kinds in (["S1", "S3"], ["U1", "U3"], ["i4", "f8"], ["f8", "i4"]):
        with pytest.raises(ValueError, match=r"\[write_hdf5\] rows must be of one dtype and shape, got .* after .*; make them alike in map"):
            hr.range(2).map(lambda i: np.zeros((), kinds[i])).write_hdf5(tmp_path / "a.h5", chunk_rows=1)  # noqa: B023
    wide = hr.range(3).map(lambda i: np.array("abc"[: 3 - i]))
    wide.write_hdf5(tmp_path / "a.h5", chunk_rows=1)
    assert [str(x) for x in hr.from_hdf5(tmp_path / "a.h5")] == ["abc", "ab", "a"]


def test_text_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name, word in (("good", "né".encode()), ("bad", b"caf\xe9")):
            data = file.create_dataset(name, (5,), h5py.string_dtype("utf-8"))
            data[:] = [b"a", b"b", word, b"d", "ü".encode()]
        file.create_dataset("s/0/w", data=b"\xe9", dtype=h5py.string_dtype("utf-8"))
        file["s"].attrs.create("note", b"\xe9", dtype=h5py.string_dtype("utf-8"))
    ds = hr.from_hdf5(tmp_path / "a.h5", ("good", "bad"))
    said = r"^\[from_hdf5\] text must be UTF-8, got b'caf\\xe9' in row 2 of '/bad' in '.*a.h5'; read_hdf5 gives such text as bytes"
    with pytest.raises(OSError, match=said):
        ds[2]
    with pytest.raises(OSError, match=said):
        list(ds.batch(5))
    assert [good for good, _ in ds.ignore_errors()] == ["a", "b", "d", "ü"]
    with pytest.raises(OSError, match=r"got b'\\xe9' in '/s/0/w' in"):
        list(hr.from_hdf5(tmp_path / "a.h5", groups="/s/*"))
    assert hr.read_hdf5(tmp_path / "a.h5", "bad").tolist() == [b"a", b"b", b"caf\xe9", b"d", "ü".encode()]
    tree = hr.read_hdf5(tmp_path / "a.h5")
    assert tree["bad"][2] == b"caf\xe9" and tree["good"][2] == "né" and tree["s"]["0"]["w"] == b"\xe9"
    assert tree["s"].attributes["note"] == b"\xe9"


def test_names_that_are_not_utf8_are_listed(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file[b"caf\xe9/x"] = [1]
        file[b"caf\xe9"].attrs[b"\xff"] = 2
    tree = hr.read_hdf5(tmp_path / "a.h5")
    (name,) = tree
    with pytest.raises(OSError, match=r"'/' holds 'caf\\xe9'"):
        hr.read_hdf5(tmp_path / "a.h5", "x")
    assert hr.read_hdf5(tmp_path / "a.h5", name + "/x").tolist() == [1]
    with pytest.raises(ValueError, match=r"^\[from_hdf5\] names must be UTF-8 to be keys, got '/caf\\xe9/x' in"):
        hr.from_hdf5(tmp_path / "a.h5")
    assert name == "caf\udce9" and tree[name]["x"].tolist() == [1] and tree[name].attributes == {"\udcff": 2}
