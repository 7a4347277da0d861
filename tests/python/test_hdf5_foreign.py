"""HDF5 files of other programs: of every version of the format, repacked by h5repack, in several files at once."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from children import run
from hdf5_files import h5py, numbers, same, write

VERSIONS = ["earliest", "v108", "v110", "v112", "v114", "latest"]
DATA: dict[str, Any] = {
    "floats": numbers(40, 6),
    "big": np.arange(240, dtype=">i4").reshape(40, 6),
    "flags": np.arange(40) % 3 == 0,
    "fixed": np.array([b"text %d" % i for i in range(40)]),
    "records": np.array([(i, i / 2) for i in range(40)], [("n", "<i2"), ("x", "<f8")]),
}
WORDS = [f"wörd {i}" * (i % 3) for i in range(40)]


def write_all(path: Path, **how: Any) -> Path:
    with h5py.File(path, "w", **how) as file:
        for name, data in DATA.items():
            file.create_dataset(name, data=data)
            file.create_dataset(f"chunked/{name}", data=data, chunks=(7, *data.shape[1:]), compression="gzip", shuffle=True)
        file.create_dataset("words", data=WORDS, dtype=h5py.string_dtype())
        file["floats"].attrs["unit"] = "m"
        file["link"] = h5py.SoftLink("/chunked/big")
    return path


def check_all(path: Path) -> None:
    for name, data in DATA.items():
        native = data.astype(data.dtype.newbyteorder("="))
        for place in (name, f"chunked/{name}"):
            assert np.array_equal(hr.read_hdf5(path, place), native), place
            assert np.array_equal(np.concatenate(list(hr.from_hdf5(path, place).batch(9))), native), place
    assert list(hr.from_hdf5(path, "words")) == WORDS
    assert np.array_equal(hr.read_hdf5(path, "link"), DATA["big"])
    assert hr.read_hdf5(path).array_attributes["floats"] == {"unit": "m"}


@pytest.mark.parametrize("newest", VERSIONS)
def test_files_for_the_oldest_reader(tmp_path: Path, newest: str) -> None:
    check_all(write_all(tmp_path / "a.h5", libver=("earliest", newest if newest != "earliest" else "v108")))


@pytest.mark.parametrize("version", VERSIONS)
def test_files_of_one_version(tmp_path: Path, version: str) -> None:
    path = write_all(tmp_path / "a.h5", libver=(version, version if version != "earliest" else "v108"))
    assert path.read_bytes()[8] == {"earliest": 0, "v108": 2}.get(version, 3)  # the superblock's version
    try:
        check_all(path)
    except OSError as error:  # h5py's libhdf5 writes what ours does not know yet
        assert VERSIONS.index(version) > VERSIONS.index("v110"), error
        assert "a newer HDF5 than" in str(error) and 'libver=("earliest", "v110")' in str(error)


REPACKED = {
    "as it is": [],
    "newest format": ["--latest"],
    "format 1.8": ["--low=1", "--high=1"],
    "contiguous": ["-l", "CONTI"],
    "compact": ["-l", "COMPA"],
    "other chunks": ["-l", "floats,big:CHUNK=11x4"],
    "gzip": ["-f", "GZIP=1"],
    "checksums": ["-f", "FLET"],
    "shuffle and gzip": ["-f", "SHUF", "-f", "GZIP=9"],
    "nbit": ["-f", "big:NBIT"],
    "scale and offset": ["-f", "big:SOFF=0,IN"],
    "no filters": ["-f", "NONE"],
    "pages": ["-S", "PAGE", "-G", "4096"],
    "persistent free space": ["-S", "FSM_AGGR", "-P", "1"],
    "aligned": ["-t", "1", "-a", "4096"],
    "metadata in blocks": ["-M", "4096"],
    "indexed links": ["-c", "1", "-d", "1", "--latest"],
}


@pytest.mark.skipif(not shutil.which("h5repack"), reason="hdf5-tools is not installed")
@pytest.mark.parametrize("how", REPACKED)
def test_repacked_files(tmp_path: Path, how: str) -> None:
    whole, path = write_all(tmp_path / "whole.h5"), tmp_path / "a.h5"
    subprocess.run(["h5repack", *REPACKED[how], str(whole), str(path)], check=True, capture_output=True)
    check_all(path)


@pytest.mark.skipif(not shutil.which("h5repack"), reason="hdf5-tools is not installed")
def test_a_repacked_file_of_headrace(tmp_path: Path) -> None:
    whole, path = tmp_path / "whole.h5", tmp_path / "a.h5"
    ds = hr.from_tensor_slices({"x": DATA["floats"], "words": WORDS})
    ds.write_hdf5(whole, chunk_rows=7)
    subprocess.run(["h5repack", "-f", "x:GZIP=9", "-l", "x:CHUNK=3x5", "--latest", str(whole), str(path)], check=True)
    assert [row["words"] for row in hr.from_hdf5(path)] == WORDS
    assert np.array_equal([row["x"] for row in hr.from_hdf5(path)], DATA["floats"])


# --- in several files ------------------------------------------------------------------------------------------------


def virtual(path: Path, sources: list[str]) -> Path:
    layout = h5py.VirtualLayout((10 * len(sources), 8), "f4")
    for i, source in enumerate(sources):
        layout[10 * i : 10 * i + 10] = h5py.VirtualSource(source, "x", (10, 8))
    with h5py.File(path, "w") as file:
        file.create_virtual_dataset("x", layout, fillvalue=7)
    return path


def test_virtual_datasets_of_files_beside(tmp_path: Path) -> None:
    (tmp_path / "parts").mkdir()
    sources = ["a.h5", "parts/b.h5", str(tmp_path / "c.h5")]
    for i, source in enumerate(sources):
        write(tmp_path / source, x=(numbers(30)[10 * i : 10 * i + 10], {"chunks": (3, 8), "compression": "gzip"}))
    path = virtual(tmp_path / "all.h5", sources)
    same(hr.from_hdf5(path, "x"), numbers(30))
    assert "virtual dataset" in hr.from_hdf5(path, "x").explain()
    (tmp_path / "a.h5").unlink()
    with pytest.raises(OSError, match=r"^\[from_hdf5\] cannot open '/x' in '.*all.h5': its source '.*a.h5' is missing"):
        hr.from_hdf5(path, "x")
    assert np.array_equal(hr.read_hdf5(path, "x", trusted=True)[:10], np.full((10, 8), 7))  # as h5py


def test_virtual_datasets_of_files_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    write(tmp_path / "there.h5", x=numbers(10))
    for source in ("../there.h5", str(tmp_path / "there.h5"), "../here/../there.h5", "/dev/zero"):
        path = virtual(tmp_path / "here" / "all.h5", [source])
        with pytest.raises(OSError, match="is not in the folder of the file; open it with trusted=True"):
            hr.from_hdf5(path, "x")
    path = virtual(tmp_path / "here" / "all.h5", [str(tmp_path / "there.h5")])
    same(hr.from_hdf5(path, "x", trusted=True), numbers(10))
    (tmp_path / "here" / "link.h5").symlink_to(tmp_path / "there.h5")
    same(hr.from_hdf5(virtual(tmp_path / "here" / "all.h5", ["link.h5"]), "x"), numbers(10))  # who made the link means it


def test_virtual_datasets_of_numbered_files(tmp_path: Path) -> None:
    for i in range(3):
        write(tmp_path / f"part-{i}.h5", x=(numbers(30)[10 * i : 10 * i + 10], {}))
    creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    space = h5py.h5s.create_simple((10, 8), (h5py.h5s.UNLIMITED, 8))
    space.select_hyperslab((0, 0), (h5py.h5s.UNLIMITED, 1), (10, 1), (10, 8))
    creation.set_virtual(space, b"part-%b.h5", b"x", h5py.h5s.create_simple((10, 8)))
    with h5py.File(tmp_path / "all.h5", "w", libver=("v110", "v110")) as file:
        h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F32LE, space, creation)
    same(hr.from_hdf5(tmp_path / "all.h5", "x"), numbers(30))
    (tmp_path / "part-2.h5").unlink()
    os.mkfifo(tmp_path / "part-2.h5")
    with pytest.raises(OSError, match="must be a plain file"):
        hr.from_hdf5(tmp_path / "all.h5", "x")


@pytest.mark.parametrize("name", ["raw", "../raw", "nowhere", "/dev/zero", "fifo"])
def test_bytes_in_other_files_need_trust(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for raw in (folder / "raw", tmp_path / "raw"):
        raw.write_bytes(numbers(10).tobytes())
    os.mkfifo(folder / "fifo")
    path = folder / "a.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (10, 8), "f4", external=[(name, 0, 320)])
        file["y"] = np.arange(3)
    with pytest.raises(OSError, match=r"'/x' in '.*a.h5': its bytes are in other files; open it with trusted=True"):
        hr.from_hdf5(path, "x")
    with pytest.raises(OSError, match="trusted=True"):
        hr.read_hdf5(path, "x")
    assert hr.read_hdf5(path, "y").tolist() == [0, 1, 2]


def test_external_links_need_trust(tmp_path: Path) -> None:
    write(tmp_path / "other.h5", x=numbers(10), words=WORDS, packed=(numbers(10), {"chunks": (3, 8), "compression": "gzip"}))
    os.mkfifo(tmp_path / "fifo.h5")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        for name in ("other", "fifo", "nowhere"):
            file[name] = h5py.ExternalLink(f"{name}.h5", "/x")
        for name in ("words", "packed"):
            file[name] = h5py.ExternalLink("other.h5", f"/{name}")
    for name in ("other", "fifo", "nowhere"):
        with pytest.raises(OSError, match=rf"external link to '/x' in '{name}.h5', which is followed only with trusted=True"):
            hr.from_hdf5(path, name)
    same(hr.from_hdf5(path, "other", trusted=True), numbers(10))
    same(hr.from_hdf5(path, "packed", trusted=True), numbers(10))
    assert list(hr.from_hdf5(path, "words", trusted=True)) == WORDS
    with pytest.raises(OSError, match="external link to '/x' in 'fifo.h5', which is no plain file"):
        hr.from_hdf5(path, "fifo", trusted=True)
    with pytest.raises(OSError, match=r"^\[from_hdf5\].*'/nowhere'"):
        hr.from_hdf5(path, "nowhere", trusted=True)


PLUGIN = """
#include <H5PLextern.h>
static size_t invert(unsigned flags, size_t n, const unsigned v[], size_t bytes, size_t *size, void **data) {
  (void)flags, (void)n, (void)v, (void)size;
  for (size_t i = 0; i < bytes; ++i) ((unsigned char *)*data)[i] ^= 255;
  return bytes;
}
static const H5Z_class2_t filter = {H5Z_CLASS_T_VERS, 305, 1, 1, "invert", NULL, NULL, invert};
H5PL_type_t H5PLget_plugin_type(void) { return H5PL_TYPE_FILTER; }
const void *H5PLget_plugin_info(void) { return &filter; }
"""
HEADERS = next((folder for folder in ("/usr/include/hdf5/serial", "/usr/include") if Path(folder, "H5PLextern.h").exists()), None)


@pytest.mark.skipif(not (HEADERS and shutil.which("cc")), reason="no C compiler or HDF5's headers")
def test_filter_plugins_are_loaded_only_where_trusted(tmp_path: Path) -> None:
    (tmp_path / "plugin.c").write_text(PLUGIN)
    (tmp_path / "plugins").mkdir()
    library = str(tmp_path / "plugins" / "libinvert.so")
    subprocess.run(["cc", "-shared", "-fPIC", f"-I{HEADERS}", str(tmp_path / "plugin.c"), "-o", library], check=True)
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
        creation.set_chunk((10, 8))
        creation.set_filter(305, h5py.h5z.FLAG_OPTIONAL, ())
        x = h5py.h5d.create(file.id, b"x", h5py.h5t.IEEE_F32LE, h5py.h5s.create_simple((10, 8)), creation)
        x.write_direct_chunk((0, 0), bytes(byte ^ 255 for byte in numbers(10).tobytes()))
    ended = run(
        f"""
        os.environ["HDF5_PLUGIN_PATH"] = {str(tmp_path / "plugins")!r}
        for read in (lambda **how: hr.read_hdf5(sys.argv[1], "x", **how), lambda **how: hr.from_hdf5(sys.argv[1], "x", **how)[9]):
            for _ in range(2):
                try:
                    read()
                except OSError as error:
                    assert "filter 305" in str(error) and "is not available; with trusted=True libhdf5 may load its plugin" in str(error), error
                else:
                    raise AssertionError("the plugin was loaded")
        whole = hr.read_hdf5(sys.argv[1], "x", trusted=True)
        assert np.array_equal(whole, np.arange(80, dtype=np.float32).reshape(10, 8))
        assert np.array_equal(hr.from_hdf5(sys.argv[1], "x", trusted=True)[9], whole[9])
        """,
        str(path),
    )
    assert ended.code == 0, ended.err
