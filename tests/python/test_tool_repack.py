"""repack: the same file in other chunks, gone on with after kills, byte by byte the same."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdf5_files import h5py, write
from hdf5_flips import make_files
from tool import PROGRAM, headrace

PACKED = {"compression": "gzip", "compression_opts": 4, "shuffle": True}


def described(file: Any) -> dict[str, Any]:
    """Every object with its attributes and values; references by the names they lead to."""

    names: dict[int, str] = {h5py.h5o.get_info(file["/"].id).addr: "/"}

    def name_all(group: Any) -> None:
        for name in sorted(group):
            if isinstance(group.get(name, getlink=True), h5py.HardLink):
                info = h5py.h5o.get_info(group[name].id)
                if info.addr not in names:
                    names[info.addr] = f"{names[h5py.h5o.get_info(group.id).addr]}/{name}"
                    if isinstance(group[name], h5py.Group):
                        name_all(group[name])

    name_all(file)

    def value(data: Any) -> Any:
        if isinstance(data, h5py.Reference):
            return names[h5py.h5o.get_info(file[data].id).addr] if data else None
        if isinstance(data, h5py.Empty):
            return "nothing", str(data.dtype)
        if isinstance(data, np.void) and data.dtype.names:
            return [value(data[name]) for name in data.dtype.names]
        if isinstance(data, np.ndarray) and (data.dtype == object or data.dtype.names):
            return [value(one) for one in data.reshape(-1)]
        return str(np.asarray(data).dtype), np.shape(data), np.asarray(data).tobytes()

    def attributes(thing: Any) -> Any:
        return {name: value(thing.attrs[name]) for name in sorted(thing.attrs)}

    found: dict[str, Any] = {"/": attributes(file)}

    def look(group: Any, seen: tuple[Any, ...]) -> None:
        for name in sorted(group):
            path = f"{group.name.rstrip('/')}/{name}"
            link = group.get(name, getlink=True)
            if not isinstance(link, h5py.HardLink):
                found[path] = type(link).__name__, vars(link) if not hasattr(link, "path") else (link.path, getattr(link, "filename", ""))
                continue
            thing = group[name]
            info = h5py.h5o.get_info(thing.id)
            if isinstance(thing, h5py.Group):
                found[path] = "group", attributes(thing)
                if info.addr not in seen:
                    look(thing, (*seen, info.addr))
            elif isinstance(thing, h5py.Dataset):
                shape = thing.shape
                data = value(thing[()]) if shape is not None else "nothing"
                fill = None if thing.dtype == object else value(np.asarray(thing.fillvalue))
                found[path] = "dataset", str(thing.dtype), shape, thing.maxshape, fill, data, attributes(thing), info.rc
            else:
                found[path] = "type", str(thing.dtype), attributes(thing)

    look(file, (h5py.h5o.get_info(file["/"].id).addr,))
    return found


def same(first: Path, second: Path) -> None:
    with h5py.File(first) as a, h5py.File(second) as b:
        assert described(a) == described(b)


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("repack") / "all.h5"
    data = np.random.default_rng(3).integers(0, 100, (500, 7)).astype(np.int16)
    with h5py.File(path, "w") as file:
        file.create_dataset("g/h/x", data=data, chunks=(30, 3), maxshape=(None, 7), fillvalue=5, **PACKED)
        file.create_dataset("contiguous", data=data.astype(">f8"))
        file.create_dataset("plain", data=data, chunks=(64, 7))
        file.create_dataset("cube", data=np.arange(2000.0).reshape(20, 10, 10), chunks=(3, 10, 4), compression="lzf")
        file.create_dataset("sparse", (300, 4), "f4", chunks=(10, 4), fillvalue=np.nan)[50:60] = 2
        file.create_dataset("texts", data=[f"wörd {i}" for i in range(100)], chunks=(9,), maxshape=(None,))
        file.create_dataset("mixed", data=np.array([(i, f"t{i}") for i in range(30)], np.dtype([("n", "i4"), ("t", h5py.string_dtype())])))
        sequences = file.create_dataset("sequences", (20,), h5py.vlen_dtype("i4"))
        for i in range(20):
            sequences[i] = np.arange(i % 4)
        file.create_dataset("records", data=np.array([(i, b"ab") for i in range(2000)], [("n", ">i2"), ("t", "S3")]), chunks=(100,), **PACKED)
        file.create_dataset("flags", data=np.arange(9000) % 3 == 0)
        file["scalar"], file["word"], file["none"], file["zero"] = 7, "text", h5py.Empty("f4"), np.zeros((0, 3))
        file.create_dataset("growing", (0, 3), "f4", maxshape=(None, 3), chunks=(10, 3))
        file["g/again"] = file["g/h/x"]
        file["g/up"] = file["/"]
        file["soft"], file["out"] = h5py.SoftLink("/g/h"), h5py.ExternalLink("other.h5", "/x")
        file["named"] = np.dtype("i2")
        file.create_dataset("of_named", data=data[0], dtype=file["named"])
        file["references"] = np.array([file["g"].ref, file["g/h/x"].ref, h5py.Reference()], h5py.ref_dtype)
        for thing in (file, file["g"], file["g/h/x"], file["named"]):
            thing.attrs["text"], thing.attrs["numbers"], thing.attrs["to"] = "wörd", np.arange(3), file["scalar"].ref
            thing.attrs["nothing"], thing.attrs["texts"] = h5py.Empty("f8"), ["a", "bb"]
        file["plain"].dims[0].label = "row"
        file["contiguous"][0] = 1
        file["scale"] = np.arange(500.0)
        file["scale"].make_scale("s")
        file["plain"].dims[0].attach_scale(file["scale"])
    return path


@pytest.mark.parametrize("options", [(), ("--chunk-rows", 1), ("--chunk-rows", 7), ("--chunk-rows", 100000), ("--compress", "none"), ("--compress", "gzip:9", "--chunk-rows", 33)])
def test_everything_is_kept(everything: Path, tmp_path: Path, options: tuple[Any, ...]) -> None:
    out = tmp_path / "out.h5"
    assert headrace("repack", "-q", everything, "-o", out, *options).stderr == ""
    same(everything, out)
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5"]
    with h5py.File(out) as file:
        x = file["g/h/x"]
        assert x.chunks[1] == 7 and (x.compression, x.shuffle) == ((None, False) if "none" in options else ("gzip", True))
        if options[:1] == ("--chunk-rows",):
            assert x.chunks[0] == options[1] and file["contiguous"].chunks[0] == min(options[1], 500)


def test_files_of_every_kind_are_kept_and_accepted_by_hdf5s_own_programs(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    make_files(tmp_path / "in")
    for path in sorted((tmp_path / "in").iterdir()):
        out = tmp_path / "out.h5"
        headrace("repack", "-q", path, "-o", out, "--chunk-rows", 6)
        same(path, out)
        assert subprocess.run(["h5dump", str(out)], capture_output=True, check=False).returncode == 0
        if not path.name.startswith("chunked"):  # h5diff has no lzf
            assert subprocess.run(["h5diff", str(path), str(out)], capture_output=True, check=False).returncode == 0


def test_equal_commands_give_equal_bytes_for_any_jobs(everything: Path, tmp_path: Path) -> None:
    made = set()
    for jobs in (1, 2, 7):
        headrace("repack", "-q", everything, "-o", tmp_path / "out.h5", "--jobs", jobs, "--chunk-rows", 13)
        made.add((tmp_path / "out.h5").read_bytes())
    assert len(made) == 1


def test_what_cannot_be_carried_is_named_before_anything_is_written(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", data=np.arange(10))
        file["regions"] = np.array([x.regionref[2:4]], h5py.regionref_dtype)
        x.attrs["region"] = x.regionref[1:2]
    ended = headrace("repack", path, "-o", out, code=1)
    assert "/regions: references to regions" in ended.stderr and "/x@region: references" in ended.stderr and "--leave-out" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5"]
    ended = headrace("repack", "-q", path, "-o", out, "--leave-out")
    assert "headrace: [repack] left out /regions: references to regions\n" in ended.stderr
    with h5py.File(out) as file:
        assert list(file) == ["x"] and np.array_equal(file["x"], np.arange(10)) and not file["x"].attrs


def test_damage_is_an_error_and_leaves_the_old_file(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    out.write_text("old")
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(1000), chunks=(100,), fletcher32=True)
        place = file["x"].id.get_chunk_info(4).byte_offset
    whole = bytearray(path.read_bytes())
    whole[place] ^= 1
    path.write_bytes(whole)
    ended = headrace("repack", "-q", path, "-o", out, code=1)
    assert "[repack] cannot decode chunk (4)" in ended.stderr.replace("(4,)", "(4)") and "fletcher32" in ended.stderr
    assert out.read_text() == "old" and not Path(f"{out}.part").exists()


def test_wrong_options(tmp_path: Path) -> None:
    path = write(tmp_path / "x.h5", x=np.arange(10))
    for words, said in {
        ("--chunk-rows", "-1"): "--chunk-rows must be >= 0, got -1",
        ("--compress", "zip"): "--compress must be gzip:0 to gzip:9, or none, got 'zip'",
    }.items():
        assert headrace("repack", path, "-o", tmp_path / "out.h5", *words, code=2).stderr == f"headrace: [repack] {said}\n"
    assert "must be another file" in headrace("repack", path, "-o", tmp_path / "." / "x.h5", code=2).stderr
    assert [one.name for one in tmp_path.iterdir()] == ["x.h5"]


@pytest.fixture(scope="module")
def long_work(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = np.random.default_rng(0).integers(0, 50, (100_000, 64)).astype(np.int32)
    return write(tmp_path_factory.mktemp("tool") / "long.h5", x=(data, {"chunks": (2000, 64), "compression": "gzip", "compression_opts": 1}), y=np.arange(100_000))


def journal_of(out: Path) -> Path:
    return Path(f"{out}.journal")


def test_twenty_kills_and_going_on_give_the_same_bytes(long_work: Path, tmp_path: Path) -> None:
    expected, out = tmp_path / "expected.h5", tmp_path / "out.h5"
    words = ["--chunk-rows", "100", "--compress", "gzip:6"]
    began = time.monotonic()
    headrace("repack", "-q", long_work, "-o", expected, *words)
    seconds = time.monotonic() - began
    choose = random.Random(7)
    kills = 0
    while kills < 20:
        jobs = choose.choice(["1", "2", "4"])
        child = subprocess.Popen([str(PROGRAM), "repack", "-q", str(long_work), "-o", str(out), "--jobs", jobs, *words])
        try:
            assert child.wait(timeout=choose.uniform(0, seconds / 3)) == 0
            assert out.read_bytes() == expected.read_bytes()
            out.unlink()
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
            assert not out.exists() or out.read_bytes() == expected.read_bytes()
    headrace("repack", "-q", long_work, "-o", out, *words)
    assert out.read_bytes() == expected.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["expected.h5", "out.h5"]


def test_what_is_done_is_not_done_again(long_work: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    words = [str(PROGRAM), "repack", "-q", str(long_work), "-o", str(out), "--chunk-rows", "100", "--compress", "gzip:9", "--jobs", "1"]
    child = subprocess.Popen(words)
    while not journal_of(out).exists() or journal_of(out).stat().st_size < 500_000:
        assert child.poll() is None
        time.sleep(0.002)
    child.kill()
    child.wait()
    before = journal_of(out).read_bytes()
    child = subprocess.Popen(words)
    while journal_of(out).exists() and journal_of(out).stat().st_size < len(before) + 10_000 and child.poll() is None:
        time.sleep(0.001)
    child.kill()
    child.wait()
    after = journal_of(out).read_bytes()
    whole = len(os.path.commonprefix([before, after]))
    assert len(before) - whole < 20_000, "at most the piece that was being written is redone"


def test_other_options_or_inputs_than_the_journals_are_refused(long_work: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    words = ("repack", "-q", long_work, "-o", out, "--chunk-rows", 100)
    ended = headrace(*words, code=None, preexec_fn=lambda: (limit(), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)))
    assert ended.returncode == 1 and "File too large; what is done is kept: the same command goes on with it" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["out.h5.journal"]
    for other in (("repack", "-q", long_work, "-o", out, "--chunk-rows", 50), (*words, "--compress", "gzip:1")):
        ended = headrace(*other, code=1)
        assert "it is of other inputs or options" in ended.stderr and "remove it to begin anew" in ended.stderr
    kept = journal_of(out).stat().st_size
    headrace(*words, "--jobs", 3)
    assert kept > 100_000 and sorted(path.name for path in tmp_path.iterdir()) == ["out.h5"]
    same(long_work, out)


def test_memory_is_bounded(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (256, 1 << 18), "f4", chunks=(4, 1 << 18), compression="gzip", compression_opts=1)[:] = 1
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    words = [str(PROGRAM), "repack", "-q", "--memory", "64M", "--jobs", "8", "--chunk-rows", "1", "-o", str(tmp_path / "out.h5"), str(path)]
    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert int(ended.stdout) * 1024 <= (64 << 20) + 60_000_000
