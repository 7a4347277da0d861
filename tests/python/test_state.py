"""States: what they are, who may load them, and that a bad one changes nothing."""

import copy
import json
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import outcomes

pytestmark = pytest.mark.asan


def plan(threads: int | None = None) -> hr.Dataset:
    return hr.range(100).shuffle(seed=4).batch(8).prefetch(2).with_options(threads=threads)


def stream() -> hr.Dataset:
    return hr.range(100).filter(lambda i: i % 3 > 0).shuffle(10, seed=4).batch(4)


def started(ds: hr.Dataset, steps: int = 3) -> Any:
    iterator = ds.iterator(epoch=0)
    outcomes(iterator, steps)
    return iterator


def test_a_state_is_json_and_small() -> None:
    for ds in (plan(), stream()):
        state = started(ds).state_dict()
        assert json.loads(json.dumps(state)) == state
        assert len(json.dumps(state)) < 1000


def test_a_state_does_not_depend_on_the_number_of_threads() -> None:
    assert started(plan(1)).state_dict() == started(plan(8)).state_dict()


def test_loading_works_on_an_iterator_in_any_state() -> None:
    state = started(plan()).state_dict()
    rest = outcomes(started(plan()))
    iterator = plan().iterator(epoch=5)
    for steps in (0, 2, 13, None):
        outcomes(iterator, steps)
        iterator.load_state_dict(state)
        assert outcomes(iterator) == rest


def test_a_state_carries_drawn_seeds() -> None:
    unseeded = hr.range(50).shuffle().batch(4)
    iterator = started(unseeded)
    again = hr.range(50).shuffle().batch(4).iterator(epoch=0)
    again.load_state_dict(iterator.state_dict())
    assert outcomes(again) == outcomes(iterator)


def test_loading_sets_the_epoch_so_that_the_next_pass_is_the_one_after() -> None:
    ds = plan()
    state = started(ds).state_dict()
    later = ds.iterator(epoch=6)
    next(later)
    fresh = plan()
    iterator = iter(fresh)
    iterator.load_state_dict(later.state_dict())
    assert outcomes(iter(fresh)) == outcomes(plan().iterator(epoch=7))
    iterator = iter(fresh)
    iterator.load_state_dict(state)
    assert outcomes(iter(fresh)) == outcomes(plan().iterator(epoch=1))


def alterations(state: Any) -> Iterator[Any]:
    """The state with one leaf changed, or one key gone, at any depth."""
    pairs = list(state.items()) if isinstance(state, dict) else list(enumerate(state)) if isinstance(state, list) else []
    for key, value in pairs:
        for other in alterations(value):
            changed = copy.copy(state)
            changed[key] = other
            yield changed
        without = copy.copy(state)
        del without[key]
        yield without
    if isinstance(state, bool | int | float):
        yield state + 1
    elif isinstance(state, str):
        yield state + "x"
    yield None


@pytest.mark.parametrize("ds", [plan(), stream()], ids=["random access", "stream"])
def test_an_altered_or_truncated_state_is_refused_and_changes_nothing(ds: hr.Dataset) -> None:
    state = started(ds).state_dict()
    iterator = started(ds, 1)
    before = iterator.state_dict()
    for altered in alterations(state):
        with pytest.raises((ValueError, TypeError) if altered is None else ValueError):
            iterator.load_state_dict(altered)
        assert iterator.state_dict() == before
    assert outcomes(iterator) == outcomes(started(ds, 1))


def test_the_state_of_another_plan_is_refused_by_name() -> None:
    x = np.arange(40)
    others = [
        hr.range(100).shuffle(seed=4).batch(9),
        hr.range(100).shuffle(seed=5).batch(8),
        hr.range(101).shuffle(seed=4).batch(8),
        hr.range(100).batch(8),
        hr.from_tensor_slices(x).batch(8),
        hr.range(100).shuffle(seed=4).batch(8).map(abs),
    ]
    for other in others:
        iterator = other.iterator(epoch=0)
        with pytest.raises(ValueError, match="plan"):
            iterator.load_state_dict(started(plan()).state_dict())
        assert outcomes(iterator) == outcomes(other.iterator(epoch=0))


