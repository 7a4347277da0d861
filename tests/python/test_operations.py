"""Operations and reductions against NumPy: dtypes, shapes, strides, broadcasts, plain numbers, special values, threads."""

import operator
import sys
import threading
from typing import Any

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import headrace as hr

INTS = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"]
DTYPES = ["bool", *INTS, "float32", "float64"]
BINARY = ["add", "subtract", "multiply", "divide", "minimum", "maximum"]
COMPARISONS = ["equal", "not_equal", "less", "less_equal", "greater", "greater_equal"]
OPERATORS = {
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul, "divide": operator.truediv,
    "equal": operator.eq, "not_equal": operator.ne, "less": operator.lt, "less_equal": operator.le,
    "greater": operator.gt, "greater_equal": operator.ge,
}  # fmt: skip
SPECIAL = [0.0, -0.0, 1.0, -1.5, np.nan, np.inf, -np.inf, 1e-45, 3e38]

pytestmark = [
    pytest.mark.filterwarnings("ignore::RuntimeWarning"),  # NumPy's, of overflow and division
    pytest.mark.skipif(np.lib.NumpyVersion(np.__version__) < "2.0.0", reason="NumPy 1 promotes by value"),
]


@st.composite
def arrays(draw: Any, dtypes: Any = DTYPES, shape: Any = None) -> Any:
    """An array of any strides: negative, skipping, transposed, zero."""
    dtype = np.dtype(draw(st.sampled_from(dtypes)))
    shape = draw(hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4)) if shape is None else shape
    how = draw(st.sampled_from(["plain", "reversed", "skipping", "transposed", "repeated"]))
    if how == "repeated":
        base = draw(hnp.arrays(dtype, (), elements=items(dtype)))
        return np.broadcast_to(base, shape)
    inner = tuple(2 * n for n in shape) if how == "skipping" else shape[::-1] if how == "transposed" else shape
    x = draw(hnp.arrays(dtype, inner, elements=items(dtype)))
    views = {"plain": x, "reversed": x[(slice(None, None, -1),) * x.ndim], "skipping": x[(slice(None, None, 2),) * x.ndim]}
    return views.get(how, x.T)


def items(dtype: Any) -> Any:
    if dtype.kind == "f":
        return st.one_of(st.sampled_from([np.float32(value).item() for value in SPECIAL]), st.floats(-1e3, 1e3, width=32))
    return None if dtype.kind == "b" else hnp.from_dtype(dtype)


@st.composite
def pairs(draw: Any) -> Any:
    shapes = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, min_side=0, max_side=4)).input_shapes
    return tuple(draw(arrays(shape=shape)) for shape in shapes)


