"""Sequences of differing lengths, held as values and row splits: batches of them."""

from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

import headrace as hr
import peers
from measure import Row, alternate, check, count

N = 200_000
LONGEST = 200
BATCH = 64


@cache
def sequences() -> tuple[NDArray[np.int32], NDArray[np.int64]]:
    """Values and row splits of N sequences of length 1 to LONGEST."""
    generator = np.random.default_rng(0)
    splits = np.concatenate([[0], np.cumsum(generator.integers(1, LONGEST + 1, N))])
    return generator.integers(0, 30_000, splits[-1], np.int32), splits


def padded_by_hand(values: NDArray[np.int32], splits: NDArray[np.int64]) -> Iterator[NDArray[np.int32]]:
    places = splits.tolist()  # a loop over Python's own ints is the faster one
    for first in range(0, N, BATCH):
        bounds = places[first : first + BATCH + 1]
        longest = max(stop - start for start, stop in zip(bounds, bounds[1:], strict=False))
        batch = np.zeros((len(bounds) - 1, longest), np.int32)
        for row in range(len(bounds) - 1):
            start, stop = bounds[row], bounds[row + 1]
            batch[row, : stop - start] = values[start:stop]
        yield batch


def padded() -> Row:
    values, splits = sequences()
    dataset = hr.from_tensor_slices(hr.RaggedTensor(values, splits)).padded_batch(BATCH)
    check(all(np.array_equal(a, b) for a, b in zip(dataset, padded_by_hand(values, splits), strict=True)), "padded batches")
    calls = {"headrace": lambda: count(dataset), "NumPy": lambda: count(padded_by_hand(values, splits))}
    row = Row("200k sequences of 1-200 int32, padded_batch(64)", alternate(calls))
    row.seconds |= peers.padded(values, splits, BATCH)
    row.ratio("faster than a loop of NumPy", "NumPy", "headrace", 2, at_least=True)
    return row


BOUNDARIES = list(range(20, LONGEST + 1, 20))
SIZES = [BATCH] * (len(BOUNDARIES) + 1)


def bucketed_by_hand(values: NDArray[np.int32], splits: NDArray[np.int64]) -> Iterator[NDArray[np.int32]]:
    places = splits.tolist()
    buckets: list[list[NDArray[np.int32]]] = [[] for _ in SIZES]

    def padded_rows(bucket: list[NDArray[np.int32]]) -> NDArray[np.int32]:
        batch = np.zeros((len(bucket), max(map(len, bucket))), np.int32)
        for place, row in enumerate(bucket):
            batch[place, : len(row)] = row
        return batch

    for start, stop in zip(places, places[1:], strict=False):
        bucket = buckets[bisect_right(BOUNDARIES, stop - start)]
        bucket.append(values[start:stop])
        if len(bucket) == BATCH:
            yield padded_rows(bucket)
            bucket.clear()
    yield from (padded_rows(bucket) for bucket in buckets if bucket)


def bucketed() -> Row:
    values, splits = sequences()
    dataset = hr.from_tensor_slices(hr.RaggedTensor(values, splits)).bucket_by_sequence_length(len, BOUNDARIES, SIZES)
    check(all(np.array_equal(a, b) for a, b in zip(dataset, bucketed_by_hand(values, splits), strict=True)), "bucketed batches")
    calls = {"headrace": lambda: count(dataset), "NumPy": lambda: count(bucketed_by_hand(values, splits))}
    row = Row("200k sequences of 1-200 int32, bucket_by_sequence_length(len, 10 boundaries, 64)", alternate(calls))
    row.ratio("faster than a loop of NumPy", "NumPy", "headrace", 2, at_least=True)
    return row


ROWS: dict[str, Callable[[], Row]] = {"padded": padded, "bucketed": bucketed}
