"""Python functions an element, on random access and on a stream, and the same stream with C++ functions."""

import json
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

import headrace as hr
import peers
from measure import BUILD, RUNS, Figure, Row, alternate, check, seconds_of


def over_bare(row: Row, n: int, bar: float) -> None:
    each = (row.seconds["headrace"] - row.seconds["bare loop"]) / n
    row.figures.append(Figure("cost an element over the bare loop", each * 1e6, "us", bar))


def next_one(v: np.int64) -> np.int64:
    return v + np.int64(1)


def element() -> Row:
    n = 300_000
    x = np.arange(n)
    dataset = hr.from_tensor_slices(x).map(next_one)
    check(list(dataset) == list(x + 1), "the function's values")

    def headrace() -> None:
        for v in dataset:
            pass

    def bare() -> None:
        for v in x:
            next_one(v)

    row = Row("a Python function an element", alternate({"headrace": headrace, "bare loop": bare}))
    row.seconds |= peers.element(x, next_one)
    over_bare(row, n, 0.5)
    return row


def stream_python() -> Row:
    n = 300_000
    x = np.random.default_rng(0).random((n, 16), np.float32)

    def keep(r: NDArray[np.float32]) -> bool:
        return bool(r[0] < 0.5)

    def double(r: NDArray[np.float32]) -> NDArray[np.float32]:
        return r + r

    dataset = hr.from_tensor_slices(x).filter(keep).map(double).shuffle(10_000, seed=1).batch(256)
    kept = x[x[:, 0] < 0.5] * 2
    got = np.concatenate(list(dataset))
    check(got.shape == kept.shape and np.array_equal(np.sort(got[:, 1]), np.sort(kept[:, 1])), "each kept row once")

    def headrace() -> None:
        k = 0
        for b in dataset:
            k += len(b)

    def bare() -> None:
        k = 0
        for r in x:
            if keep(r):
                k += len(double(r))

    work = "stream, Python: 300k rows of 64 bytes, filter, map, shuffle(10_000), batch(256)"
    row = Row(work, alternate({"headrace": headrace, "bare loop": bare}))
    over_bare(row, n, 0.6)
    row.seconds |= peers.stream(x)
    row.ratio("faster than tf.data, traced", "tf.data*", "headrace", 20, at_least=True)
    row.figures += state_figures(dataset, middle=len(kept) // 512)
    return row


def state_figures(dataset: hr.Dataset, middle: int) -> list[Figure]:
    iterator = dataset.iterator(epoch=0)
    for _ in range(middle):
        next(iterator)
    state, following = iterator.state_dict(), next(iterator)

    def restore() -> NDArray[np.float32]:
        fresh = dataset.iterator(epoch=0)
        fresh.load_state_dict(state)
        batch: NDArray[np.float32] = next(fresh)
        return batch

    check(np.array_equal(restore(), following), "the batch after resuming")
    seconds = sorted(seconds_of(restore) for _ in range(RUNS))[RUNS // 2]
    return [Figure("its state", len(json.dumps(state)), "bytes", 1000), Figure("restored, to the next batch", seconds * 1e3, "ms", 100)]


def stream_cpp() -> Row:
    programs = list(BUILD.rglob("headrace_bench_stream"))
    check(bool(programs), "headrace_bench_stream is not built; run ./dev build")
    answer = json.loads(subprocess.run([programs[0]], check=True, stdout=subprocess.PIPE, stderr=sys.stderr).stdout)
    n = answer["rows"]
    row = Row("stream, C++: the same", {"headrace": answer["block_seconds"], "headrace, row by row": answer["row_seconds"]})
    row.seconds |= peers.stream(np.random.default_rng(0).random((n, 16), np.float32))
    row.ratio("faster than tf.data, traced", "tf.data*", "headrace", 500, at_least=True)
    row.figures += [
        Figure("an element, functions of blocks", answer["block_seconds"] / n * 1e6, "us", 0.08),
        Figure("an element, functions of rows", answer["row_seconds"] / n * 1e6, "us"),
        Figure("its state", answer["state_bytes"], "bytes", 1000),
        Figure("restored, to the next batch", answer["restore_seconds"] * 1e3, "ms", 100),
    ]
    return row


def sleeping() -> Row:
    n = 300

    def wait(v: np.int64) -> np.int64:
        time.sleep(0.001)
        return v

    def mapped(calls: int | None) -> hr.Dataset:
        return hr.range(n).map(wait, num_parallel_calls=calls)

    check(list(mapped(2)) == list(range(n)), "the order of a parallel map")
    calls = {"headrace": lambda: sum(1 for _ in mapped(2)), "one call at a time": lambda: sum(1 for _ in mapped(None))}
    row = Row("a Python map that sleeps 1 ms, num_parallel_calls=2", alternate(calls, 7))
    row.ratio("faster than one call at a time", "one call at a time", "headrace", 1.9, at_least=True)
    return row


ROWS: dict[str, Callable[[], Row]] = {"element": element, "stream_python": stream_python, "stream_cpp": stream_cpp, "sleeping": sleeping}
