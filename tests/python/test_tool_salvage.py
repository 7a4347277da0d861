"""verify --salvage: what is sound of a damaged file is kept, and the rest is said."""

from __future__ import annotations

import resource
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdf5_files import h5py
from test_tool_repack import everything, same
from test_tool_verify import chunk_places
from tool import PROGRAM, headrace

__all__ = ["everything"]

KINDS: dict[str, dict[str, Any]] = {
    "gzip": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    "checksum": {"fletcher32": True},
    "lzf": {"compression": "lzf", "fletcher32": True},
}


def salvaged(path: Path, out: Path, code: int = 1) -> "subprocess.CompletedProcess[str]":
    ended = headrace("verify", "-q", path, "--salvage", out, code=code)
    assert headrace("verify", "-q", out).stdout == ""
    assert not Path(f"{out}.part").exists()
    return ended


def damage(path: Path, places: list[int]) -> None:
    whole = bytearray(path.read_bytes())
    for place in places:
        whole[place] ^= 0x55
    path.write_bytes(whole)


@pytest.mark.parametrize("kind", KINDS)
def test_sound_chunks_are_kept_and_others_hold_the_fill_value(tmp_path: Path, kind: str) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    x, y = np.random.default_rng(1).integers(0, 9, (103, 6)).astype(np.int32), np.arange(50.0)
    with h5py.File(path, "w") as file:
        file.create_dataset("g/x", data=x, chunks=(10, 4), maxshape=(None, 6), fillvalue=-7, **KINDS[kind]).attrs["unit"] = "m"
        file.create_dataset("y", data=y, chunks=(20,), **KINDS[kind])
        file.create_dataset("never", (30,), "f4", chunks=(10,), fillvalue=3, **KINDS[kind])
        file["alias"] = file["y"]
    of_x, of_y = chunk_places(path, "g/x"), chunk_places(path, "y")
    damage(path, [sum(of_x[20, 0]) - 2, sum(of_x[30, 4]) - 2, sum(of_x[100, 0]) - 2, sum(of_y[40,]) - 2])
    ended = salvaged(path, out)
    assert [line for line in ended.stdout.splitlines() if line.startswith(f"{out}: ")] == [
        f"{out}: /alias rows 40 to 49 hold the fill value",
        f"{out}: /g/x rows 20 to 39 hold the fill value",
        f"{out}: /g/x rows 100 to 102 hold the fill value",
    ]
    x[20:30, :4] = x[30:40, 4:] = x[100:, :4] = -7
    y[40:] = 0
    with h5py.File(out) as file:
        assert np.array_equal(file["g/x"], x) and np.array_equal(file["y"], y) and np.all(file["never"][()] == 3)
        assert file["g/x"].attrs["unit"] == "m" and file["alias"] == file["y"]
        assert file["g/x"].attrs["headrace_lost_rows"].tolist() == [[20, 40], [100, 103]] and file["y"].attrs["headrace_lost_rows"].tolist() == [[40, 50]]
        assert file["g/x"].chunks == (10, 4) and file["g/x"].maxshape == (None, 6) and file["g/x"].compression == KINDS[kind].get("compression")


def test_a_sound_file_comes_out_as_it_is(everything: Path, tmp_path: Path) -> None:
    ended = headrace("verify", "-q", everything, "--salvage", tmp_path / "out.h5", code=1)  # an external link is not followed
    assert ended.stdout.count("\n") == 1 and "external link" in ended.stdout and "left out" not in ended.stderr
    same(everything, tmp_path / "out.h5")


