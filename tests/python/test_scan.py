"""scan: a function that remembers."""

import json
import threading
from collections import namedtuple
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, plain

pytestmark = pytest.mark.asan

Stats = namedtuple("Stats", "count text")


def resumed(ds: hr.Dataset, it: Any) -> Any:
    other = ds.iterator(epoch=5)
    other.load_state_dict(json.loads(json.dumps(it.state_dict())))
    return other


def test_scan_hands_the_state_on() -> None:
    ds = hr.range(5).scan(0, lambda total, x: (total + x, total))
    assert list(ds) == list(ds) == [0, 0, 1, 3, 6]
    assert len(ds) == 5 and not ds.random_access
    assert ds.element_spec == hr.TensorSpec((), np.int64)
    assert hr.counter().scan((0, 1), lambda s, _: ((s[1], s[0] + s[1]), s[0])).cardinality() == hr.INFINITE


def test_neither_argument_is_unpacked() -> None:
    seen: list[Any] = []

    def keep(*arguments: Any) -> Any:
        seen.append(plain(arguments))
        return arguments[0], 0

    list(hr.zip((hr.range(1), hr.range(3, 4))).scan(({"a": 1}, None, "x"), keep))
    assert seen == [(({"a": 1}, None, "x"), (0, 3))]


def test_the_state_may_be_any_structure_of_any_dtype() -> None:
    start = {
        "text": "",
        "bytes": b"",
        "many": ["a", "b"],
        "time": np.datetime64("2020-01-01", "D"),
        "wide": np.array(["ab"]),
        "record": np.zeros(2, [("x", np.int8), ("y", np.float32, 2)]),
        "half": np.float16(0.1),
        "named": Stats(0, "."),
    }

    def step(state: Any, x: Any) -> Any:
        record = state["record"].copy()
        record["y"] += x
        named = Stats(state["named"].count + 1, state["named"].text + "é")
        wide = np.concatenate([state["wide"], [f"{'w' * int(x)}"]])
        grown = dict(state, text=state["text"] + str(x), bytes=state["bytes"] + b"\xff", time=state["time"] + 1)
        grown |= {"wide": wide, "record": record, "named": named, "half": np.float16(state["half"] * 2)}
        return dict(reversed(grown.items())), grown

    ds = hr.range(6).scan(start, step)
    elements = list(ds)
    assert elements[-1]["text"] == "012345" and elements[-1]["named"] == Stats(6, ".éééééé")
    assert elements[-1]["wide"].tolist() == ["ab", "", "w", "ww", "www", "wwww", "wwwww"]
    for count in range(7):
        it = iter(ds)
        for _ in range(count):
            next(it)
        rest = list(resumed(ds, it))
        assert [repr(element) for element in rest] == [repr(element) for element in elements[count:]]


def test_the_state_keeps_its_structure_and_dtype() -> None:
    def sentence(initial: Any, function: Any) -> str:
        with pytest.raises(TypeError) as error:
            next(iter(hr.range(1).scan(initial, function)))
        return str(error.value)

    assert sentence(0, lambda s, x: (s + 0.5, x)) == (
        "[scan] the new state must be int64() as initial_state is, sizes aside, got float64(); convert it, or begin with that"
    )
    assert "must be (int64(), float64()) as" in sentence((0, 0.0), lambda s, x: (s[0], x))
    for wrong in (lambda s, x: s, lambda s, x: [s, x], lambda s, x: (s, x, x), lambda s, x: None):
        assert "scan_func must return a tuple (new_state, output), got" in sentence(0, wrong)
    with pytest.raises(TypeError, match=r"\[scan\] initial_state must hold arrays only"):
        hr.range(1).scan(hr.range(2), lambda s, x: (s, x))
    assert list(hr.range(3).scan(np.zeros(0), lambda s, x: (np.append(s, x), len(s)))) == [0, 1, 2]  # shapes may change


