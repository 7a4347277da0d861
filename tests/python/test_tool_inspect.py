"""inspect, head and stats: what is said of HDF5 files of every kind, and of damaged ones."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdf5_files import h5py, write
from hdf5_flips import damage, make_files
from tool import headrace

PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def inspected(path: Path, *options: Any) -> Any:
    return json.loads(headrace("inspect", "--json", path, *options).stdout)


def test_inspect_says_what_h5py_says(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        x = file.create_dataset("a/x", (1000, 8), "f4", chunks=(100, 4), maxshape=(None, 8), **PACKED)
        x[:] = 1
        x.attrs["unit"], x.attrs["n"] = "m", 3
        file["texts"] = ["a", "b"]
        file["scalar"] = 2.5
        file["nowhere"] = h5py.SoftLink("/none")
        file["references"] = np.array([file["a"].ref], h5py.ref_dtype)
        stored = {name: file[name].id.get_storage_size() for name in ("a/x", "scalar")}
    said = inspected(tmp_path / "x.h5")
    assert said["bytes"] == (tmp_path / "x.h5").stat().st_size and said["links_to_nowhere"] == ["/nowhere"]
    assert said["groups"] == [{"name": "/", "attributes": 0}, {"name": "/a", "attributes": 0}]
    datasets = {one["name"]: one for one in said["datasets"]}
    one = datasets["/a/x"]
    assert (one["dtype"], one["shape"], one["max_shape"], one["chunk"]) == ("float32", [1000, 8], [-1, 8], [100, 4])
    assert (one["layout"], one["filters"], one["attributes"]) == ("chunked", "shuffle, gzip 4", 2)
    assert (one["rows"], one["row_bytes"], one["bytes"], one["stored_bytes"]) == (1000, 32, 32_000, stored["a/x"])
    assert one["ratio"] == pytest.approx(32_000 / stored["a/x"]) and one["verdict"]["kind"] == "fits"
    assert datasets["/scalar"]["shape"] == [] and datasets["/scalar"]["stored_bytes"] == stored["scalar"]
    assert datasets["/texts"]["dtype"] == "str"
    assert datasets["/references"]["dtype"] is None and datasets["/references"]["why"] == "references"
    text = headrace("inspect", tmp_path / "x.h5").stdout
    assert "/a/x\n    float32 (1000, 8), 32 B a row, 32.0 kB in" in text and "chunked (100, 4): shuffle, gzip 4, 2 attributes" in text


def test_the_verdict_names_the_command_that_cures(tmp_path: Path) -> None:
    path = write(tmp_path / "it's.h5", x=(np.zeros((40_000, 64), np.float32), {"chunks": (4000, 64), **PACKED}))
    one = inspected(path, "--memory", "4M")["datasets"][0]["verdict"]
    assert one["kind"] == "costly" and one["chunk_rows"] == 128 and one["read_over"] > 50
    headrace("repack", "-q", path, "-o", tmp_path / "it's.repacked.h5", "--chunk-rows", one["chunk_rows"])
    assert one["repack"].endswith("--chunk-rows 128") and "'\\''" in one["repack"]
    better = inspected(tmp_path / "it's.repacked.h5", "--memory", "4M")["datasets"][0]["verdict"]
    assert better["read_over"] < one["read_over"] and better["repack"] is None


def test_head_shows_values_of_every_type(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["numbers"] = np.arange(12, dtype=">i2").reshape(6, 2)
        file["long"] = np.arange(40.0).reshape(2, 20)
        file["texts"] = ["a\nb", "wörd"]
        file["flag"] = np.array([True, False])
        file["half"] = np.array([0.5, np.nan], np.float16)
        file["record"] = np.array([(1, b"ab")], [("n", "i4"), ("t", "S4")])
        file["complex"] = np.array([1 - 2j])
        sequences = file.create_dataset("sequences", (2,), h5py.vlen_dtype("i4"))
        sequences[1] = [1, 2]
        file["scalar"] = 7
        file["empty"] = np.zeros((0, 3))
    text = headrace("head", tmp_path / "x.h5", "-n", 2).stdout
    for lines in ("/numbers  int16 (6, 2)\n  [0, 1]\n  [2, 3]\n  ... 4 more\n", "  [20, 21, 22, 23, ..., 36, 37, 38, 39]\n",
                  "/texts  str (2,)\n  'a?b'\n  'wörd'\n", "/flag  bool (2,)\n  true\n  false\n", "  0.5\n  nan\n", "  {n: 1, t: 'ab'}\n",
                  "  1-2j\n", "/sequences  int32 sequences (2,)\n  []\n  [1, 2]\n", "/scalar  int64 ()\n  7\n", "/empty  float64 (0, 3)\n"):  # fmt: skip
        assert lines in text, (lines, text)
    assert headrace("head", tmp_path / "x.h5", "scalar").stdout == "/scalar  int64 ()\n  7\n"
    assert "there is no '/none'" in headrace("head", tmp_path / "x.h5", "none", code=1).stderr


def stats(path: Path, *options: Any) -> dict[str, list[str]]:
    lines = headrace("stats", "-q", path, *options).stdout.splitlines()
    assert lines[0] == "name\tcount\tnulls\tmean\tstd\tmin\tmax"
    return {line.split("\t")[0]: line.split("\t")[1:] for line in lines[1:]}


def test_stats_are_numpys_for_any_jobs(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    x = (random.standard_normal((50_000, 6)) * 3 + 1e6).astype(np.float32)
    y = random.standard_normal(50_000)
    y[::7] = np.nan
    n = np.array([2**63 - 1, -(2**63), 0])
    path = write(tmp_path / "x.h5", x=(x, {"chunks": (777, 6), **PACKED}), y=y, n=n, r=np.array([(1, 2.5), (3, 0.5)], [("a", "i4"), ("b", "f8")]), t=np.array([b"ab"]), h=np.array([0.5, -65504, np.nan, 6e-8], np.float16), none=np.zeros(0))
    said = stats(path)
    assert set(said) == {"/x", "/y", "/n", "/r.a", "/r.b", "/h", "/none"}
    for name, data in {"/x": x.astype(np.float64), "/y": y[~np.isnan(y)], "/r.b": np.array([2.5, 0.5]), "/h": np.array([0.5, -65504, 6e-8], np.float16).astype(np.float64)}.items():
        assert [float(value) for value in said[name][2:]] == pytest.approx([data.mean(), data.std(), data.min(), data.max()], rel=1e-9)
    assert said["/y"][:2] == [str(np.count_nonzero(~np.isnan(y))), str(np.count_nonzero(np.isnan(y)))]
    assert said["/n"][4:] == [str(-(2**63)), str(2**63 - 1)]
    assert said["/none"] == ["0", "0", "", "", "", ""]
    assert all(stats(path, "--jobs", jobs) == said for jobs in (1, 2, 5))
    columns = stats(path, "/x", "--columns")
    assert len(columns) == 6
    for column in range(6):
        data = x[:, column].astype(np.float64)
        assert [float(value) for value in columns[f"/x[:,{column}]"][2:]] == pytest.approx([data.mean(), data.std(), data.min(), data.max()], rel=1e-9)


def test_damaged_files_end_neither_inspect_nor_verify_nor_head(tmp_path: Path) -> None:
    """A crash of libhdf5 itself would be seen as a signal here: none among these."""
    (tmp_path / "whole").mkdir()
    names = make_files(tmp_path / "whole")
    random = np.random.default_rng(5)
    damaged = tmp_path / "damaged.h5"
    for name in names:
        whole = (tmp_path / "whole" / name).read_bytes()
        for flip in (0, 1, 0x10, 0xFF):
            damaged.write_bytes(damage(whole, int(random.integers(len(whole))), flip))
            for words in (("inspect", "--json"), ("verify", "-q"), ("head",), ("stats", "-q")):
                ended = headrace(*words, damaged, code=None)
                assert ended.returncode in (0, 1), (name, words, ended)
                assert ended.returncode == 0 or ended.stderr.startswith("headrace: ["), ended