def test_of_bytes_that_were_cut_off_the_rows_before_are_kept_where_libhdf5_opens_the_file(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    x = np.arange(40_000).reshape(10_000, 4)
    with h5py.File(path, "w") as file:
        file["y"] = np.arange(5)
        file["x"] = x
        place = file["x"].id.get_offset()
    whole = path.read_bytes()
    cut = bytearray(whole[: place + 7000 * 32 + 5])
    path.write_bytes(cut)
    assert f"cannot open '{path}': truncated file" in headrace("verify", "-q", path, "--salvage", out, code=1).stderr
    assert not out.exists()
    assert cut[40:48] == len(whole).to_bytes(8, "little")  # where the superblock says that the file ends
    cut[40:48] = len(cut).to_bytes(8, "little")
    path.write_bytes(cut)
    salvaged(path, out)
    with h5py.File(out) as file:
        assert np.array_equal(file["x"][:7000], x[:7000]) and not file["x"][7000:].any() and np.array_equal(file["y"], np.arange(5))
        assert file["x"].attrs["headrace_lost_rows"].tolist() == [[7000, 10_000]]


def test_texts_whose_heap_is_damaged_are_lost_with_their_neighbours_alone(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    texts = [f"text {i} " + "x" * 200 for i in range(400)]
    with h5py.File(path, "w") as file:
        file.create_dataset("t", data=texts, chunks=(50,), dtype=h5py.string_dtype())
        file["n"] = np.arange(10)
    place = path.read_bytes().index(b"GCOL", path.read_bytes().index(b"text 200 ") - 4096)
    damage(path, [place])
    salvaged(path, out)
    with h5py.File(out) as file:
        found, lost = file["t"].asstr()[()], file["t"].attrs["headrace_lost_rows"]
        assert np.array_equal(file["n"], np.arange(10))
    sound = np.ones(400, bool)
    for begin, end in lost:
        sound[begin:end] = False
    assert 0 < sound.sum() < 400 and all(found[i] == texts[i] for i in np.flatnonzero(sound)) and not any(found[~sound])


def test_chunks_without_a_filter_are_lost_where_they_lie_beyond_the_end(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    x = np.arange(47.0)
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=x, chunks=(10,), fillvalue=-1)
    places = chunk_places(path, "x")
    whole = path.read_bytes()
    for start in (10, 40):  # the last one reaches beyond the array
        address = places[start,][0].to_bytes(8, "little")
        assert whole.count(address) == 1
        whole = whole.replace(address, (1 << 40).to_bytes(8, "little"))
        x[start : start + 10] = -1
    path.write_bytes(whole)
    salvaged(path, out)
    with h5py.File(out) as file:
        assert np.array_equal(file["x"], x) and file["x"].attrs["headrace_lost_rows"].tolist() == [[10, 20], [40, 47]]


def test_objects_that_cannot_be_read_are_named_and_left_out(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        for name in ("before", "broken", "group/behind"):
            file[name] = np.arange(5)
        place = h5py.h5o.get_info(file["broken"].id).addr
    damage(path, [place])
    ended = salvaged(path, out)
    assert "left out /broken: " in ended.stderr and ended.stdout.startswith(f"{path}: /broken: ")
    with h5py.File(out) as file:
        assert set(file) == {"before", "group"} and all(np.array_equal(file[name], np.arange(5)) for name in ("before", "group/behind"))


def test_what_a_copy_cannot_hold_of_a_sound_file_is_a_loss(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        x = file.create_dataset("x", data=np.arange(10))
        file["regions"] = np.array([x.regionref[2:4]], h5py.regionref_dtype)
    assert headrace("verify", "-q", path).stdout == ""
    ended = salvaged(path, out, code=1)
    assert ended.stdout == "" and ended.stderr == "headrace: [verify] left out /regions: references to regions\n"
    with h5py.File(out) as file:
        assert list(file) == ["x"] and np.array_equal(file["x"], np.arange(10))


def test_everything_bad_and_wrong_words(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.ones(100), chunks=(10,), fletcher32=True)
    damage(path, [place + 3 for place, _ in chunk_places(path, "x").values()])
    salvaged(path, out)
    with h5py.File(out) as file:
        assert not file["x"][()].any() and file["x"].attrs["headrace_lost_rows"].tolist() == [[0, 100]]
    out.unlink()
    assert "OUT must be another file than FILE" in headrace("verify", path, "--salvage", path, code=2).stderr
    assert "--salvage is of one file, got 2" in headrace("verify", path, path, "--salvage", out, code=2).stderr
    (tmp_path / "no.h5").write_text("no HDF5 file")
    headrace("verify", tmp_path / "no.h5", "--salvage", out, code=1)
    assert not out.exists()


def test_a_kill_leaves_no_part_under_the_name(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.random.default_rng(0).integers(0, 9, (20_000, 64)), chunks=(10, 64), compression="gzip", compression_opts=1)
    for wait in (0.0, 0.02, 0.05, 0.1):
        child = subprocess.Popen([str(PROGRAM), "verify", "-q", str(path), "--salvage", str(out)])
        end = time.monotonic() + 30
        while not Path(f"{out}.part").exists() and not out.exists() and child.poll() is None and time.monotonic() < end:
            time.sleep(0.001)
        time.sleep(wait)
        child.kill()
        child.wait()
        assert not out.exists() or headrace("verify", "-q", out).stdout == ""
        out.unlink(missing_ok=True)
    assert salvaged(path, out, code=0).stdout == ""


def test_a_file_cut_anywhere_is_refused_or_salvaged_whole(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(4000).reshape(400, 10), chunks=(30, 4), **KINDS["gzip"])
        file["y"] = np.arange(100)
    whole = path.read_bytes()
    for size in [*range(0, len(whole), len(whole) // 40), len(whole) - 1]:
        path.write_bytes(whole[:size])
        ended = headrace("verify", "-q", path, "--salvage", out, code=1)
        assert ended.stderr.startswith("headrace: [verify] ") and not Path(f"{out}.part").exists()
        if out.exists():
            assert headrace("verify", "-q", out).stdout == ""
            out.unlink()


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path, out = tmp_path / "x.h5", tmp_path / "out.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.random.default_rng(0).random((200, 64)), chunks=(10, 64), fletcher32=True)
        file.create_dataset("t", data=[f"text {i}" for i in range(2000)], chunks=(50,))
    damage(path, [chunk_places(path, "x")[50, 0][0]])
    for size in (0, 100, 5000, 50_000, 100_000):
        limit = lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)), signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
        out.write_text("old")
        ended = headrace("verify", "-q", path, "--salvage", out, code=1, preexec_fn=limit)
        assert "File too large" in ended.stderr and "hold the fill value" not in ended.stdout, ended
        assert out.read_text() == "old" and not Path(f"{out}.part").exists()
    salvaged(path, out)