def test_an_error_leaves_the_state_as_it_was() -> None:
    def step(state: Any, x: Any) -> Any:
        if x == 2:
            raise Boom
        return state + x, state

    it = iter(hr.range(5).scan(10, step))
    assert [next(it), next(it)] == [10, 10]
    with pytest.raises(Boom) as error:
        next(it)
    assert any("element 2" in note for note in error.value.__notes__)
    assert list(resumed(hr.range(5).scan(10, step), it)) == list(it) == [11, 14]


def test_an_interrupt_is_no_elements_error() -> None:
    calls: list[int] = []

    def step(state: Any, x: Any) -> Any:
        calls.append(int(x))
        if calls.count(3) == 1 and x == 3:
            raise KeyboardInterrupt
        return state + x, state + x

    it = iter(hr.range(6).scan(0, step).batch(6))
    with pytest.raises(KeyboardInterrupt):
        next(it)
    assert next(it).tolist() == [0, 1, 3, 6, 10, 15]
    assert calls == [0, 1, 2, 3, 3, 4, 5]


def test_the_function_is_called_once_in_order_on_the_thread_that_asks() -> None:
    calls: list[tuple[int, int]] = []

    def step(state: Any, x: Any) -> Any:
        calls.append((int(x), threading.get_ident()))
        return state, x

    ds = hr.range(100).scan(0, step)
    it = iter(ds)
    assert calls == []
    next(it)
    it.state_dict()
    assert calls == [(0, threading.get_ident())]
    assert list(it) == list(range(1, 100))
    assert [x for x, _ in calls] == list(range(100))
    calls.clear()
    repr(ds), ds.explain(), ds.cardinality(), ds.fingerprint()
    assert calls == []


def test_restoring_calls_no_function() -> None:
    def count(state: Any, x: Any) -> Any:
        calls.append(x)
        return state + 1, state

    calls: list[Any] = []
    ds = hr.range(1000).scan(0, count)
    it = iter(ds)
    for _ in range(900):
        next(it)
    calls.clear()
    assert next(resumed(ds, it)) == 900 and len(calls) == 1


def test_nobody_can_write_to_the_state() -> None:
    held: list[np.ndarray] = []

    def step(state: np.ndarray, x: Any) -> Any:
        assert not state.flags.writeable
        mine = state + 1
        held.append(mine)
        for old in held[:-1]:
            old[:] = -99  # what was returned before is the function's no more
        return mine, mine

    start = np.zeros(500)
    ds = hr.range(6).scan(start, step)
    start[:] = 77
    it = iter(ds)
    for i in range(6):
        output = next(it)
        assert (output == i + 1).all()
        if output.flags.writeable:
            output[:] = 55
        assert (next(resumed(ds, it), np.full(500, i + 2)) == i + 2).all()


def test_the_state_returned_as_it_was_is_no_output_to_write_to() -> None:
    ds = hr.range(4).scan(np.arange(600), lambda state, x: (state, state))
    for output in ds.with_options(writable=True):
        assert output.tolist() == list(range(600))
        output[:] = 0


def test_scan_runs_ahead_under_prefetch_and_saves_the_same() -> None:
    def step(state: Any, x: Any) -> Any:
        return state * 31 % 1009 + x, state

    whole = list(hr.range(500).scan(7, step))
    for threads in (1, 4):
        ds = hr.range(500).filter(lambda x: True).scan(7, step).prefetch(4).with_options(threads=threads)
        it = iter(ds)
        got = [next(it) for _ in range(333)]
        assert got + list(resumed(ds, it)) == whole


def test_other_plans_and_damaged_states_are_refused() -> None:
    def step(state: Any, x: Any) -> Any:
        return state, x

    state = iter(hr.range(3).scan(0, step)).state_dict()
    for other in (hr.range(3).scan(1, step), hr.range(3).scan(0.0, step)):
        with pytest.raises(ValueError, match="plan"):
            iter(other).load_state_dict(state)
