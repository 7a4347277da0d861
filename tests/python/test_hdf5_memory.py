"""What from_hdf5 keeps in memory, how often it decodes, and what it says where that cannot be enough."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import in_child, numbers, write

ROWS, WIDTH, CHUNK = 40_000, 16, 500
CHUNKS = ROWS // CHUNK
LIMIT = ROWS * WIDTH * 4 // 2  # half of what is decoded


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = numbers(ROWS, WIDTH)
    return write(tmp_path_factory.mktemp("memory") / "a.h5", x=(data, {"chunks": (CHUNK, WIDTH), "compression": "gzip", "shuffle": True}))


def limited(ds: hr.Dataset, limit: int = LIMIT) -> hr.Dataset:
    return ds.batch(64).with_options(memory_limit=limit)


def told(ds: hr.Dataset, epochs: int = 1, most: int | None = None) -> list[str]:
    """The warnings of some epochs, each read up to `most` batches."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(epochs):
            for _batch in ds.take(most) if most is not None else ds:
                pass
    assert all(w.category is hr.HeadraceWarning for w in caught)
    return [str(w.message) for w in caught]


def decoded(ds: hr.Dataset) -> int:
    iterator = iter(ds)
    for _ in iterator:
        pass
    return sum(stage.get("counts", {}).get("decoded", 0) for stage in iterator.stats())


def test_a_full_shuffle_of_more_than_fits_warns_once_and_names_a_cure_that_holds(path: Path) -> None:
    rows = hr.from_hdf5(path, "x")
    message = told(limited(rows.shuffle(seed=1)), epochs=3, most=2)
    assert len(message) == 1 and message[0].startswith("[shuffle] a full shuffle() should find in memory what its rows are decoded from, got 2.5 MB for the 0.9 MB")
    buffer_size = int(message[0].split("shuffle(buffer_size=")[1].split(")")[0])
    limit = int(message[0].split("memory_limit=")[1].split(")")[0])
    for again in (lambda: limited(hr.from_hdf5(path, "x").shuffle(buffer_size, seed=1)), lambda: limited(hr.from_hdf5(path, "x").shuffle(seed=1), limit)):
        assert decoded(again()) == CHUNKS  # of a Dataset that has read nothing yet
        assert told(again()) == []


PLANS: dict[str, Callable[[hr.Dataset], hr.Dataset]] = {
    "map": lambda ds: ds.map(lambda x: x + 1),
    "enumerate": lambda ds: ds.enumerate(),
    "prefetch": lambda ds: ds.prefetch(2),
    "zip": lambda ds: hr.zip((ds, hr.range(ROWS))),
    "take": lambda ds: ds.take(ROWS - CHUNK),
    "skip": lambda ds: ds.skip(2 * CHUNK),
}


@pytest.mark.parametrize("name", PLANS)
def test_a_bounded_shuffle_further_up_decodes_each_chunk_once(path: Path, name: str) -> None:
    below = PLANS[name](hr.from_hdf5(path, "x"))
    first = {"take": (0, ROWS - CHUNK), "skip": (2 * CHUNK, ROWS)}.get(name, (0, ROWS))
    ds = limited(below.shuffle(4 * CHUNK, seed=3))
    assert decoded(ds) == (first[1] - first[0]) // CHUNK
    column: Callable[[Any], Any] = {"zip": lambda batch: batch[0], "enumerate": lambda batch: batch[1], "map": lambda batch: batch - 1}.get(name, lambda batch: batch)
    got = np.sort(np.concatenate([column(batch)[:, 0] for batch in ds]))
    assert np.array_equal(got, numbers(ROWS, WIDTH)[first[0] : first[1], 0])


@pytest.mark.parametrize("name", PLANS)
def test_the_warning_sees_through_stages_below(path: Path, name: str) -> None:
    assert len(told(limited(PLANS[name](hr.from_hdf5(path, "x")).shuffle(seed=1)), most=1)) == 1


def test_nobody_is_warned_where_nothing_is_decoded_twice(path: Path, tmp_path: Path) -> None:
    rows = hr.from_hdf5(path, "x")
    plain = hr.from_hdf5(write(tmp_path / "plain.h5", x=numbers(ROWS, WIDTH)), "x")
    quiet = [
        limited(rows),
        limited(rows.take(4 * CHUNK).shuffle(seed=1)),
        limited(rows.cache().shuffle(seed=1), 1 << 30),
        limited(plain.shuffle(seed=1)),
        limited(hr.from_tensor_slices(numbers(ROWS, WIDTH)).shuffle(seed=1)),
    ]
    assert [told(ds, most=3) for ds in quiet] == [[]] * len(quiet)


def test_memory_stays_within_the_limit_in_every_order(tmp_path: Path) -> None:
    path = tmp_path / "large.h5"
    hr.range(1200).map(lambda i: np.full((256, 128), i, np.float32), output_signature=hr.TensorSpec((256, 128), "float32")).unbatch().write_hdf5(path, chunk_rows=1024, level=1)
    in_child(f"""
        import warnings
        warnings.simplefilter("ignore")
        limit = 32 << 20  # of 157 MB
        def peak():  # of this program: what getrusage says was its parent's before
            return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
        before = peak()
        ds = hr.from_hdf5({str(path)!r})
        for plan in (ds.batch(1000), ds.shuffle(20_000, seed=1).batch(250), ds.shuffle(seed=1).batch(250).take(20), ds.shuffle(seed=1).map(np.negative).batch(250).prefetch(2).take(20)):
            for _batch in plan.with_options(memory_limit=limit):
                pass
        ds.with_options(memory_limit=limit).write_hdf5({str(tmp_path / "copy.h5")!r})
        assert peak() - before < limit + 60_000_000, (peak() - before) / 1e6
        """)
