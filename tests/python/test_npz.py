"""from_npz beside NumPy and zipfile: selections, checksums, bombs, archives that lie."""

from __future__ import annotations

import io
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from children import run
from test_npy import contents_of, same

ARRAYS = {"x": np.arange(12).reshape(6, 2), "y": np.asfortranarray(np.arange(18, dtype=">f4").reshape(6, 3)), "z": np.array(list("abcdef"))}


def rows(name: str) -> Any:
    array = ARRAYS[name]
    return np.ascontiguousarray(array.astype(array.dtype.newbyteorder("=")))


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as file:
        for name, contents in members.items():
            file.writestr(name, contents)
    return path


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
@pytest.mark.parametrize("mmap", [False, True])
def test_every_selection(tmp_path: Path, save: Any, mmap: bool) -> None:
    path = tmp_path / "a.npz"
    save(path, **ARRAYS)
    read = lambda arrays=None: next(iter(hr.from_npz(path, arrays, mmap=mmap).batch(6)))
    everything = read()
    assert list(everything) == ["x", "y", "z"]
    for name in ARRAYS:
        same(np.ascontiguousarray(everything[name]), rows(name))
    same(read("x"), rows("x"))
    for one in (read(("y", "x")), read(["y", "x"])):
        assert isinstance(one, tuple)
        same(np.ascontiguousarray(one[0]), rows("y"))
        same(one[1], rows("x"))
    nested = read({"a": "z", "b": ("x", "y")})
    same(nested["a"], rows("z"))
    same(nested["b"][0], rows("x"))
    ds = hr.from_npz([path, path], ("x", "y"), mmap=mmap)
    assert len(ds) == 12 and ds.random_access
    same(ds.gather([11, 0, 5, 6])[1], rows("y")[[5, 0, 5, 0]])


def test_what_there_is_no_array_for(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.zeros(3), y=np.zeros(4), s=np.float64(1))
    with pytest.raises(ValueError, match=r"^\[from_npz\] the arrays of '.*' must be of one first size, got 'x' \(3,\), 'y' \(4,\), 's' \(\); name those"):
        hr.from_npz(path)
    with pytest.raises(ValueError, match=r"^\[from_npz\] arrays must be of one first size, got 3 of 'x' in '.*' and 4 of 'y' in '.*'"):
        hr.from_npz(path, ["x", "y"])
    with pytest.raises(ValueError, match=r"^\[from_npz\] arrays must be in '.*', got 'q'; there is 'x', 'y', 's'"):
        hr.from_npz(path, "q")
    with pytest.raises(ValueError, match=r"must have rows, got the scalar 's' in"):
        hr.from_npz(path, "s")
    with pytest.raises(TypeError, match=r"arrays must be names, .*got int64"):
        hr.from_npz(path, 3)
    with pytest.raises(ValueError, match=r"at least one, got none"):
        hr.from_npz(path, ())
    zipped(path, {"readme.txt": b"nothing"})
    with pytest.raises(ValueError, match=r"must hold arrays, got none in"):
        hr.from_npz(path)
    zipped(path, {"x.npy": contents_of(np.array([{}], object))})
    with pytest.raises(TypeError, match=r"got Python objects .* in 'x' in"):
        hr.from_npz(path)
    path.write_bytes(contents_of(np.zeros(3)))
    with pytest.raises(OSError, match=r"it must end as zip files do; the file is damaged, or no .npz"):
        hr.from_npz(path)


def test_names_are_only_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "a.npz", {name + ".npy": contents_of(np.arange(3)) for name in ("../up", "/tmp/absolute", "a/b", "日本", "")})
    ds = hr.from_npz(path)
    assert list(ds.element_spec) == ["../up", "/tmp/absolute", "a/b", "日本", ""]
    assert hr.from_npz(path, "../up").gather([2]).tolist() == [2]
    assert os.listdir(tmp_path) == ["in"] and os.listdir(tmp_path / "in") == ["a.npz"]
    with pytest.warns(UserWarning, match="Duplicate"), zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", contents_of(np.arange(3)))
        file.writestr("x.npy", contents_of(np.arange(4)))
    with pytest.raises(OSError, match=r"members must differ in name, got 'x.npy' twice"):
        hr.from_npz(path, "x")


