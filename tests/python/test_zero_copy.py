"""Which memory a batch is: whose, for how long, and who may write to it."""

import gc
import sys
import time
import weakref
from typing import Any

import numpy as np
import pytest

import headrace as hr
from settling import comes_true


def address(array: Any) -> int:
    return int(array.__array_interface__["data"][0])


def test_batches_in_order_are_views_of_the_callers_array() -> None:
    x = np.arange(1000, dtype=np.float32).reshape(250, 4)
    for i, b in enumerate(hr.from_tensor_slices(x).batch(32)):
        assert address(b) == address(x[32 * i :])
        assert not b.flags.writeable


@pytest.mark.parametrize(
    "source",
    [
        np.arange(60).reshape(20, 3)[::-1],
        np.arange(120).reshape(20, 6)[:, ::2],
        np.arange(60).reshape(3, 20).T,
        np.broadcast_to(np.arange(3), (20, 3)),
        np.asfortranarray(np.arange(60).reshape(20, 3)),
    ],
    ids=["reversed", "strided", "transposed", "broadcast", "fortran"],
)
def test_strided_sources_are_used_in_place(source: Any) -> None:
    for i, b in enumerate(hr.from_tensor_slices(source).batch(6)):
        assert np.array_equal(b, source[6 * i : 6 * i + 6])
        assert address(b) == address(source[6 * i :])


def test_chains_of_take_skip_shard_and_slices_are_views() -> None:
    x = np.arange(1000)
    ds = hr.from_tensor_slices(x).skip(10).shard(3, 1).take(100)[5:90:2]
    expected = x[10:][1::3][:100][5:90:2]
    batches = list(ds.batch(8))
    assert np.array_equal(np.concatenate(batches), expected)
    assert address(batches[0]) == address(x) + 8 * int(expected[0])


def test_what_is_written_to_the_source_is_seen() -> None:
    x = np.zeros(10)
    ds = hr.from_tensor_slices(x).batch(5)
    b = next(iter(ds))
    x[:] = 7
    assert (b == 7).all()
    assert (next(iter(ds)) == 7).all()


def test_a_memmap_is_used_in_place(tmp_path: Any) -> None:
    np.arange(100).astype(np.int64).tofile(tmp_path / "x")
    x = np.memmap(tmp_path / "x", np.int64, "r")
    b = next(iter(hr.from_tensor_slices(x).batch(10)))
    assert address(b) == address(x)
    assert not b.flags.writeable


def test_writing_to_a_view_raises_and_to_a_writable_copy_does_not() -> None:
    x = np.arange(12.0)
    with pytest.raises(ValueError, match="read-only"):
        next(iter(hr.from_tensor_slices(x).batch(4)))[0] = 1
    for b in hr.from_tensor_slices(x).batch(4).with_options(writable=True):
        b[:] = -1
    assert np.array_equal(x, np.arange(12.0))


@pytest.mark.asan
def test_writable_batches_are_nobody_elses() -> None:
    x = np.arange(600).reshape(200, 3)
    for attach in (
        lambda ds: ds.batch(16),
        lambda ds: ds.shuffle(seed=1).batch(16),
        lambda ds: ds.cache().batch(16),
        lambda ds: ds.map(lambda r: r).batch(16),
        lambda ds: ds.map(lambda r: r + 1).batch(16).cache(),
        lambda ds: ds.filter(lambda r: True).shuffle(20, seed=1).batch(16).prefetch(2),
        lambda ds: ds.batch(16).repeat(3),
        lambda ds: ds.batch(16).unbatch(),
        lambda ds: hr.zip((ds, ds)).batch(16).map(lambda a, b: a),
        lambda ds: ds.concatenate(ds).batch(16),
    ):
        for writable in (None, True):
            ds = attach(hr.from_tensor_slices(x)).with_options(writable=writable)
            expected = [b.copy() for b in ds.iterator(epoch=0)]
            kept = []
            for b in ds.iterator(epoch=0):
                assert b.flags.writeable or not writable
                if b.flags.writeable:
                    b[...] = -1
                kept.append(b)
            assert all(np.array_equal(a, b) for a, b in zip(expected, ds.iterator(epoch=0), strict=True))
            assert np.array_equal(x, np.arange(600).reshape(200, 3))


