"""Writes numpy_operations.txt: what NumPy makes of operations on all dtypes that compute, as bytes.

    python tests/data/make_numpy_operations.py          # with a Python that has numpy 2

A line: the operation, its inputs, "=", the result. An input or result is `T dtype ndim sizes hex` (C order), a plain
number `B 1`, `I -5`, `R 2.5`, nothing `N`; `axes count axes... keep 0` follows a reduction's input; an error is
`E class`. tests/tensor/numpy_test.cpp reads it. Left out: sqrt, exp and log of 8 bits, which are float16 in NumPy;
where(c, uint8, 300), which wraps there and raises here; 2**63 where NumPy raises though the answer is known (whether it
is true, how a bool compares with it); clip of bools without bounds, which is a TypeError there; casts to uint32 of what
it does not hold, which depend on the item's position there.
"""

import random
import warnings
from pathlib import Path

import numpy as np

DTYPES = [np.dtype(name) for name in "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64".split()]
PAIRS = "add subtract multiply divide minimum maximum equal not_equal less less_equal greater greater_equal".split()
LOGIC = "logical_and logical_or logical_xor bitwise_and bitwise_or bitwise_xor".split()
SINGLE = "negative abs sqrt exp log logical_not invert".split()
random.seed(6)


def items(dtype, count=5):
    if dtype.kind == "b":
        values = [True, False]
    elif dtype.kind == "f":
        info = np.finfo(dtype)
        values = [0.0, -0.0, 1.0, -1.5, 2.75, np.inf, -np.inf, np.nan, info.max, info.smallest_subnormal, 100.0, 3e9, -7.0]
    else:
        info = np.iinfo(dtype)
        values = [0, 1, 2, 7, info.max, info.min, info.max - 1, info.min + 1, info.max // 3]
    return np.array([random.choice(values) for _ in range(count)], dtype)


def text(value):
    if value is None:
        return "N"
    if type(value) is bool:
        return f"B {int(value)}"
    if type(value) is int:
        return f"I {value}"
    if type(value) is float:
        return f"R {value!r}"
    value = np.asarray(value)
    sizes = "".join(f" {size}" for size in value.shape)
    return f"T {value.dtype} {value.ndim}{sizes} {value.tobytes().hex() or '-'}"


def answer(call):
    try:
        return text(np.asarray(call()))
    except Exception as error:
        classes = {"UFuncTypeError": "TypeError", "AxisError": "ValueError", "_UFuncNoLoopError": "TypeError"}
        return "E " + classes.get(type(error).__name__, type(error).__name__)


def operations():
    for name in PAIRS + LOGIC:
        for a in DTYPES:
            for b in DTYPES:
                if name not in LOGIC or random.random() < 0.2:
                    yield name, (items(a), items(b))
            for number in (True, 3, -1, 300, 2**63, 2.5, 1e300):
                if number != 2**63 or not (a.kind == "b" or name.startswith("logical")):
                    yield name, (items(a, 3), number)
            yield name, (2, items(a, 4))
        yield name, (items(np.dtype("int16"), 6).reshape(2, 1, 3), items(np.dtype("float32"), 4).reshape(4, 1))
        yield name, (np.zeros((2, 3), "int8"), np.zeros(4, "int8"))
        yield name, (np.zeros((0, 3), "int8"), np.zeros((1, 1), "int16"))
    for name in SINGLE:
        for a in DTYPES:
            if name not in ("sqrt", "exp", "log") or a.itemsize > 1:
                yield name, (items(a, 12),)
    for a in DTYPES:
        for bounds in ((None, None), (1, None), (None, 3), (1, 3), (-5, 300), (0.5, 2.5), (3, 1), (True, None)):
            if a.kind != "b" or bounds != (None, None):
                yield "clip", (items(a), *bounds)
        for b in DTYPES:
            yield "clip", (items(a), items(b), items(a))
            yield "where", (items(b), items(a), items(b))
            steady = b != np.uint32 or a.kind != "f"
            yield "cast", (items(a, 9) if steady else np.array([0.0, 7.5, 3e9, 4294967040], a), items(b, 0))
        yield "where", (items(DTYPES[0], 3).reshape(3, 1), items(a, 1), 2.5)


def reductions():
    for dtype in DTYPES:
        for shape in ((), (1,), (7,), (3, 1, 4), (0, 3)):
            whole = np.arange(np.prod(shape, dtype=int)).reshape(shape)
            array = (whole * 37 % 11 - (dtype.kind in "if") * 5).astype(dtype)
            for axes in [None, (), (0,), (-1,), (0, -1), (5,)]:
                for name in "sum", "mean", "min", "max":
                    yield name, array, axes, random.random() < 0.3
        for name in "sum", "mean", "min", "max":
            yield name, items(dtype, 5), None, False


def main():
    lines = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, inputs in operations():
            if name == "cast":
                call, inputs = (lambda a, b: a.astype(b.dtype)), inputs
            else:
                call = getattr(np, name)
            lines.append(" ".join([name, *map(text, inputs), "=", answer(lambda: call(*inputs))]))
        for name, array, axes, keep in reductions():
            call = lambda: getattr(np, name)(array, axis=axes, keepdims=keep)
            shown = "axes -1" if axes is None else " ".join(["axes", str(len(axes)), *map(str, axes)])
            lines.append(f"{name} {text(array)} {shown} keep {int(keep)} = {answer(call)}")
    path = Path(__file__).with_name("numpy_operations.txt")
    path.write_text(f"NumPy {np.__version__}\n" + "\n".join(lines) + "\n")


main()
