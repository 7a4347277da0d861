"""Tensors against NumPy: arithmetic of 10M float32, the way out to an array, and what a call of ten items costs."""

from collections.abc import Callable
from functools import cache
from timeit import Timer

import numpy as np
from numpy.typing import NDArray

import headrace as hr
from measure import Figure, Row, alternate, check

N = 10_000_000
RUNS = 41  # of some milliseconds each, in which the second core may wake late


@cache
def operands() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    generator = np.random.default_rng(3)
    return generator.random(N, np.float32) + np.float32(0.5), generator.random(N, np.float32)


def ulps(a: NDArray[np.float32], b: NDArray[np.float32]) -> int:
    return int(np.abs(a.view(np.int32).astype(np.int64) - b.view(np.int32)).max())


def large(name: str, bar: float, arguments: int) -> Callable[[], Row]:
    """hr.NAME and np.NAME of 10M float32; both make their result anew."""

    def row() -> Row:
        arrays = operands()[:arguments]
        tensors = [hr.tensor(x) for x in arrays]
        run, by_numpy = getattr(hr, name), getattr(np, name)
        if name in ("exp", "log"):
            error = ulps(run(tensors[0]).numpy(), by_numpy(arrays[0].astype(np.float64)).astype(np.float32))
            check(error <= 4, f"{name} is within 4 ulp, got {error}")
        elif name == "sum":
            exact = float(np.sum(arrays[0], dtype=np.float64))
            check(abs(float(run(tensors[0])) - exact) <= abs(float(by_numpy(arrays[0])) - exact) + 1e-6 * exact, "the sum")
        else:
            check(np.array_equal(run(*tensors).numpy(), by_numpy(*arrays)), name)
        calls = {"headrace": lambda: run(*tensors), "NumPy": lambda: by_numpy(*arrays)}
        result = Row(f"{name} of 10M float32", alternate(calls, RUNS))
        result.ratio("faster than NumPy", "NumPy", "headrace", bar, at_least=True)
        return result

    return row


def each(call: Callable[[], object], number: int = 20_000) -> float:
    return min(Timer(call).repeat(7, number)) / number


def out() -> Row:
    row = Row("hr.tensor(x).numpy()")
    for size in (10, 1000, N):
        x = np.zeros(size, np.float32)
        check(hr.tensor(x).numpy().ctypes.data == x.ctypes.data, "the array shares its memory")
        row.figures.append(Figure(f"of {size:,} float32", each(lambda: hr.tensor(x).numpy()) * 1e6, "us", 2))
    return row


def small() -> Row:
    x, y = (values[:10].copy() for values in operands())
    a, b = hr.tensor(x), hr.tensor(y)
    check(np.array_equal((a + b).numpy(), x + y) and float(hr.sum(a)) > 0, "ten items")
    row = Row("ten float32 items: a call")
    calls: dict[str, tuple[Callable[[], object], Callable[[], object]]] = {
        "a + b": (lambda: a + b, lambda: x + y),
        "a * 2.5": (lambda: a * 2.5, lambda: x * 2.5),
        "a < b": (lambda: a < b, lambda: x < y),
        "exp(a)": (lambda: hr.exp(a), lambda: np.exp(x)),
        "where(a < b, a, b)": (lambda: hr.where(a < b, a, b), lambda: np.where(x < y, x, y)),
        "sum(a)": (lambda: hr.sum(a), lambda: np.sum(x)),
        "a[2:5]": (lambda: a[2:5], lambda: x[2:5]),
    }
    for what, (ours, numpys) in calls.items():
        row.figures.append(Figure(f"{what}, time over NumPy's", each(ours) / each(numpys), "x", 1.5))
    return row


ROWS = {
    "tensor_add": large("add", 1.5, 2),
    "tensor_multiply": large("multiply", 1.5, 2),
    "tensor_exp": large("exp", 1.2, 1),
    "tensor_log": large("log", 1.2, 1),
    "tensor_sum": large("sum", 1.5, 1),
    "tensor_out": out,
    "tensor_small": small,
}
