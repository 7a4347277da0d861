"""HDF5 files that h5py writes for the tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from children import run

h5py = pytest.importorskip("h5py")

ROWS = 1000


def numbers(rows: int = ROWS, width: int = 8) -> Any:
    return np.arange(rows * width, dtype=np.float32).reshape(rows, width)


def write(path: Path, **datasets: Any) -> Path:
    """A file of datasets: an array, or a pair of one and h5py's options."""
    with h5py.File(path, "w") as file:
        for name, value in datasets.items():
            data, options = value if isinstance(value, tuple) else (value, {})
            file.create_dataset(name, data=data, **options)
    return path


def same(ds: hr.Dataset, expected: Any) -> None:
    """Every way in gives `expected`'s rows."""
    assert len(ds) == len(expected)
    got = list(ds.batch(37))
    assert np.array_equal(np.concatenate(got), expected) if got else len(expected) == 0
    if got:
        assert got[0].dtype == expected.dtype
    positions = np.random.default_rng(3).integers(0, max(len(expected), 1), 50) if len(expected) else np.zeros(0, np.int64)
    if len(positions):
        assert np.array_equal(ds.gather(positions), expected[positions])
        assert np.array_equal(ds[int(positions[0])], expected[positions[0]])
    shuffled = list(ds.shuffle(seed=1).batch(41, drop_remainder=True))
    order = [int(i) for batch in hr.range(len(expected)).shuffle(seed=1).batch(41, drop_remainder=True) for i in batch]
    assert not shuffled or np.array_equal(np.concatenate(shuffled), expected[order])


FILTERS: list[dict[str, Any]] = [
    {},
    {"compression": "gzip"},
    {"compression": "gzip", "compression_opts": 9, "shuffle": True},
    {"shuffle": True, "fletcher32": True},
    {"compression": "lzf"},
    {"compression": "lzf", "shuffle": True, "fletcher32": True},
    {"compression": "gzip", "fletcher32": True},
    {"scaleoffset": 0},
]


def in_child(code: str) -> None:
    ended = run(code)
    assert ended.code == 0, ended.err