def test_other_compressors_and_encryption_are_named(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", contents_of(np.arange(3)))
        file.writestr("y.npy", contents_of(np.arange(3)), zipfile.ZIP_BZIP2)
        file.writestr("z.npy", contents_of(np.arange(3)), zipfile.ZIP_LZMA)
    assert hr.from_npz(path, "x").gather([2]).tolist() == [2]
    for name, method in (("y", 12), ("z", 14)):
        with pytest.raises(OSError, match=rf"cannot read '{name}' in '.*': it is compressed by method {method}, not by deflate; write it by np.savez"):
            hr.from_npz(path, name)
    contents = bytearray(path.read_bytes())
    contents[contents.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(contents)
    with pytest.raises(OSError, match=r"cannot read 'x' in '.*': it is encrypted"):
        hr.from_npz(path, "x")


def test_large_sizes_and_comments(tmp_path: Path) -> None:
    """Zip64, as np.savez writes it in front of members, and as many members need it."""
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w") as file:
        for i in range(70_000):
            file.writestr(f"{i}.txt", b"")
        file.writestr("x.npy", contents_of(np.arange(3)))
    assert b"PK\6\6" in path.read_bytes()
    assert hr.from_npz(path).gather([1])["x"].tolist() == [1]
    with zipfile.ZipFile(path, "w") as file:
        file.comment = b"PK\5\6" + b"a comment " * 1000
        with file.open("x.npy", "w", force_zip64=True) as member:
            member.write(contents_of(np.arange(3)))
    assert hr.from_npz(path, "x").gather([1]).tolist() == [1]


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_another_checksum_is_an_error_in_the_place_of_every_row(tmp_path: Path, save: Any) -> None:
    path = tmp_path / "a.npz"
    save(path, x=np.arange(1000), y=np.arange(1000))
    contents = bytearray(path.read_bytes())
    for signature, place in ((b"PK\3\4", 14), (b"PK\1\2", 16)):
        contents[contents.index(signature) + place] ^= 1
    path.write_bytes(contents)
    ds = hr.from_npz(path)
    for index in (0, 999):
        with pytest.raises(OSError, match=r"^\[from_npz\] cannot read 'x' in '.*a.npz': its checksum \(CRC-32\) is another one"):
            ds[index]
    it = iter(ds.batch(500))
    for _ in range(2):
        with pytest.raises(OSError, match="CRC-32"):
            next(it)
    with pytest.raises(StopIteration):
        next(it)
    assert hr.from_npz(path, "y").gather([7]).tolist() == [7]


def test_bombs_take_no_more_than_they_claim(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.zeros(1_000_000, np.uint8))
    whole = path.read_bytes()
    size = 1_000_128
    for claimed, said in ((500, "has 1000000 bytes, got 372"), (size - 1, "the file was cut"), (2**32 - 2, "cannot have 4294967294 bytes of")):
        contents = bytearray(whole)
        at = contents.index(b"PK\1\2")
        contents[at + 24 : at + 28] = struct.pack("<I", claimed)
        path.write_bytes(contents)
        with pytest.raises(OSError, match=said):
            hr.from_npz(path)
    head = contents_of(np.zeros(372, np.uint8))[:128]  # an honest head, and more behind it
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("x.npy", head + bytes(1_000_000))
    contents = bytearray(path.read_bytes())
    at = contents.index(b"PK\1\2")
    contents[at + 24 : at + 28] = struct.pack("<I", 500)
    path.write_bytes(contents)
    with pytest.raises(OSError, match="it must have 500 bytes, got more; the file is damaged"):
        hr.from_npz(path)[0]


def test_members_must_not_overlap(tmp_path: Path) -> None:
    """As in bombs whose members are one and the same."""
    path = tmp_path / "a.npz"
    zipped(path, {"x.npy": contents_of(np.arange(3)), "y.npy": contents_of(np.arange(3))})
    contents = bytearray(path.read_bytes())
    first = contents.index(b"PK\1\2")
    second = contents.index(b"PK\1\2", first + 1)
    contents[second + 42 : second + 46] = contents[first + 42 : first + 46]
    contents[second + 46] = ord("x")
    path.write_bytes(contents)
    with pytest.raises(OSError, match="must differ in name"):
        hr.from_npz(path)
    array = contents_of(np.arange(3))
    inner = zipped(path, {"y.npy": array}).read_bytes()
    outer = array + inner[: inner.index(b"PK\1\2")]
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x.npy", outer)
        file.writestr("y.npy", array)
    contents = bytearray(path.read_bytes())
    directory = contents.rindex(b"PK\1\2")
    contents[directory + 42 : directory + 46] = struct.pack("<I", contents.index(b"PK\3\4", 4))
    path.write_bytes(contents)
    with pytest.raises(OSError, match="members must not overlap"):
        hr.from_npz(path, "y")


def test_compressed_arrays_must_fit_the_memory_limit(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez_compressed(path, x=np.arange(100_000), y=np.arange(100_000))
    ds = hr.from_npz(path, "x").batch(10)
    with pytest.raises(MemoryError, match=r"compressed arrays must fit in three quarters of memory_limit, 750000 bytes, got 800\d+ of 'x' in .*write them by np.savez or write_hdf5"):
        next(iter(ds.with_options(memory_limit=1_000_000)))
    assert len(next(iter(ds.with_options(memory_limit=2_000_000)))) == 10
    both = hr.from_npz(path).batch(10)
    with pytest.raises(MemoryError, match=r"of 'y' in .* beside 800\d+ of others"):
        next(iter(both.with_options(memory_limit=2_000_000)))
    assert len(next(iter(both.with_options(memory_limit=4_000_000)))["x"]) == 10


def test_mapped_members_are_views_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    np.savez(path, x=np.arange(10_000.0).reshape(1000, 10))
    batches = list(hr.from_npz(path, "x", mmap=True).batch(100))
    place = batches[0].__array_interface__["data"][0]
    assert all(batch.__array_interface__["data"][0] == place + 8000 * i for i, batch in enumerate(batches))
    assert not batches[0].flags.writeable
    same(np.concatenate(batches), np.arange(10_000.0).reshape(1000, 10))
    assert any(line.endswith("a.npz") for line in Path("/proc/self/maps").read_text().splitlines())


READ = """
import io, sys, warnings, numpy as np, headrace as hr
warnings.simplefilter("ignore")
path, compressed = sys.argv[1], sys.argv[2] == "True"
right = {"x": np.arange(30, dtype=">i2").reshape(10, 3), "y": np.asfortranarray(np.arange(40.0).reshape(10, 4))}
file = io.BytesIO()
(np.savez_compressed if compressed else np.savez)(file, **right)
whole = file.getvalue()

def look(contents):
    open(path, "wb").write(contents)
    good = 0
    for name in right:
        try:
            ds = hr.from_npz(path, name)
            rows = ds.gather(range(len(ds)))
        except (OSError, ValueError, TypeError):
            continue
        good += 1
        assert rows.dtype == right[name].dtype.newbyteorder("=") and np.array_equal(rows, right[name])
    return good

assert look(whole) == 2
"""


@pytest.mark.parametrize("compressed", [False, True])
def test_an_archive_cut_anywhere(tmp_path: Path, compressed: bool) -> None:
    code = READ + "for end in range(len(whole)):\n    assert look(whole[:end]) == 0, end\nprint('done')"
    ended = run(code, str(tmp_path / "a.npz"), str(compressed), limit=120)
    assert ended.code == 0 and ended.out.endswith("done\n"), ended.err[-3000:]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_byte_of_an_archive_changed_anywhere(tmp_path: Path, compressed: bool) -> None:
    code = (
        READ
        + """
random = np.random.default_rng(0)
for at in [*range(len(whole)), *random.integers(0, len(whole), 1000)]:
    contents = bytearray(whole)
    contents[at] ^= random.integers(1, 256)
    try:
        look(contents)
    except AssertionError:
        raise AssertionError((at, contents)) from None
print("done")
"""
    )
    ended = run(code, str(tmp_path / "a.npz"), str(compressed), limit=120)
    assert ended.code == 0 and ended.out.endswith("done\n"), ended.err[-3000:]


def test_many_files(tmp_path: Path) -> None:
    for i in range(80):
        np.savez(tmp_path / f"{i:02}.npz", x=np.full(2, i))
    ds = hr.from_npz(f"{tmp_path}/*.npz", "x")
    same(np.concatenate(list(ds.batch(9))), np.repeat(np.arange(80), 2))
    stream = io.BytesIO()
    np.savez(stream, x=np.zeros((2, 2)))
    (tmp_path / "99.npz").write_bytes(stream.getvalue())
    with pytest.raises(ValueError, match=r"rows must be as in 'x' in '.*00.npz', int64\(\), got float64\(2\) of 'x' in '.*99.npz'"):
        hr.from_npz(f"{tmp_path}/*.npz", "x")
