"""The contract's cases of what keeps elements, in memory and in files."""

from __future__ import annotations

import atexit
import gzip
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

try:
    import h5py
except ImportError:
    h5py = None

import headrace as hr
import model
from contract import Case, ROWS, items, source, upstream


@cache
def folders() -> Path:
    path = Path(tempfile.mkdtemp(prefix="headrace-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


NUMBERS = count()


def new_path() -> Path:
    return folders() / str(next(NUMBERS))


@cache
def saved(n: int) -> Path:
    path = new_path()
    upstream(n, stream=True).save(path)
    return path


@cache
def written(n: int) -> Path:
    path = folders() / f"{n}.h5"
    upstream(n, False).write_hdf5(path, chunk_rows=3)
    return path


@cache
def sampled(n: int) -> Path:
    """A group a row, of its first value once or twice, and all of its second."""
    path = folders() / f"samples{n}.h5"
    with h5py.File(path, "w") as file:
        for i, (number, pair) in enumerate(items(n)):
            file[f"s/{i}/number"], file[f"s/{i}/pair"] = np.full(1 + i % 2, number), np.array(pair)
    return path


def samples(n: int) -> list[Any]:
    return [([number] * (1 + i % 2), pair) for i, (number, pair) in enumerate(items(n))]


@cache
def tabled(n: int) -> Path:
    """A column a number, and text that is left out."""
    path = folders() / f"{n}.csv"
    rows = [f'{number},"x, ""{i}""\n",{a},{b}\r\n' for i, (number, (a, b)) in enumerate(items(n))]
    path.write_text("number,text,a,b\n" + "\n".join(rows), newline="")
    return path


def from_table(n: int) -> hr.Dataset:
    types = {"number": "int64", "a": "float32", "b": "float32"}
    return hr.from_csv(tabled(n), ("number", ["a", "b"]), dtypes=types).map(lambda number, pair: (number, np.array(pair)))


@cache
def recorded(n: int) -> Path:
    path = folders() / f"records{n}.h5"
    data = np.array([(number, tuple(pair)) for number, pair in items(n)], [("number", "<i8"), ("pair", "<f8", (2,))])
    hr.from_tensor_slices(data).write_hdf5(path, chunk_rows=3)
    return path


def fields(n: int) -> list[Any]:
    return [{"number": number, "pair": pair} for number, pair in items(n)]


@cache
def sequenced(n: int) -> Path:
    """(a sequence of 0 to 2 times the first value, the second value twice or more) by row."""
    path = folders() / f"sequences{n}.h5"
    rows = sequences(n)
    spec = (hr.TensorSpec((None,), np.int64), hr.TensorSpec((None, 2), np.float32))
    pairs = [(np.array(a, np.int64).reshape(-1), np.array(b, np.float32).reshape(-1, 2)) for a, b in rows]
    hr.from_generator(lambda: iter(pairs), output_signature=spec).write_hdf5(path, chunk_rows=3)
    return path


def sequences(n: int) -> list[Any]:
    return [([number] * (i % 3), [pair] * (2 + i % 2)) for i, (number, pair) in enumerate(items(n))]


@cache
def pictured(n: int) -> Path:
    """Two classes; picture i is all of value i, and one pixel wider than the one before."""
    path = folders() / f"images{n}"
    for i in range(n):
        (path / "ab"[2 * i >= n]).mkdir(parents=True, exist_ok=True)
        (path / "ab"[2 * i >= n] / f"{i:03}.png").write_bytes(hr.image.encode_png(np.full((2, 1 + i, 3), i, np.uint8)))
    return path


def pictures(n: int, width: int | None = None) -> list[Any]:
    return [([[[i] * 3] * (width or 1 + i)] * 2, int(2 * i >= n)) for i in range(n)]


@cache
def lines(n: int) -> list[Path]:
    """Three files, the second of gzip; the last line has no end."""
    rows, paths = [f"{number}" for number, _ in items(n)], []
    for i, part in enumerate((rows[: n // 3], rows[n // 3 : n - 2], rows[max(n - 2, n // 3) :])):
        paths.append(folders() / f"lines{n}-{i}.txt")
        data = "\n".join(part).encode() + b"\n" * (i < 2 and bool(part))
        paths[-1].write_bytes(gzip.compress(data) if i == 1 else data)
    return paths


@cache
def filed(n: int, order: Any = "C") -> tuple[Path, Path]:
    """Records of both values, and the second ones alone."""
    records, pairs = folders() / f"records{n}{order}.npy", folders() / f"pairs{n}{order}.npy"
    np.save(records, np.array([(number, tuple(pair)) for number, pair in items(n)], [("number", ">i8"), ("pair", "<f4", (2,))]))
    np.save(pairs, np.asarray([pair for _, pair in items(n)], np.float32, order=order).reshape(n, 2, order=order))
    return records, pairs


@cache
def gzipped(n: int) -> tuple[Path, Path]:
    plain = filed(n)[1]
    path = folders() / f"pairs{n}.npy.gz"
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path, plain


def pairs(n: int) -> list[Any]:
    return [pair for _, pair in items(n)]


@cache
def archived(n: int, compressed: bool) -> Path:
    path = folders() / f"{n}{compressed}.npz"
    numbers = np.array([number for number, _ in items(n)], np.int64)
    (np.savez_compressed if compressed else np.savez)(path, number=numbers, pair=np.asfortranarray(np.array(pairs(n), np.float32).reshape(n, 2)))
    return path


@cache
def fixed(n: int, compressed: bool) -> Path:
    path = folders() / f"fixed{n}{compressed}"
    data = np.array([number for number, _ in items(n)], ">i8").tobytes()
    path.write_bytes(gzip.compress(b"head" + data) if compressed else b"head" + data)
    return path


def from_fixed(n: int, compressed: bool = False) -> hr.Dataset:
    return hr.from_fixed_records(fixed(n, compressed), 8, 4, dtype="int64", big_endian=True)


CASES = [
    source("from_image_folder", "from_image_folder", lambda: hr.from_image_folder(pictured(ROWS)), pictures(ROWS)),
    source("from_image_folder", "from_image_folder, resized", lambda: hr.from_image_folder(pictured(ROWS), size=(2, 3)), pictures(ROWS, 3)),
    Case(
        "from_image_folder",
        "from_image_folder.shuffle()",
        lambda up: hr.from_image_folder(pictured(ROWS), size=(2, 3)).shuffle(seed=5),
        lambda p, s: model.shuffled(lambda epoch: pictures(ROWS, 3), False, 5),
        reshuffles=True,
        source=True,
    ),
    Case("cache", "cache()", lambda up: up.cache(), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename)", lambda up: up.cache(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename).shuffle()", lambda up: up.cache(new_path()).shuffle(4, seed=5), lambda p, s: model.shuffled(p, s, 5, 4), reshuffles=True),
    Case("snapshot", "snapshot", lambda up: up.snapshot(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("snapshot", "snapshot that may be there", lambda up: up.snapshot(folders() / "snapshots"), lambda p, s: lambda epoch: p(0)),
    source("from_fixed_records", "from_fixed_records", lambda: from_fixed(ROWS), [number for number, _ in items(ROWS)]),
    source("from_fixed_records", "from_fixed_records of none", lambda: from_fixed(0), []),
    source("from_fixed_records", "from_fixed_records of gzip", lambda: from_fixed(ROWS, True), [n for n, _ in items(ROWS)], streams=True),
    source("from_text", "from_text", lambda: hr.from_text(lines(ROWS)), [f"{number}" for number, _ in items(ROWS)], streams=True),
    source("from_text", "from_text of no lines", lambda: hr.from_text(lines(0)), [], streams=True),
    source("load", "load", lambda: hr.load(saved(ROWS)), items(ROWS)),
    source("load", "load of no rows", lambda: hr.load(saved(0)), []),
    source("from_csv", "from_csv", lambda: from_table(ROWS), items(ROWS), streams=True),
    source("from_csv", "from_csv of no rows", lambda: hr.from_csv(tabled(0)), [], streams=True),
    source("from_csv", "from_csv of several files", lambda: hr.from_csv([tabled(3), tabled(0), tabled(5)], "number"), [*range(3), *range(5)], streams=True),
    source("from_hdf5", "from_hdf5", lambda: hr.from_hdf5(written(ROWS)), items(ROWS)),
    source("from_hdf5", "from_hdf5 of no rows", lambda: hr.from_hdf5(written(0)), []),
    source("from_hdf5", "from_hdf5 of records by field", lambda: hr.from_hdf5(recorded(ROWS), split_records=True), fields(ROWS)),
    source("from_hdf5", "from_hdf5 of sequences", lambda: hr.from_hdf5(sequenced(ROWS)), sequences(ROWS)),
    source("from_hdf5", "from_hdf5 of no sequences", lambda: hr.from_hdf5(sequenced(0)), []),
    Case(
        "from_hdf5",
        "from_hdf5 of sequences, shuffle()",
        lambda up: hr.from_hdf5(sequenced(ROWS)).shuffle(seed=5),
        lambda p, s: model.shuffled(lambda epoch: sequences(ROWS), False, 5),
        reshuffles=True,
        source=True,
    ),
    Case(
        "from_hdf5",
        "from_hdf5.shuffle()",
        lambda up: hr.from_hdf5(written(ROWS), ("0", "1")).shuffle(seed=5),
        lambda p, s: model.shuffled(lambda epoch: items(ROWS), False, 5),
        reshuffles=True,
        source=True,
    ),
]

CASES += [
    source("from_npy", "from_npy of records", lambda: hr.from_npy(filed(ROWS)[0]).map(lambda row: (row["number"], row["pair"])), items(ROWS)),
    source("from_npy", "from_npy, mapped", lambda: hr.from_npy(filed(ROWS)[1], mmap=True), pairs(ROWS)),
    source("from_npy", "from_npy in Fortran order", lambda: hr.from_npy(filed(ROWS, "F")[1]), pairs(ROWS)),
    source("from_npy", "from_npy of gzip", lambda: hr.from_npy(list(gzipped(ROWS))), pairs(ROWS) * 2, streams=True),
    source("from_npy", "from_npy of no rows", lambda: hr.from_npy(filed(0)[1]), []),
    source("from_npy", "from_npy of several files", lambda: hr.from_npy([filed(n, order)[1] for n in (3, 0, 5) for order in "CF"]), (pairs(3) * 2 + pairs(5) * 2)),
    Case(
        "from_npy",
        "from_npy of several files, shuffle()",
        lambda up: hr.from_npy([filed(n, order)[1] for n in (3, 5) for order in "FC"]).shuffle(seed=5),
        lambda p, s: model.shuffled(lambda epoch: pairs(3) * 2 + pairs(5) * 2, False, 5),
        reshuffles=True,
        source=True,
    ),
]
for compressed in (False, True):
    CASES += [
        source("from_npz", f"from_npz, {compressed=}", lambda c=compressed: hr.from_npz(archived(ROWS, c), ("number", "pair")), items(ROWS)),
        source("from_npz", f"from_npz, {compressed=}, mapped", lambda c=compressed: hr.from_npz(archived(ROWS, c), ("number", "pair"), mmap=True), items(ROWS)),
        source("from_npz", f"from_npz, {compressed=}, of no rows", lambda c=compressed: hr.from_npz(archived(0, c)), []),
        Case(
            "from_npz",
            f"from_npz, {compressed=}, shuffle()",
            lambda up, c=compressed: hr.from_npz(archived(ROWS, c), ["number", "pair"]).shuffle(seed=5),
            lambda p, s: model.shuffled(lambda epoch: items(ROWS), False, 5),
            reshuffles=True,
            source=True,
        ),
    ]

if h5py:
    CASES.append(source("from_hdf5", "from_hdf5 of groups", lambda: hr.from_hdf5(sampled(ROWS), ("number", "pair"), groups="/s/*"), samples(ROWS)))
