"""When, where and how often a user's function is called."""

import pickle
import threading
import time
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import outcomes

pytestmark = pytest.mark.asan


class Calls:
    """Counts the calls of a function that gives its argument back."""

    def __init__(self, seconds: float = 0) -> None:
        self.arguments: list[int] = []
        self.threads: set[int] = set()
        self.at_once = self.most_at_once = 0
        self.seconds = seconds
        self.lock = threading.Lock()

    def __call__(self, i: Any) -> Any:
        with self.lock:
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
            self.arguments.append(int(i))
            self.threads.add(threading.get_ident())
        time.sleep(self.seconds)
        with self.lock:
            self.at_once -= 1
        return i


def test_nothing_is_called_before_a_run() -> None:
    calls = Calls()
    for ds in (hr.range(10).map(calls), hr.range(10).filter(calls).batch(2), hr.range(10).map(calls).cache().prefetch(2).repeat()):
        repr(ds)
        ds.explain()
        ds.cardinality()
        ds.fingerprint()
        iter(ds)
    assert calls.arguments == []


def test_the_spec_is_found_by_one_element_of_a_throw_away_run() -> None:
    calls = Calls()
    ds = hr.range(10).shuffle(seed=1).map(calls)
    order = outcomes(ds.iterator(epoch=0))
    calls.arguments.clear()
    assert ds.element_spec.dtype == np.int64
    assert len(calls.arguments) == 1
    assert outcomes(iter(ds)) == order, "no epoch moved"


def test_output_signature_says_it_without_a_call() -> None:
    calls = Calls()
    ds = hr.range(10).map(calls, output_signature=hr.TensorSpec((), np.int64)).batch(4)
    assert ds.element_spec.dtype == np.int64 and tuple(ds.element_spec.shape) == (None,)
    assert calls.arguments == []
    wrong = hr.range(10).map(calls, output_signature=hr.TensorSpec((3,), np.float32))
    with pytest.raises((TypeError, ValueError), match=r"\[map\]"):
        next(iter(wrong))


def test_without_prefetch_each_element_is_computed_when_it_is_asked_for_by_who_asks() -> None:
    calls = Calls()
    iterator = iter(hr.range(100).map(calls))
    assert calls.arguments == []
    for i in range(20):
        assert next(iterator) == i
        assert calls.arguments == list(range(i + 1))
    assert calls.threads == {threading.get_ident()}
    iterator = iter(hr.range(100).map(calls).batch(10))
    calls.arguments.clear()
    next(iterator)
    assert calls.arguments == list(range(10))


def test_with_prefetch_calls_are_ahead_in_order_once_and_one_at_a_time() -> None:
    calls = Calls(0.0005)
    iterator = iter(hr.range(60).map(calls).batch(5).prefetch(2))
    next(iterator)
    time.sleep(0.2)
    ahead = len(calls.arguments)
    assert 15 <= ahead <= 20, ahead
    outcomes(iterator)
    assert calls.arguments == list(range(60))
    assert calls.most_at_once == 1


@pytest.mark.parametrize("calls_at_once", [2, 3])
def test_num_parallel_calls_allows_so_many_at_once_and_keeps_the_order(calls_at_once: int) -> None:
    calls = Calls(0.002)
    ds = hr.range(80).map(calls, num_parallel_calls=calls_at_once).with_options(threads=4)
    assert outcomes(iter(ds)) == list(range(80))
    assert sorted(calls.arguments) == list(range(80))
    assert 1 < calls.most_at_once <= calls_at_once


def test_sixteen_threads_are_really_at_work_when_asked_for() -> None:
    calls = Calls(0.02)
    ds = hr.range(200).map(calls, num_parallel_calls=16).with_options(threads=16)
    assert outcomes(iter(ds)) == list(range(200))
    assert calls.most_at_once in range(12, 17)  # a busy machine may start them late


def test_a_ready_element_is_not_kept_back_for_one_that_is_not() -> None:
    gate = threading.Event()

    def slow_after_ten(i: Any) -> Any:
        if i >= 10:
            gate.wait(20)
        return i

    for ds, ready in (
        (hr.range(30).map(slow_after_ten).prefetch(2), list(range(10))),
        (hr.range(30).map(slow_after_ten, num_parallel_calls=2), list(range(10))),
        (hr.range(30).map(slow_after_ten).batch(5).prefetch(2), [list(range(5)), list(range(5, 10))]),
        (hr.range(30).filter(lambda i: True).map(slow_after_ten).prefetch(8).batch(5), [list(range(5)), list(range(5, 10))]),
    ):
        iterator = iter(ds)
        got: list[Any] = []
        worker = threading.Thread(target=lambda i=iterator, g=got, n=len(ready): g.extend(outcomes(i, n)))  # type: ignore[misc]
        worker.start()
        worker.join(5)
        delivered = list(got)
        gate.set()
        worker.join()
        outcomes(iterator)
        gate.clear()
        assert delivered == ready