@pytest.mark.asan
def test_batches_outlive_everything() -> None:
    def batches() -> list[Any]:
        x = np.arange(4000, dtype=np.int32).reshape(1000, 4)
        ds = hr.from_tensor_slices(x)
        plans = [
            ds.batch(100),
            ds.shuffle(seed=1).batch(100),
            ds.map(lambda r: r + 1).batch(100),
            ds.batch(100).cache(),
            ds.filter(lambda r: True).batch(100).prefetch(1),
        ]
        return [next(iter(p)) for p in plans]

    kept = batches()
    gc.collect()
    for _ in range(20):  # memory that is free is written over
        np.concatenate(list(hr.range(4000).shuffle(seed=2).batch(100)))
    order = [int(i) for i in hr.range(1000).shuffle(seed=1).batch(100).take(1).unbatch()]
    rows = np.arange(4000, dtype=np.int32).reshape(1000, 4)
    for b, expected in zip(kept, (rows[:100], rows[order], rows[:100] + 1, rows[:100], rows[:100]), strict=True):
        assert np.array_equal(b, expected)


@pytest.mark.asan
def test_the_source_lives_as_long_as_a_view_and_no_longer() -> None:
    class Owner:
        def __init__(self) -> None:
            self.array = np.arange(100)
            self.__array_interface__ = self.array.__array_interface__

    owner = Owner()
    gone = weakref.ref(owner)
    batches = list(hr.from_tensor_slices(np.asarray(owner)).batch(10))
    del owner
    gc.collect()
    assert gone() is not None
    assert [int(b[0]) for b in batches] == list(range(0, 100, 10))
    del batches
    assert comes_true(lambda: gone() is None)


@pytest.mark.asan
def test_refcounts_are_back_where_they_began() -> None:
    x = np.arange(1000)

    def function(i: Any) -> Any:
        return i

    def use() -> None:
        ds = hr.from_tensor_slices(x).map(function).shuffle(seed=1).batch(10).prefetch(2)
        iterator = iter(ds)
        for _ in range(5):
            next(iterator)
        iterator.state_dict()
        list(hr.from_tensor_slices((x, {"a": x})).filter(lambda i, rest: True).batch(7))

    before = sys.getrefcount(x), sys.getrefcount(function)
    for _ in range(20):
        use()
    assert comes_true(lambda: (sys.getrefcount(x), sys.getrefcount(function)) == before)


def test_new_batches_are_aligned_and_contiguous() -> None:
    x = np.arange(3003, dtype=np.uint8).reshape(1001, 3)
    for b in hr.from_tensor_slices(x).shuffle(seed=1).batch(7):
        assert address(b) % 64 == 0 and b.flags.c_contiguous and b.flags.aligned


def test_a_returned_array_is_adopted_only_if_nobody_else_has_it() -> None:
    kept: list[Any] = []

    def fresh(i: Any) -> Any:
        return np.full(1000, i)

    def shared(i: Any) -> Any:
        kept.append(np.full(1000, i))
        return kept[-1]

    def reused(i: Any, buffer: Any = np.zeros(1000)) -> Any:
        buffer[:] = i
        return buffer

    for b in hr.range(5).map(shared):
        assert not np.shares_memory(b, kept[-1])
        kept[-1][:] = -1
        assert (b >= 0).all()
    for function in (fresh, reused):
        results = list(hr.range(5).map(function))
        assert [int(b[0]) for b in results] == list(range(5))
        assert all(b.flags.writeable for b in results)


def test_a_steady_epoch_allocates_no_batch_buffer() -> None:
    ds = hr.from_tensor_slices(np.zeros((200_000, 16), np.float32)).shuffle(seed=1).batch(128).prefetch(2)
    allocated = []  # in the second half of each epoch; on a busy machine the window is full for the first time late
    for _ in range(6):
        iterator = iter(ds)
        for i in range(800):
            next(iterator)
            if i % 300 == 250:
                time.sleep(0.02)  # lets the window fill to its depth
        before = hr._core.memory()["allocated"]
        for _ in iterator:
            pass
        allocated.append(hr._core.memory()["allocated"] - before)
    assert 0 in allocated, allocated
