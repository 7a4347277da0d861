"""The contract's cases of what keeps elements, in memory and in files."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from itertools import count
from pathlib import Path

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


CASES = [
    Case("cache", "cache()", lambda up: up.cache(), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename)", lambda up: up.cache(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename).shuffle()", lambda up: up.cache(new_path()).shuffle(4, seed=5), lambda p, s: model.shuffled(p, s, 5, 4), reshuffles=True),
    Case("snapshot", "snapshot", lambda up: up.snapshot(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("snapshot", "snapshot that may be there", lambda up: up.snapshot(folders() / "snapshots"), lambda p, s: lambda epoch: p(0)),
    source("load", "load", lambda: hr.load(saved(ROWS)), items(ROWS)),
    source("load", "load of no rows", lambda: hr.load(saved(0)), []),
    source("from_hdf5", "from_hdf5", lambda: hr.from_hdf5(written(ROWS)), items(ROWS)),
    source("from_hdf5", "from_hdf5 of no rows", lambda: hr.from_hdf5(written(0)), []),
    Case(
        "from_hdf5",
        "from_hdf5.shuffle()",
        lambda up: hr.from_hdf5(written(ROWS), ("0", "1")).shuffle(seed=5),
        lambda p, s: model.shuffled(lambda epoch: items(ROWS), False, 5),
        reshuffles=True,
        source=True,
    ),
]
