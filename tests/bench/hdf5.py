"""HDF5 files of h5py's, read: in order, shuffled, in small chunks, contiguous."""

import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import h5py
import numpy as np

import headrace as hr
from measure import Figure, Row, alternate, check, child, count

N, WIDTH, CHUNK = 400_000, 128, 1024
FOLDER = tempfile.TemporaryDirectory(prefix="headrace-bench-")


def compressible(rows: int, width: int) -> Any:
    """float32 rows that gzip 4 after shuffle makes about a quarter of."""
    generator = np.random.default_rng(0)
    return np.round(generator.standard_normal((rows, width)) * 20).astype(np.float32) / 4


@cache
def file(rows: int, chunk: int | None, compressed: bool, width: int = WIDTH) -> Path:
    path = Path(FOLDER.name) / f"{rows}-{chunk}-{compressed}-{width}.h5"
    options: dict[str, Any] = {"compression": "gzip", "compression_opts": 4, "shuffle": True} if compressed else {}
    with h5py.File(path, "w") as out:
        out.create_dataset("x", data=compressible(rows, width), chunks=None if chunk is None else (chunk, width), **options)
    return path


def h5py_in_order(path: Path, batch: int) -> Iterator[Any]:
    with h5py.File(path) as opened:
        data = opened["x"]
        for begin in range(0, len(data), batch):
            yield data[begin : begin + batch]


def h5py_shuffled(path: Path, batch: int) -> Iterator[Any]:
    with h5py.File(path) as opened:
        data = opened["x"][:]
    order = np.random.default_rng(1).permutation(len(data))
    for begin in range(0, len(data), batch):
        yield data[order[begin : begin + batch]]


def same_sums(a: Iterator[Any], b: Iterator[Any], what: str) -> None:
    check(np.isclose(sum(float(x.sum(dtype=np.float64)) for x in a), sum(float(x.sum(dtype=np.float64)) for x in b)), what)


def in_order() -> Row:
    path = file(N, CHUNK, True)
    ds = hr.from_hdf5(path, "x").batch(CHUNK)
    check(all(np.array_equal(a, b) for a, b in zip(ds, h5py_in_order(path, CHUNK), strict=True)), "batches in order")
    fresh = lambda: hr.from_hdf5(path, "x").batch(CHUNK)  # nothing is kept from the pass before
    row = Row("HDF5 400k x 128 float32, chunks of 1,024, gzip 4 + shuffle, in order", alternate({"headrace": lambda: count(fresh()), "h5py": lambda: count(h5py_in_order(path, CHUNK))}))
    row.ratio("faster than h5py", "h5py", "headrace", 6, at_least=True)
    return row


def shuffled() -> Row:
    path = file(N, CHUNK, True)
    fresh = lambda: hr.from_hdf5(path, "x").shuffle(seed=1).batch(256)
    same_sums(iter(fresh()), h5py_shuffled(path, 256), "shuffled batches")
    row = Row("the same, fully shuffled, batch 256", alternate({"headrace": lambda: count(fresh()), "h5py": lambda: count(h5py_shuffled(path, 256))}))
    row.ratio("faster than d[:] and a permutation by hand", "h5py", "headrace", 4, at_least=True)
    with h5py.File(path) as opened:
        order = np.random.default_rng(1).permutation(N)[:256]
        fancy = alternate({"h5py's sorted fancy indexing*": lambda: opened["x"][np.sort(order)] is None}, runs=3)
    row.seconds |= {name: seconds * N / 256 for name, seconds in fancy.items()}
    row.ratio("faster than h5py's sorted fancy indexing", "h5py's sorted fancy indexing*", "headrace", 500, at_least=True)
    return row


