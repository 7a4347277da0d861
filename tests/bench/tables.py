"""A CSV file of numbers, parsed into batches."""

import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import headrace as hr
import peers
from measure import Row, alternate, check, count

ROWS_IN_ALL, BATCH = 1_000_000, 8192
FOLDER = tempfile.TemporaryDirectory(prefix="headrace-bench-")
NAMES = ("id", "count", "temperature", "voltage", "x", "y")


def columns() -> dict[str, Any]:
    """Counters, rounded measurements, and real numbers of all their digits."""
    generator = np.random.default_rng(0)
    return {
        "id": np.arange(ROWS_IN_ALL),
        "count": generator.integers(0, 1000, ROWS_IN_ALL),
        "temperature": np.round(generator.normal(20, 5, ROWS_IN_ALL), 2),
        "voltage": np.round(generator.normal(0, 1, ROWS_IN_ALL), 6),
        "x": generator.random(ROWS_IN_ALL),
        "y": generator.normal(0, 1000, ROWS_IN_ALL),
    }


@cache
def file() -> Path:
    path = Path(FOLDER.name) / "table.csv"
    hr.from_tensor_slices(columns()).write_csv(path)
    return path


def batches() -> Iterator[Any]:
    yield from hr.from_csv(file(), NAMES).batch(BATCH)


def right(found: list[Any]) -> None:
    for name, column in zip(columns().values(), zip(*found, strict=True), strict=True):
        check(np.array_equal(name, np.concatenate(column)), "the numbers that were written")


def beside(peer: str, calls: dict[str, Any]) -> Row:
    right(list(batches()))
    work = f"CSV of 1M rows, 2 int64 and 4 float64 columns, {file().stat().st_size / 1e6:.0f} MB, beside {peer}"
    return Row(work, alternate({"headrace": lambda: count(batches()), **calls}, runs=5))


def csv_pandas() -> Row:
    pandas = peers.module("pandas")
    calls = {"pandas": lambda: count(pandas.read_csv(file(), chunksize=BATCH))} if pandas else {}
    row = beside("pandas in chunks", calls)
    row.ratio("faster than pandas", "pandas", "headrace", 3, at_least=True)
    return row


def csv_pyarrow() -> Row:
    arrow = peers.module("pyarrow")
    calls = {"pyarrow": lambda: count([arrow.read_csv(file())])} if arrow else {}
    row = beside("pyarrow, which reads it whole", calls)
    row.ratio("of pyarrow's rate", "pyarrow", "headrace", 0.7, at_least=True)
    return row


ROWS = {"csv_pandas": csv_pandas, "csv_pyarrow": csv_pyarrow}