def test_what_a_function_gives_is_copied_before_the_next_call() -> None:
    buffer = np.zeros(3)

    def fill(i: Any) -> Any:
        buffer[:] = i
        return buffer

    for ds in (hr.range(9).map(fill), hr.range(9).map(fill).prefetch(4), hr.range(9).map(fill).filter(lambda b: True).shuffle(1)):
        assert [int(b[2]) for b in ds] == list(range(9))
        assert [b[:, 0].tolist() for b in ds.batch(4)] == [[0, 1, 2, 3], [4, 5, 6, 7], [8]]


def test_a_skip_does_not_call_a_map() -> None:
    calls = Calls()
    assert outcomes(iter(hr.range(100).map(calls).skip(97))) == [97, 98, 99]
    assert calls.arguments == [97, 98, 99]
    stream = hr.range(100).filter(lambda i: True).map(calls).batch(10)
    calls.arguments.clear()
    iterator = iter(stream)
    outcomes(iterator, 9)
    state = iterator.state_dict()
    calls.arguments.clear()
    again = stream.iterator(epoch=0)
    again.load_state_dict(state)
    assert outcomes(again) == [list(range(90, 100))]
    assert calls.arguments == list(range(90, 100))


def test_a_python_object_is_read_by_its_getitem() -> None:
    words = ["zero", "one", "two"]
    assert list(hr.range(len(words)).map(words.__getitem__)) == words


def test_a_cache_reads_once_for_all_iterators() -> None:
    for ds in (hr.range(50), hr.range(50).filter(lambda i: True)):
        calls = Calls()
        cached = ds.map(calls).cache()
        for _ in range(3):
            assert outcomes(iter(cached.shuffle(5, seed=1).batch(50))) is not None
        assert outcomes(iter(cached)) == list(range(50))
        assert sorted(calls.arguments) == list(range(50))


def test_a_cache_keeps_no_error() -> None:
    attempts: list[int] = []

    def fails_first(i: Any) -> Any:
        attempts.append(int(i))
        if i == 2 and attempts.count(2) == 1:
            raise ValueError("once")
        return i

    ds = hr.range(5).map(fails_first).cache()
    assert outcomes(iter(ds)) == [0, 1, "an error", 3, 4]
    assert outcomes(iter(ds)) == [0, 1, 2, 3, 4]
    assert sorted(attempts) == [0, 1, 2, 2, 3, 4]


def test_the_built_in_len_gives_what_it_gives_in_python() -> None:
    assert [int(n) for n in hr.from_tensor_slices(np.zeros((3, 5, 2))).map(len)] == [5] * 3
    assert [int(n) for n in hr.from_tensors({"a": 1, "b": 2}).map(len)] == [2]
    assert [int(n) for n in hr.from_tensor_slices(["ab", "c"]).map(len)] == [2, 1]
    with pytest.raises(TypeError):
        next(iter(hr.range(3).map(len)))
    with pytest.raises(TypeError):
        next(iter(hr.from_tensors((np.zeros(2), np.zeros(2))).map(len)))
    assert pickle.loads(pickle.dumps(hr.from_tensor_slices(np.zeros((3, 5))).map(len))).take(1).get_single_element() == 5


def test_an_interrupt_in_reduce_func_loses_and_doubles_nothing() -> None:
    calls = []

    def batched(key: Any, window: hr.Dataset) -> hr.Dataset:
        calls.append(int(key))
        if len(calls) in (2, 5):
            raise KeyboardInterrupt
        return window.batch(3)

    ds = hr.range(14).group_by_window(lambda i: i % 2, batched, 3)
    iterator = iter(ds)
    got = []
    while len(got) < 6:
        try:
            got.append(next(iterator).tolist())
        except KeyboardInterrupt:
            if len(calls) > 2:  # the second time another iterator goes on
                state = iterator.state_dict()
                iterator = iter(ds)
                iterator.load_state_dict(state)
    assert got == [[0, 2, 4], [1, 3, 5], [6, 8, 10], [7, 9, 11], [12], [13]]
    assert next(iterator, None) is None


def test_reduce_says_which_element_failed() -> None:
    with pytest.raises(KeyError) as caught:
        hr.range(5).reduce(0, lambda state, i: {0: 0, 1: 1}[int(i)], name="sum")
    assert caught.value.__notes__[-1] == "[reduce 'sum'] element 2"
    with pytest.raises(ValueError, match=r"^\[get_single_element 'one'\] the dataset must have one element, got more"):
        hr.range(2).get_single_element(name="one")


def test_arguments_that_only_permit_something_change_nothing() -> None:
    ds = hr.range(7).map(lambda i: i + 1, num_parallel_calls=2, deterministic=False).batch(3, num_parallel_calls=2, deterministic=False)
    assert [batch.tolist() for batch in ds] == [[1, 2, 3], [4, 5, 6], [7]]
    assert ds.fingerprint() == hr.range(7).map(lambda i: i + 1).batch(3).fingerprint()
    with pytest.raises(ValueError, match=r"^\[batch\] num_parallel_calls must be >= 1, got 0; None or AUTOTUNE chooses"):
        hr.range(7).batch(3, num_parallel_calls=0)
