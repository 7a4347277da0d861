"""verify: every chunk is read, and bad ones are named by dataset, rows and place."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdf5_files import h5py
from hdf5_flips import make_files
from tool import PROGRAM, headrace

KINDS: dict[str, dict[str, Any]] = {
    "gzip": {"compression": "gzip"},
    "checksum": {"fletcher32": True},
    "lzf": {"compression": "lzf", "fletcher32": True},
}


def chunk_places(path: Path, name: str) -> dict[tuple[int, ...], tuple[int, int]]:
    """Where each chunk lies: a file's user block is counted, which this libhdf5 leaves out."""
    with h5py.File(path) as file:
        data = file[name].id
        infos = [data.get_chunk_info(i) for i in range(data.get_num_chunks())]
        block = file.userblock_size
        whole = path.read_bytes()
        first = infos[0]
        counted = whole[first.byte_offset : first.byte_offset + first.size] == data.read_direct_chunk(first.chunk_offset)[1]
        return {info.chunk_offset: (info.byte_offset + (0 if counted else block), info.size) for info in infos}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("userblock", [0, 512])
def test_bad_chunks_are_named_and_the_others_go_on(tmp_path: Path, kind: str, userblock: int) -> None:
    path = tmp_path / "x.h5"
    data = np.random.default_rng(1).integers(0, 9, (100, 6)).astype(np.int32)
    with h5py.File(path, "w", userblock_size=userblock) as file:
        file.create_dataset("g/x", data=data, chunks=(10, 4), **KINDS[kind])
        file.create_dataset("sound", data=data, chunks=(7, 6), **KINDS[kind])
    assert headrace("verify", path).stdout == ""
    places = chunk_places(path, "g/x")
    whole = bytearray(path.read_bytes())
    for start in ((20, 0), (20, 4), (90, 4)):
        whole[sum(places[start]) - 2] ^= 0x55  # in the checksum at its end
    path.write_bytes(whole)
    for jobs in (1, 2, 8):
        ended = headrace("verify", path, "--jobs", jobs, code=1)
        found = [re.fullmatch(r"(.*): /g/x rows (\d+) to (\d+), chunk from \((\d+), (\d+)\) at byte (\d+): (.+)", line) for line in ended.stdout.splitlines()]
        assert [one and one.groups()[:6] for one in found] == [
            (str(path), str(row), str(row + 9), str(row), str(column), str(places[row, column][0])) for row, column in ((20, 0), (20, 4), (90, 4))
        ]
        assert ended.stderr == f"headrace: [verify] 3 parts are bad in '{path}'\n"


def test_sound_files_of_every_kind_are_sound(tmp_path: Path) -> None:
    make_files(tmp_path)
    ended = headrace("verify", *sorted(tmp_path.iterdir()))
    assert ended.stdout == ended.stderr == ""


def test_what_lies_behind_the_end_is_bad(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.arange(5000.0), chunks=(1000,))
        place = file["x"].id.get_chunk_info(4).byte_offset
    whole = path.read_bytes()
    address = place.to_bytes(8, "little")
    assert whole.count(address) == 1
    path.write_bytes(whole.replace(address, (len(whole) + 8).to_bytes(8, "little")))
    ended = headrace("verify", path, code=1)
    assert re.match(r".*: /x rows 4000 to 4999, chunk from \(4000,?\)", ended.stdout), ended


def test_values_of_variable_length_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("texts", data=[f"text number {i}" for i in range(50)], chunks=(10,))
    whole = path.read_bytes()
    heap = whole.index(b"GCOL")
    path.write_bytes(whole[:heap] + b"LOCG" + whole[heap + 4 :])
    ended = headrace("verify", path, code=1)
    assert re.match(r".*: /texts rows 0 to 9: ", ended.stdout), ended


def test_types_without_a_dtype_are_verified_as_they_are_stored(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.array([file.ref] * 40, h5py.ref_dtype), chunks=(10,), compression="gzip")
    assert headrace("verify", path).stdout == ""
    place, size = chunk_places(path, "x")[(30,)]
    whole = bytearray(path.read_bytes())
    whole[place + size - 1] ^= 1
    path.write_bytes(whole)
    assert f"/x rows 30 to 39, chunk from (30) at byte {place}: gzip: " in headrace("verify", path, code=1).stdout.replace("(30,)", "(30)")


def test_memory_bounds_what_is_held(tmp_path: Path) -> None:
    path = tmp_path / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", (64, 1 << 20), "f4", chunks=(1, 1 << 20), compression="gzip", compression_opts=1)[:] = 1
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    ended = subprocess.run([sys.executable, "-c", code, str(PROGRAM), "verify", "-q", "--memory", "32M", "--jobs", "8", str(path)], capture_output=True, text=True, check=True)
    assert int(ended.stdout) * 1024 <= (32 << 20) + 60_000_000