def same(got: hr.Tensor, wanted: Any) -> None:
    wanted = np.asarray(wanted)
    assert isinstance(got, hr.Tensor) and (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
    assert np.array_equal(got.numpy(), wanted, equal_nan=wanted.dtype.kind == "f")
    if wanted.dtype.kind == "f":
        assert np.array_equal(np.signbit(got.numpy()[wanted == 0]), np.signbit(wanted[wanted == 0]))
    assert got.writable


@given(pairs(), st.sampled_from(BINARY + COMPARISONS))
def test_two_arrays_give_what_numpy_gives(pair: Any, name: str) -> None:
    a, b = pair
    run, by_numpy = getattr(hr, name), getattr(np, name)
    try:
        wanted = by_numpy(a, b)
    except TypeError:
        assert name == "subtract"
        with pytest.raises(TypeError, match=r"\[subtract\]"):
            run(a, b)
        return
    if name in ("minimum", "maximum"):  # which of 0.0 and -0.0 is less is not said
        assert np.array_equal(run(a, b).numpy(), wanted, equal_nan=wanted.dtype.kind == "f") and run(a, b).dtype == wanted.dtype
    else:
        same(run(a, b), wanted)
        same(run(hr.tensor(a), b), wanted)
    if name in OPERATORS:
        same(OPERATORS[name](hr.tensor(a), hr.tensor(b)), wanted)
        same(OPERATORS[name](hr.tensor(a), b), wanted)
        same(OPERATORS[name](a, hr.tensor(b)), wanted)  # an array leaves it to the Tensor


NUMBERS = st.one_of(
    st.integers(-300, 300), st.booleans(), st.sampled_from([2**31, 2**63, 2**64, -(2**63), 2**70, -(2**70)]),
    st.sampled_from([0.5, -2.0, np.nan, np.inf, 1e300]), st.sampled_from([np.float32(0.5), np.float64(0.5), np.int8(3), np.uint64(3)]),
)  # fmt: skip


@given(arrays(), NUMBERS, st.sampled_from(["add", "subtract", "multiply", "divide", *COMPARISONS]), st.booleans())
def test_plain_numbers_take_the_dtype_of_what_they_meet(x: Any, number: Any, name: str, first: bool) -> None:
    run = OPERATORS[name]
    pair = (lambda v: (number, v)) if first else (lambda v: (v, number))
    try:
        wanted = run(*pair(x))
    except OverflowError:
        if name in COMPARISONS:  # NumPy's of bools beside 2**63; the answer is known
            same(run(*pair(hr.tensor(x))), np.asarray(run(*pair(x.astype(object))), bool))
            return
        with pytest.raises(OverflowError):
            run(*pair(hr.tensor(x)))
        return
    except TypeError:
        with pytest.raises(TypeError):
            run(*pair(hr.tensor(x)))
        return
    if np.asarray(wanted).dtype == object:  # an int beyond 64 bits beside no integer dtype
        return
    same(run(*pair(hr.tensor(x))), wanted)


@given(arrays(), st.sampled_from(["negative", "abs", "sqrt", "exp", "log"]))
def test_one_array_gives_what_numpy_gives(x: Any, name: str) -> None:
    run = getattr(hr, name)
    if name == "negative" and x.dtype == bool:
        with pytest.raises(TypeError):
            run(x)
        return
    if name in ("negative", "abs"):
        same(run(x), getattr(np, name)(x))
        same((operator.neg if name == "negative" else abs)(hr.tensor(x)), getattr(np, name)(x))
        return
    wanted = getattr(np, name)(x)
    if x.dtype.itemsize == 1:  # NumPy: float16
        wanted = getattr(np, name)(x.astype(np.float32))
    got = run(x)
    assert got.dtype == wanted.dtype and got.shape == wanted.shape
    np.testing.assert_array_max_ulp(np.asarray(got.numpy()[np.isfinite(wanted)]), np.asarray(wanted[np.isfinite(wanted)]), 4)
    assert np.array_equal(got.numpy()[~np.isfinite(wanted)], wanted[~np.isfinite(wanted)], equal_nan=True)


@given(arrays(["bool", *INTS]), arrays(["bool", *INTS], shape=()))
def test_bits_are_numpy_s(a: Any, b: Any) -> None:
    assume({a.dtype.name, b.dtype.name} & {"uint64"} == set() or a.dtype.kind == b.dtype.kind or "b" in (a.dtype.kind, b.dtype.kind))
    same(hr.tensor(a) & b, a & b)
    same(hr.tensor(a) | b, a | b)
    same(b ^ hr.tensor(a), b ^ a)
    same(~hr.tensor(a), ~np.asarray(a))


@given(pairs())
def test_logic_is_numpy_s(pair: Any) -> None:
    for name in ("logical_and", "logical_or", "logical_xor"):
        same(getattr(hr, name)(*pair), getattr(np, name)(*pair))
    same(hr.logical_not(pair[0]), np.logical_not(pair[0]))


@given(arrays(["int8", "int64", "float32", "float64"]), st.sampled_from([None, 0, -3]), st.sampled_from([None, 1, 5]))
def test_clip_is_numpy_s(x: Any, least: Any, most: Any) -> None:
    wanted = x if least is most is None else np.clip(x, least, most)
    assert np.array_equal(hr.clip(x, least, max=most).numpy(), wanted, equal_nan=x.dtype.kind == "f")
    assert hr.clip(x, least, most).dtype == x.dtype
    same(hr.clip(np.arange(6), hr.tensor([[1], [2]]), 4), np.clip(np.arange(6), [[1], [2]], 4))


@given(st.data())
def test_where_is_numpy_s(data: Any) -> None:
    shapes = data.draw(hnp.mutually_broadcastable_shapes(num_shapes=3, max_dims=3, min_side=0, max_side=3)).input_shapes
    choice, a, b = (data.draw(arrays(["bool"] if i == 0 else DTYPES, shape)) for i, shape in enumerate(shapes))
    same(hr.where(choice, a, b), np.where(choice, a, b))
    if a.dtype.kind == "f":
        same(hr.where(hr.tensor(choice), a, 0), np.where(choice, a, 0))


@given(arrays(["bool", *INTS]), st.sampled_from(DTYPES))
def test_cast_is_astype(x: Any, dtype: str) -> None:
    same(hr.cast(x, dtype), x.astype(dtype))
    same(hr.tensor(x).astype(dtype), x.astype(dtype))
    assert not np.shares_memory(hr.cast(x, x.dtype).numpy(), x)


@given(arrays(), st.data())
def test_reductions_are_numpy_s(x: Any, data: Any) -> None:
    axes = [None, (), *range(-x.ndim, x.ndim), *((0, -1) for _ in range(x.ndim > 1)), tuple(range(x.ndim))]
    axis, keep = data.draw(st.sampled_from(axes)), data.draw(st.booleans())
    for name in ("sum", "mean", "min", "max"):
        run, by_numpy = getattr(hr, name), getattr(np, name)
        try:
            wanted = np.asarray(by_numpy(x, axis=axis, keepdims=keep))
        except ValueError:
            with pytest.raises(ValueError, match=name):
                run(x, axis, keep)
            continue
        got = run(x, axis, keep)
        assert (got.dtype, got.shape) == (wanted.dtype, wanted.shape)
        if x.dtype.kind == "f" and name in ("sum", "mean"):
            exact = np.asarray(by_numpy(x.astype(np.longdouble), axis=axis, keepdims=keep))
            size = np.asarray(by_numpy(abs(x.astype(np.longdouble)), axis=axis, keepdims=keep))
            finite = np.isfinite(wanted) & np.isfinite(got.numpy())
            assert (abs(got.numpy() - exact)[finite] <= 4 * np.finfo(x.dtype).eps * size[finite]).all()
            assert np.array_equal(np.isnan(got.numpy()), np.isnan(exact.astype(x.dtype)))
        else:
            assert np.array_equal(got.numpy(), wanted, equal_nan=wanted.dtype.kind == "f")
        same(getattr(hr.tensor(x), name)(axis=axis, keepdims=keep), got.numpy())


def test_what_does_not_compute_says_what_does() -> None:
    for x in (np.zeros(3, np.float16), np.zeros(3, complex), np.zeros(3, "M8[s]"), "text", np.array(["a"])):
        with pytest.raises(TypeError, match=r"\[add\]"):
            hr.add(x, x)
        with pytest.raises(TypeError, match=r"\[sum\]"):
            hr.sum(x)
    with pytest.raises(ValueError, match=r"\[add\]"):
        hr.tensor([1, 2]) + hr.tensor([1, 2, 3])
    for wrong in (lambda: hr.tensor([1]) + object(), lambda: hr.add(1), lambda: hr.sum([1], 1), lambda: hr.sum([1], (0, 0)), lambda: hr.sum([1], "a")):  # type: ignore
        with pytest.raises((TypeError, ValueError)):
            wrong()
    assert (hr.tensor([1]) == None) is False and (hr.tensor([1]) != object()) is True  # noqa: E711


def test_tensors_are_never_changed_in_place_by_operators() -> None:
    x = np.arange(3.0)
    t = before = hr.tensor(x)
    t += 1
    assert t is not before and x.tolist() == [0, 1, 2] and t.tolist() == [1, 2, 3]
    assert (+t).tolist() == [1, 2, 3] and ([1, 2, 3] + t).tolist() == [2, 4, 6] and isinstance(np.float64(2) * t, hr.Tensor)


def test_numpy_s_own_functions_take_tensors() -> None:
    x = np.arange(6.0).reshape(2, 3)
    t = hr.tensor(x)
    for by_numpy in (np.sum, np.mean, np.min, np.max):
        same(by_numpy(t), by_numpy(x))
        same(by_numpy(t, axis=0, keepdims=True), by_numpy(x, axis=0, keepdims=True))
        with pytest.raises(TypeError, match=r"dtype and out must be None; use np\.\w+\(tensor\.numpy\(\)"):
            by_numpy(t, out=np.zeros(()))
    with pytest.raises(TypeError, match=r"\[sum\] dtype"):
        np.sum(t, dtype="float32")
    for by_numpy in (np.exp, np.std, np.argmax, np.cumsum, np.ravel, np.unique, np.transpose):
        assert np.array_equal(by_numpy(t), by_numpy(x))
    assert np.array_equal(np.reshape(t, (3, 2)), x.reshape(3, 2)) and np.shares_memory(np.reshape(t, (3, 2)), x)
    assert np.array_equal(np.where(t > 2, t, 0), np.where(x > 2, x, 0)) and np.array_equal(x[t > 2], x[x > 2])


def test_an_array_s_own_sum_in_place_gives_a_tensor_and_a_ufunc_s_out_writes() -> None:
    x = total = np.zeros(3)
    total += hr.tensor([1, 2, 3])  # type: ignore[arg-type]
    assert isinstance(total, hr.Tensor) and total.tolist() == [1, 2, 3] and x.tolist() == [0, 0, 0]
    np.add(x, total, out=x)
    assert x.tolist() == [1, 2, 3]


def test_functions_of_datasets_may_compute_with_tensors() -> None:
    ds = hr.range(6).filter(lambda i: hr.tensor(i) > 2).map(lambda i: hr.sqrt(i * i))
    assert list(ds) == [3, 4, 5] and list(hr.range(6).take_while(lambda i: hr.less(i, 2))) == [0, 1]
    total = ds.reduce(0, lambda state, x: state + hr.sum(x))
    assert isinstance(total, hr.Tensor) and float(total) == 12


@pytest.mark.asan
def test_references_are_given_back() -> None:
    x = np.arange(100_000.0)
    before = sys.getrefcount(x)
    t = hr.tensor(x)
    for _ in range(3):
        results = [t + x, x * t, hr.where(x, x, x), hr.sum(x, axis=0), -t, t == x, hr.clip(x, 1, 2), t.astype("f4")]
        with pytest.raises(ValueError):
            hr.add(x, x[1:])
    del t, results
    assert sys.getrefcount(x) == before


@pytest.mark.asan
def test_large_ones_run_beside_other_threads_and_give_the_same_bits() -> None:
    x = np.random.default_rng(0).random(300_000)
    wanted = [hr.sum(x).item(), (hr.exp(x) + x).numpy().tobytes()]
    ticks, done, failures = [0], threading.Event(), list[Any]()

    def tick() -> None:
        while not done.is_set():
            ticks[0] += 1

    def work() -> None:
        for _ in range(10):
            if [hr.sum(x).item(), (hr.exp(x) + x).numpy().tobytes()] != wanted:
                failures.append(1)

    threads = [threading.Thread(target=work) for _ in range(3)]
    ticker = threading.Thread(target=tick)
    for thread in [ticker, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    ticker.join()
    assert not failures and ticks[0] > 0
    with_one = next(iter(hr.from_tensors(0).map(lambda _: [hr.sum(x).item()]).with_options(threads=1)))
    assert with_one[0] == wanted[0]
