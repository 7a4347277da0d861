"""The program: verify against reading the same file, repack against h5repack."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import h5py
import numpy as np

import headrace as hr
from hdf5 import CHUNK, FOLDER, N, file
from measure import BUILD, Row, alternate, check, count

PROGRAM = BUILD / "headrace"


def run(*words: str | Path) -> None:
    subprocess.run([str(word) for word in words], check=True, stdout=subprocess.DEVNULL)


def verify() -> Row:
    path = file(N, CHUNK, True)
    damaged = Path(FOLDER.name) / "damaged.h5"
    shutil.copy(path, damaged)
    with h5py.File(path) as opened:
        place = opened["x"].id.get_chunk_info(7).byte_offset
    with damaged.open("r+b") as out:
        out.seek(place + 1000)
        out.write(b"headrace")
    check(subprocess.run([PROGRAM, "verify", "--quiet", damaged], capture_output=True, check=False).returncode == 1, "a damaged chunk is found")
    damaged.unlink()
    fresh = lambda: hr.from_hdf5(path, "x").batch(CHUNK)
    row = Row(
        "headrace verify, HDF5 400k x 128 float32, chunks of 1,024, gzip 4 + shuffle",
        alternate({"headrace": lambda: run(PROGRAM, "verify", "--quiet", path), "from_hdf5": lambda: count(fresh())}),
    )
    row.ratio("of the reader's rate", "from_hdf5", "headrace", 0.8, at_least=True)
    return row


def repack() -> Row:
    path = file(N, CHUNK, True)
    ours, theirs = Path(FOLDER.name) / "ours-anew.h5", Path(FOLDER.name) / "theirs-anew.h5"
    by_us = lambda: run(PROGRAM, "repack", "--quiet", path, "-o", ours, "--chunk-rows", "64", "--compress", "gzip:4")
    by_h5repack = lambda: run("h5repack", "-l", "x:CHUNK=64x128", "-f", "x:SHUF", "-f", "x:GZIP=4", path, theirs)
    by_us()
    with h5py.File(path) as before, h5py.File(ours) as after:
        check(after["x"].chunks == (64, 128) and np.array_equal(before["x"][:], after["x"][:]), "what h5py reads of what was repacked")
    times = {"headrace": by_us, **({"h5repack": by_h5repack} if shutil.which("h5repack") else {})}
    row = Row("headrace repack of it to chunks of 64", alternate(times, runs=5))
    row.ratio("faster than h5repack", "h5repack", "headrace", 4, at_least=True)
    return row


ROWS: dict[str, Callable[[], Row]] = {"verify": verify, "repack": repack}
