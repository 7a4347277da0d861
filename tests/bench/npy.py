"""Arrays in .npy files: mapped, and read by row."""

import tempfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import headrace as hr
from headrace import _core
from measure import Figure, Row, alternate, check, count

N, WIDTH, BATCH = 1_000_000, 64, 256
FOLDER = tempfile.TemporaryDirectory(prefix="headrace-bench-")


@cache
def file() -> Path:
    path = Path(FOLDER.name) / "a.npy"
    np.save(path, np.random.default_rng(0).random((N, WIDTH), np.float32))
    return path


def by_hand(path: Path, mode: Any = "r") -> Iterator[Any]:
    data = np.load(path, mode)
    for begin in range(0, len(data), BATCH):
        yield data[begin : begin + BATCH]


def mapped() -> Row:
    path = file()
    fresh = lambda: hr.from_npy(path, mmap=True).batch(BATCH)
    copied = 0
    live = _core.memory()["live_bytes"]
    place = next(iter(fresh())).__array_interface__["data"][0]
    for i, (ours, theirs) in enumerate(zip(hr.from_npy(path, mmap=True).batch(BATCH), by_hand(path), strict=True)):
        check(i % 100 > 0 or np.array_equal(ours, theirs), "mapped batches")
        base = ours.__array_interface__["data"][0]
        place = base if i == 0 else place
        copied += ours.nbytes * (base != place + i * BATCH * WIDTH * 4)
    del ours, theirs
    copied += _core.memory()["live_bytes"] - live
    row = Row(f".npy of {N // 1000:,}k x {WIDTH} float32, mmap, batch {BATCH}, in order", alternate({"headrace": lambda: count(fresh()), "NumPy": lambda: count(by_hand(path))}))
    row.figures.append(Figure("bytes copied", copied, "bytes", 0))
    row.ratio("time over np.load(mmap_mode='r')", "headrace", "NumPy", 1.0)
    return row


def shuffled() -> Row:
    path = file()
    fresh = lambda: hr.from_npy(path).shuffle(seed=1).take(100_000).batch(BATCH)
    data = np.load(path, "r")
    order = np.concatenate(list(hr.range(N).shuffle(seed=1).take(100_000).batch(4096)))
    check(all(np.array_equal(a, data[order[BATCH * i : BATCH * (i + 1)]]) for i, a in enumerate(fresh())), "shuffled batches")

    def indexed() -> Iterator[Any]:
        for begin in range(0, len(order), BATCH):
            yield data[order[begin : begin + BATCH]]

    return Row(f"the same without mmap, 100k rows shuffled, batch {BATCH}", alternate({"headrace": lambda: count(fresh()), "NumPy": lambda: count(indexed())}))


ROWS: dict[str, Callable[[], Row]] = {"npy_mmap": mapped, "npy_shuffled": shuffled}
