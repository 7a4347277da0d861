"""The program: verify against reading the same file, repack against h5repack, ingest against pandas and h5py."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import headrace as hr
import peers
import tables
from hdf5 import CHUNK, FOLDER, N, file
from measure import BUILD, Figure, Row, alternate, check, count

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


def large_table() -> Path:
    """A CSV file of 500 MB: what tables.py makes, over and over."""
    path = Path(FOLDER.name) / "large.csv"
    if not path.exists():
        head, _, body = tables.file().read_bytes().partition(b"\n")
        with path.open("wb") as out:
            out.write(head + b"\n")
            while out.tell() < 500_000_000:
                out.write(body)
    return path


def by_pandas(pandas: Any, path: Path, out: Path) -> None:
    """What one writes by hand: chunks of a million rows, appended column by column; gzip 4, shuffle and fletcher32, as ingest has them."""
    with h5py.File(out, "w") as file:
        rows = 0
        for frame in pandas.read_csv(path, chunksize=1_000_000):
            for name, column in frame.items():
                if name not in file:
                    file.create_dataset(name, (0,), column.dtype, maxshape=(None,), chunks=(1 << 16,), compression="gzip", compression_opts=4, shuffle=True, fletcher32=True)
                file[name].resize((rows + len(frame),))
                file[name][rows:] = column
            rows += len(frame)


def ingest() -> Row:
    path, pandas = large_table(), peers.module("pandas")
    ours, theirs = Path(FOLDER.name) / "ours-ingested.h5", Path(FOLDER.name) / "theirs-ingested.h5"
    memory = 256
    by_us = lambda: run(PROGRAM, "ingest", "--quiet", path, "-o", ours, "--memory", f"{memory}M")
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    words = [sys.executable, "-c", code, *map(str, (PROGRAM, "ingest", "--quiet", path, "-o", ours, "--memory", f"{memory}M"))]
    peak = int(subprocess.run(words, check=True, capture_output=True, text=True).stdout) / 1024
    if pandas:
        by_pandas(pandas, path, theirs)
    with h5py.File(ours) as found:
        rows = len(found["id"])
        check(sorted(found) == sorted(tables.NAMES) and rows % tables.ROWS_IN_ALL == 0, "the columns and rows of the file")
        for name, column in tables.columns().items():
            check(np.array_equal(found[name][-len(column) :], column), f"column {name}")
    row = Row(
        f"headrace ingest of a CSV of {path.stat().st_size / 1e6:.0f} MB",
        alternate({"headrace": by_us, **({"pandas in chunks + h5py": lambda: by_pandas(pandas, path, theirs)} if pandas else {})}, runs=5, before=os.sync),  # we wait for the disk, h5py does not
    )
    row.ratio("faster than pandas in chunks + h5py", "pandas in chunks + h5py", "headrace", 3, at_least=True)
    row.figures.append(Figure("peak of memory over --memory", peak - memory, "MiB", 60))
    for made in (ours, theirs, path):
        made.unlink(missing_ok=True)
    return row


ROWS: dict[str, Callable[[], Row]] = {"verify": verify, "repack": repack, "ingest": ingest}