def bounded() -> Row:
    path = file(N, CHUNK, True)
    plan = lambda: hr.from_hdf5(path, "x").shuffle(50_000, seed=1).batch(256).with_options(memory_limit=64 << 20)
    iterator = iter(plan())
    same_sums(iterator, h5py_in_order(path, CHUNK), "shuffled batches in 64 MB")
    decoded = iterator.stats()[-1]["counts"]["decoded"]
    check(decoded == -(-N // CHUNK), f"each chunk decoded once, not {decoded} times")
    ordered = lambda: hr.from_hdf5(path, "x").batch(256)
    row = Row("the same, shuffle(buffer_size=50_000) within 64 MB", alternate({"headrace": lambda: count(plan()), "in order": lambda: count(ordered())}))
    row.ratio("of the time in order", "headrace", "in order", 1.3, at_least=False)
    return row


PEAK = """
import json, warnings
import headrace as hr
warnings.simplefilter("ignore")
def peak():  # of this program: what getrusage says was its parent's before
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
ds = hr.from_hdf5({path!r}, "x")
plan = ({plan}).with_options(memory_limit={limit})
before = peak()
for _ in range(2):
    for batch in plan:
        pass
print(json.dumps({{"bytes": peak() - before}}))
"""


def memory() -> Row:
    path, limit = file(N, CHUNK, True), 64 << 20
    plans = {"in order": "ds.batch(1024)", "shuffle(50_000)": "ds.shuffle(50_000).batch(256)", "shuffle()": "ds.shuffle().batch(256).take(60)"}
    row = Row("HDF5 400k x 128 float32 within memory_limit=64 MiB: peak of RSS over its beginning")
    for what, plan in plans.items():
        peak = child(PEAK.format(path=str(path), plan=plan, limit=limit))["bytes"]
        row.figures.append(Figure(what, peak / 1e6, "MB", (limit + 60e6) / 1e6))
    return row


def small_chunks() -> Row:
    path = file(1_600_000, 16, True, 16)
    fresh = lambda: hr.from_hdf5(path, "x").batch(256)
    calls = {"headrace": lambda: count(fresh()), "h5py": lambda: count(h5py_in_order(path, 256))}
    row = Row("HDF5 1.6M x 16 float32, 100,000 chunks of 16 rows, in order", alternate(calls, runs=3))
    row.ratio("faster than h5py", "h5py", "headrace", 3, at_least=True)
    first = alternate({"first": lambda: next(iter(fresh())) is None})["first"]
    row.figures.append(Figure("open and first batch", first * 1e3, "ms", 50))
    return row


def contiguous() -> Row:
    path = file(N, None, False)
    fresh = lambda: hr.from_hdf5(path, "x").batch(CHUNK)
    mapped = lambda: hr.from_hdf5(path, "x", mmap=True).batch(CHUNK)
    check(all(np.array_equal(a, b) for a, b in zip(fresh(), mapped(), strict=True)), "mapped batches")
    row = Row("HDF5 400k x 128 float32, contiguous, in order", alternate({"headrace": lambda: count(fresh()), "h5py": lambda: count(h5py_in_order(path, CHUNK)), "headrace, mmap": lambda: count(mapped())}))
    row.ratio("of h5py's time", "headrace", "h5py", 1.05, at_least=False)
    return row


def h5py_written(path: Path, data: Any) -> None:
    with h5py.File(path, "w") as out:
        made = out.create_dataset("data", (0, WIDTH), data.dtype, maxshape=(None, WIDTH), chunks=(CHUNK, WIDTH), compression="gzip", compression_opts=4, shuffle=True, fletcher32=True)
        for begin in range(0, len(data), CHUNK):
            part = data[begin : begin + CHUNK]
            made.resize(begin + len(part), axis=0)
            made[begin:] = part


def written() -> Row:
    data = compressible(N // 4, WIDTH)
    ours, theirs = Path(FOLDER.name) / "ours.h5", Path(FOLDER.name) / "theirs.h5"
    ds = hr.from_tensor_slices(data)
    ds.write_hdf5(ours, chunk_rows=CHUNK)
    with h5py.File(ours) as opened:
        check(np.array_equal(opened["data"][:], data), "what h5py reads of what was written")
    calls = {"headrace": lambda: ds.write_hdf5(ours, chunk_rows=CHUNK), "h5py": lambda: h5py_written(theirs, data)}
    row = Row("HDF5 100k x 128 float32 written, chunks of 1,024, gzip 4 + shuffle + fletcher32", alternate(calls, runs=5))
    row.ratio("faster than h5py", "h5py", "headrace", 4, at_least=True)
    row.figures.append(Figure("size over h5py's", ours.stat().st_size / theirs.stat().st_size, "x"))
    return row


ROWS: dict[str, Callable[[], Row]] = {
    "hdf5_written": written,
    "hdf5_in_order": in_order,
    "hdf5_shuffled": shuffled,
    "hdf5_bounded": bounded,
    "hdf5_memory": memory,
    "hdf5_small_chunks": small_chunks,
    "hdf5_contiguous": contiguous,
}
