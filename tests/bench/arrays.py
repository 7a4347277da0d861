"""Arrays in, batches out: in order, shuffled, and images with a map of whole batches."""

from collections.abc import Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray

import headrace as hr
import peers
from measure import Row, alternate, check, count

N = 1_000_000


@cache
def table() -> NDArray[np.float32]:
    return np.random.default_rng(0).random((N, 16), np.float32)


def in_order() -> Row:
    x = table()
    dataset = hr.from_tensor_slices(x).batch(128)
    first = next(iter(dataset))
    check(first.ctypes.data == x.ctypes.data, "a batch in order is a view of the array")
    check(all(np.array_equal(b, x[128 * i : 128 * i + 128]) for i, b in enumerate(dataset)), "batches in order")

    def headrace() -> None:
        k = 0
        for b in dataset:
            k += len(b)

    def by_hand() -> None:
        k = 0
        for i in range(0, N, 128):
            b = x[i : i + 128]
            k += len(b)

    row = Row("1M x 16 float32, batch 128, in order", alternate({"headrace": headrace, "NumPy": by_hand}))
    row.seconds |= peers.in_order(x, 128)
    row.ratio("time over NumPy's", "headrace", "NumPy", 1.5)
    row.ratio("faster than tf.data", "tf.data", "headrace", 150, at_least=True)
    return row


def shuffled() -> Row:
    x = table()
    generator = np.random.default_rng(1)
    dataset = hr.from_tensor_slices(x).shuffle(seed=1).batch(256)
    order = np.concatenate(list(hr.range(N).shuffle(seed=1).batch(4096)))
    check(np.array_equal(np.sort(order), np.arange(N)), "shuffle gives each element once")
    check(np.array_equal(np.concatenate(list(dataset.iterator(epoch=0))), x[order]), "the rows go with the order")

    def indexed() -> Iterator[NDArray[np.float32]]:
        p = generator.permutation(N)
        for i in range(0, N, 256):
            yield x[p[i : i + 256]]

    def taken() -> Iterator[NDArray[np.float32]]:
        p = generator.permutation(N)
        for i in range(0, N, 256):
            yield np.take(x, p[i : i + 256], axis=0)

    calls = {
        "headrace": lambda: count(dataset),
        "NumPy": lambda: count(indexed()),
        "NumPy (take)": lambda: count(taken()),
    }
    row = Row("the same, fully shuffled, batch 256", alternate(calls))
    row.seconds |= peers.shuffled(x, 256)
    row.ratio("faster than permutation and x[p]", "NumPy", "headrace", 7, at_least=True)
    row.ratio("faster than permutation and np.take", "NumPy (take)", "headrace", 3, at_least=True)
    row.ratio("faster than tf.data", "tf.data", "headrace", 300, at_least=True)
    return row


def images() -> Row:
    n = 60_000
    generator = np.random.default_rng(2)
    x = generator.integers(0, 256, (n, 784), np.uint8)
    y = generator.integers(0, 10, n)

    def scale(pixels: NDArray[np.uint8], labels: NDArray[np.int64]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
        scaled = pixels.astype(np.float32)
        scaled /= 255
        return scaled, labels

    dataset = hr.from_tensor_slices((x, y)).shuffle(seed=1).batch(256).map(scale)
    order = np.concatenate(list(hr.range(n).shuffle(seed=1).batch(4096)))
    xb, yb = next(dataset.iterator(epoch=0))
    check(xb.dtype == np.float32 and np.array_equal(xb, x[order[:256]].astype(np.float32) / 255), "scaled images")
    check(np.array_equal(yb, y[order[:256]]), "labels with their images")

    def headrace() -> None:
        k = 0
        for xb, _ in dataset:
            k += len(xb)

    def by_hand() -> None:
        k = 0
        p = generator.permutation(n)
        for i in range(0, n, 256):
            xb, _ = scale(x[p[i : i + 256]], y[p[i : i + 256]])
            k += len(xb)

    work = "60k x 784 uint8 + label, shuffle, batch 256, map to float32/255"
    row = Row(work, alternate({"headrace": headrace, "NumPy": by_hand}))
    row.seconds |= peers.images(x, y, 256)
    row.ratio("time over NumPy's", "headrace", "NumPy", 0.75)
    row.ratio("faster than tf.data", "tf.data", "headrace", 20, at_least=True)
    return row


ROWS = {"in_order": in_order, "shuffled": shuffled, "images": images}
