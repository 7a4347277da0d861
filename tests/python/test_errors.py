"""What bad input gets: the rule, the value and the way out, at the line that attaches the stage."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, outcomes

r = hr.range(10)
x = np.arange(6)

ATTACHED: list[tuple[str, type[Exception] | tuple[type[Exception], ...], str, Callable[[], Any]]] = [
    ("batch of 0", ValueError, r"\[batch\] batch_size must be >= 1, got 0", lambda: r.batch(0)),
    ("batch of -1", ValueError, r"\[batch\] batch_size must be >= 1, got -1", lambda: r.batch(-1)),
    ("batch of text", TypeError, r"\[batch\].*batch_size.*str", lambda: r.batch("4")),
    ("batch of a float", TypeError, r"\[batch\].*batch_size.*float", lambda: r.batch(2.5)),
    ("batch of nothing", TypeError, r"\[batch\].*batch_size", lambda: r.batch()),
    ("batch of None", TypeError, r"\[batch\].*batch_size", lambda: r.batch(None)),
    ("batch of a huge number", (OverflowError, ValueError, TypeError), r"batch_size", lambda: r.batch(10**30)),
    ("an unknown option", TypeError, r"\[batch\] unknown option 'drop_reminder'; did you mean 'drop_remainder'\?",
     lambda: r.batch(4, drop_reminder=True)),
    ("an option twice", TypeError, r"\[batch\].*batch_size", lambda: r.batch(4, batch_size=4)),
    ("too many arguments", TypeError, r"\[take\]", lambda: r.take(1, 2, 3)),
    ("shuffle of 0", ValueError, r"\[shuffle\] buffer_size must be >= 1, got 0", lambda: r.shuffle(0)),
    ("shuffle of a stream", ValueError, r"\[shuffle\].*random access.*stream because of filter", lambda: r.filter(bool).shuffle()),
    ("shuffle of endless data", ValueError, r"\[shuffle\]", lambda: r.repeat().shuffle()),
    ("shard 3 of 3", ValueError, r"\[shard\].*index.*3", lambda: r.shard(3, 3)),
    ("shard of 0", ValueError, r"\[shard\] num_shards must be >= 1, got 0", lambda: r.shard(0, 0)),
    ("shard after an unseeded shuffle", ValueError, r"\[shard\].*seed", lambda: r.shuffle().shard(2, 0)),
    ("map of no function", TypeError, r"\[map\].*callable|function.*int", lambda: r.map(3)),
    ("filter of no function", TypeError, r"\[filter\]", lambda: r.filter(None)),
    ("0 calls at once", ValueError, r"\[map\] num_parallel_calls must be >= 1", lambda: r.map(abs, num_parallel_calls=0)),
    ("prefetch of -2", ValueError, r"\[prefetch\] buffer_size", lambda: r.prefetch(-2)),
    ("0 threads", ValueError, r"\[with_options\] threads must be .*1.*, got 0", lambda: r.with_options(threads=0)),
    ("no memory", ValueError, r"\[with_options\] memory_limit must be >= 1", lambda: r.with_options(memory_limit=0)),
    ("range of step 0", ValueError, r"\[range\] step", lambda: hr.range(0, 5, 0)),
    ("range of text", TypeError, r"\[range\]", lambda: hr.range("5")),
    ("a scalar to slice", ValueError, r"\[from_tensor_slices\].*first axis.*shape \(\)", lambda: hr.from_tensor_slices(5)),
    ("no component", ValueError, r"\[from_tensor_slices\]", lambda: hr.from_tensor_slices(())),
    ("unequal first sizes", ValueError, r"\[from_tensor_slices\].*6.*5", lambda: hr.from_tensor_slices((x, x[:5]))),
    ("a ragged list", ValueError, r"\[from_tensor_slices\]", lambda: hr.from_tensor_slices([[1, 2], [3]])),
    ("text among numbers", (TypeError, ValueError), r"\[from_tensor_slices\]", lambda: hr.from_tensor_slices([1, "a"])),
    ("bytes among text", (TypeError, ValueError), r"\[from_tensor_slices\]", lambda: hr.from_tensor_slices(["a", b"a"])),
    ("a mixed object array", (TypeError, ValueError), r"\[from_tensor_slices\].*1.*float",
     lambda: hr.from_tensor_slices(np.array(["a", 1.5], object))),
    ("some object", TypeError, r"\[from_tensor_slices\].*object", lambda: hr.from_tensor_slices([object()])),
    ("a masked array", (TypeError, ValueError), r"\[from_tensor_slices\].*mask", lambda: hr.from_tensor_slices(np.ma.array(x, mask=x > 3))),
    ("longdouble", (TypeError, ValueError), r"\[from_tensor_slices\].*float64", lambda: hr.from_tensor_slices(x.astype(np.longdouble))),
    ("a huge int", (TypeError, ValueError, OverflowError), r"\[from_tensor_slices\]", lambda: hr.from_tensor_slices([2**63, -1])),
    ("zip of a list", TypeError, r"\[zip\].*tuple", lambda: hr.zip([r, r])),
    ("zip of nothing", ValueError, r"\[zip\]", lambda: hr.zip(())),
    ("zip of numbers", TypeError, r"\[zip\]", lambda: hr.zip((r, 5))),
    ("concatenate of another dtype", TypeError, r"\[concatenate\].*int64.*float64", lambda: r.concatenate(hr.from_tensor_slices(x * 1.5))),
    ("concatenate of an array", TypeError, r"\[concatenate\]", lambda: r.concatenate(x)),
    ("unbatch of scalars", ValueError, r"\[unbatch\]", lambda: r.unbatch()),
    ("apply that gives no dataset", TypeError, r"\[apply\]|apply", lambda: r.apply(lambda ds: 5)),
    ("name of no text", TypeError, r"name", lambda: r.batch(2, name=5)),
    ("a wrong dtype name", TypeError, r"float31.*float32", lambda: hr.TensorSpec((), "float31")),
]  # fmt: skip


@pytest.mark.asan
@pytest.mark.parametrize("what, error, text, call", ATTACHED, ids=[case[0] for case in ATTACHED])
def test_it_is_refused_where_it_is_attached(what: str, error: Any, text: str, call: Callable[[], Any]) -> None:
    with pytest.raises(error, match=text) as caught:
        call()
    assert str(caught.value).count("\n") == 0


def test_name_labels_errors() -> None:
    with pytest.raises(ValueError, match=r"\[batch 'train'\] batch_size must be >= 1, got 0|\[batch\] batch_size must be >= 1, got 0"):
        r.batch(0, name="train")
    iterator = iter(r.map(lambda i: 1 // 0, name="halve"))
    with pytest.raises(ZeroDivisionError) as caught:
        next(iterator)
    assert any("'halve'" in note for note in caught.value.__notes__)


@pytest.mark.asan
def test_other_shapes_are_named_in_batch_s_error() -> None:
    ds = r.map(lambda i: np.zeros((28, 27 if i == 6 else 28))).batch(4)
    iterator = iter(ds)
    next(iterator)
    with pytest.raises(ValueError, match=r"\[batch\] element 6 has shape \(28, 27\), the batch began with (shape )?\(28, 28\)"):
        next(iterator)
    assert next(iterator).shape == (2, 28, 28)


def test_a_filter_must_return_a_bool() -> None:
    for result in (1, "yes", None, np.array([True, False]), [True]):
        with pytest.raises(TypeError, match=r"\[filter\].*bool"):
            next(iter(r.filter(lambda i, result=result: result)))
    assert outcomes(iter(r.filter(lambda i: np.bool_(i > 7)))) == [8, 9]


@pytest.mark.asan
def test_what_a_function_returns_must_be_data() -> None:
    for result in (object(), [[1, 2], [3]], {1, 2}):
        with pytest.raises((TypeError, ValueError), match=r"\[map\]"):
            next(iter(r.map(lambda i, result=result: result)))


@pytest.mark.asan
@pytest.mark.parametrize("calls", [None, 2])
def test_the_users_own_exception_comes_with_type_traceback_and_cause(calls: int | None) -> None:
    def explode(i: Any) -> Any:
        if i < 5:
            return i
        try:
            raise KeyError("inner")
        except KeyError as error:
            raise Boom("outer") from error

    iterator = iter(r.map(explode, num_parallel_calls=calls).batch(2).prefetch(1))
    assert outcomes(iterator, 2) == [[0, 1], [2, 3]]
    with pytest.raises(Boom, match="outer") as caught:
        next(iterator)
    assert isinstance(caught.value.__cause__, KeyError)
    assert caught.traceback[-1].name == "explode"
    assert any("element 5" in note and "test_errors.py:" in note for note in caught.value.__notes__), caught.value.__notes__


def test_stop_iteration_in_a_function_does_not_end_the_run() -> None:
    def stop(i: Any) -> Any:
        if i == 3:
            raise StopIteration
        return i

    iterator = iter(r.map(stop))
    assert outcomes(iterator, 3) == [0, 1, 2]
    with pytest.raises(RuntimeError):
        next(iterator)
    assert outcomes(iterator) == [4, 5, 6, 7, 8, 9]


def test_positions_outside_are_an_index_error() -> None:
    for position in (10, -11, 10**18):
        with pytest.raises(IndexError, match=str(position)):
            r[position]
    with pytest.raises(IndexError):
        r.gather([0, 10])
    for wrong in ("a", 1.5, None):
        with pytest.raises(TypeError):
            r[wrong]


def test_an_unknown_or_endless_length_has_no_len() -> None:
    for ds in (r.repeat(), r.filter(bool)):
        with pytest.raises(TypeError):
            len(ds)
        assert bool(ds)
    assert r.repeat().cardinality() == hr.INFINITE and r.filter(bool).cardinality() == hr.UNKNOWN


def test_the_spec_of_nothing_asks_for_output_signature() -> None:
    with pytest.raises(ValueError, match="output_signature"):
        _ = hr.range(0).map(lambda i: i).element_spec


def test_passing_the_memory_limit_in_a_cache_is_a_memory_error() -> None:
    ds = hr.from_tensor_slices(np.zeros((100, 1000))).map(lambda v: v + 1).cache().with_options(memory_limit=100_000)
    with pytest.raises(MemoryError, match=r"\[cache\]"):
        for _ in ds:
            pass