def test_what_does_not_change_the_elements_does_not_change_the_plan() -> None:
    state = started(plan()).state_dict()
    for same in (hr.range(100).shuffle(seed=4).batch(8), hr.range(100).shuffle(seed=4).prefetch(5).batch(8).with_options(memory_limit=10**6)):
        iterator = same.iterator(epoch=0)
        iterator.load_state_dict(state)
        assert outcomes(iterator) == outcomes(started(plan()))


def test_the_format_number_of_another_version_is_named() -> None:
    state = started(plan()).state_dict()
    key = next(key for key in state if "format" in key or "version" in key)
    state[key] += 1
    with pytest.raises(ValueError, match=str(state[key])):
        plan().iterator(epoch=0).load_state_dict(state)


@pytest.mark.parametrize("garbage", [{}, [], None, "state", 7, {"format": 1}, {"a": float("nan")}, {"a": object()}])
def test_what_is_no_state_is_refused(garbage: Any) -> None:
    iterator = plan().iterator(epoch=0)
    with pytest.raises((ValueError, TypeError)):
        iterator.load_state_dict(garbage)
    assert outcomes(iterator) == outcomes(plan().iterator(epoch=0))


def test_a_state_saved_by_another_thread_lies_between_two_elements() -> None:
    ds = hr.range(5_000).map(lambda i: i)
    iterator = iter(ds)
    states: list[Any] = []
    worker = threading.Thread(target=lambda: states.extend(iterator.state_dict() for _ in range(50)))
    worker.start()
    taken = outcomes(iterator)
    worker.join()
    assert taken == list(range(5_000))
    for state in states:
        again = ds.iterator(epoch=0)
        again.load_state_dict(state)
        rest = outcomes(again)
        assert rest == list(range(5_000 - len(rest), 5_000))


def test_restoring_maps_only_what_the_buffer_holds() -> None:
    calls: list[int] = []
    ds = hr.range(4000).filter(lambda i: i % 2 == 0).map(lambda i: calls.append(int(i)) or i).shuffle(50, seed=1).batch(10)
    iterator = iter(ds)
    for _ in range(100):
        next(iterator)
    state, following = iterator.state_dict(), next(iterator)
    calls.clear()
    resumed = ds.iterator()
    resumed.load_state_dict(state)
    assert len(calls) <= 50  # of the hundreds between the anchor and here
    assert np.array_equal(next(resumed), following)


def test_a_shuffle_of_a_stream_keeps_no_elements_in_its_state() -> None:
    rows = np.random.default_rng(0).integers(0, 256, (30_000, 1024), np.uint8)
    ds = hr.from_tensor_slices(rows).filter(lambda row: True).shuffle(10_000, seed=4).batch(100)
    iterator = ds.iterator(epoch=0)
    for _ in range(120):
        next(iterator)
    state = json.dumps(iterator.state_dict())
    assert len(state) < 1000  # tf.data keeps the whole buffer, 10 MB here
    resumed = ds.iterator(epoch=5)
    resumed.load_state_dict(json.loads(state))
    for batch, expected in zip(resumed, iterator, strict=True):
        assert np.array_equal(batch, expected)


def test_many_iterators_that_read_ahead_over_parallel_maps_all_go_on() -> None:
    """A worker that waited for a task nobody had begun could stop them all."""
    ds = hr.range(200).map(lambda i: i, num_parallel_calls=2).filter(lambda i: True).map(lambda i: i, num_parallel_calls=3).prefetch(2)
    iterators = [ds.iterator(epoch=0) for _ in range(12)]
    for i in range(200):
        assert [int(next(iterator)) for iterator in iterators] == [i] * 12
