"""from_generator: when it is advanced, what its elements become, how it ends and goes on."""

import gc
import json
import pickle
import threading
import weakref
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, outcomes, plain
from settling import comes_true

pytestmark = pytest.mark.asan

FLOAT = hr.TensorSpec((), np.float32)


def resumed(ds: hr.Dataset, it: Any) -> Any:
    other = ds.iterator(epoch=5)
    other.load_state_dict(json.loads(json.dumps(it.state_dict())))
    return other


def fib(n: Any = 10, scale: Any = 1) -> Iterator[int]:
    a, b = 0, 1
    for _ in range(int(n)):
        yield a * int(scale)
        a, b = b, a + b


def test_it_is_called_anew_for_each_pass() -> None:
    calls: list[int] = []

    def generator() -> Iterator[int]:
        calls.append(0)
        yield from range(3)

    ds = hr.from_generator(generator)
    repr(ds), ds.explain(), ds.cardinality(), ds.fingerprint(), ds.random_access, hr.zip((ds, ds)).map(min)
    assert calls == [] and ds.cardinality() == hr.UNKNOWN and not ds.random_access
    assert list(ds) == list(ds) == [0, 1, 2] and len(calls) == 2
    assert list(ds.repeat(3)) == [0, 1, 2] * 3 and len(calls) == 5
    assert ds.element_spec == hr.TensorSpec((), np.int64) and len(calls) == 6
    first, second = iter(ds), iter(ds)
    assert [next(first), next(second), next(first), next(second)] == [0, 0, 1, 1]


def test_any_callable_that_gives_an_iterable_will_do() -> None:
    assert list(hr.from_generator(lambda: [1.5, 2.5])) == [1.5, 2.5]
    assert list(hr.from_generator(lambda: iter("ab"))) == ["a", "b"]
    assert list(hr.from_generator(lambda: np.arange(3))) == [0, 1, 2]
    assert list(hr.from_generator(lambda: ())) == []
    assert list(hr.Dataset.from_generator(fib, args=(4,))) == [0, 1, 1, 2]
    assert list(hr.from_generator(fib, args=(np.int8(3), 10))) == [0, 10, 10]


def test_what_is_no_generator_is_refused() -> None:
    with pytest.raises(TypeError, match="must be a function that .*, got .*; give what makes it, to be called for each pass"):
        hr.from_generator(fib())
    with pytest.raises(TypeError, match=r"\[from_generator\] generator must be a function that returns an iterator or an iterable, got 3"):
        hr.from_generator(3)
    with pytest.raises(TypeError, match=r"\[from_generator\] args must be a tuple, got"):
        hr.from_generator(fib, args=3)
    it = iter(hr.from_generator(lambda: 7))
    with pytest.raises(TypeError, match=r"\[from_generator\] generator must return an iterator or an iterable, got 7"):
        next(it)
    assert list(it) == []


def test_elements_have_any_structure() -> None:
    element = ({"a": np.arange(3), "t": "x"}, None, b"y", [1, 2])
    ds = hr.from_generator(lambda: iter([element] * 3))
    assert [plain(e) for e in ds] == [({"a": [0, 1, 2], "t": "x"}, None, b"y", [1, 2])] * 3
    assert ds.element_spec[0]["a"] == hr.TensorSpec((None,), np.int64)
    with pytest.raises(ValueError, match="output_signature"):
        hr.from_generator(lambda: ()).element_spec


def test_an_array_that_is_yielded_again_is_copied() -> None:
    def generator() -> Iterator[np.ndarray]:
        array = np.zeros(500)
        for i in range(5):
            array[:] = i
            yield array

    elements = list(hr.from_generator(generator))
    assert [e[0] for e in elements] == [0, 1, 2, 3, 4]
    batch = next(iter(hr.from_generator(generator).batch(5)))
    assert batch[:, 0].tolist() == [0, 1, 2, 3, 4] and batch.flags.writeable


def test_a_fresh_array_is_adopted() -> None:
    addresses = []

    def generator() -> Iterator[np.ndarray]:
        for i in range(4):
            array = np.full(10_000, i)
            addresses.append(array.ctypes.data)
            given = [array]
            del array
            yield given.pop()

    assert [e.ctypes.data for e in list(hr.from_generator(generator))] == addresses


def test_python_numbers_take_the_dtype_of_the_signature() -> None:
    for dtype in (np.int8, np.uint8, np.int32, np.uint64, np.float16, np.float32, np.float64, np.complex64):
        spec = hr.TensorSpec((), dtype)
        ds = hr.from_generator(lambda: [1, 2, 100], output_signature=spec)
        assert ds.element_spec == spec
        assert [(e, e.dtype) for e in ds] == [(x, dtype) for x in (1, 2, 100)]
    pairs = hr.from_generator(
        lambda: [{"y": [0.5, 1], "x": (True, 2)}], {"x": (hr.TensorSpec((), bool), FLOAT), "y": hr.TensorSpec((None,), np.float16)}
    )
    assert [(plain(e), e["y"].dtype, e["x"][1].dtype) for e in pairs] == [({"y": [0.5, 1.0], "x": (True, 2.0)}, np.float16, np.float32)]
    assert np.isinf(next(iter(hr.from_generator(lambda: [float("inf")], FLOAT))))
    assert list(hr.from_generator(lambda: ["a", "b"], hr.TensorSpec((), str))) == ["a", "b"]


@pytest.mark.parametrize(
    "value, spec",
    [
        (300, hr.TensorSpec((), np.uint8)),
        (-1, hr.TensorSpec((), np.uint64)),
        (1.0, hr.TensorSpec((), np.int64)),
        (True, hr.TensorSpec((), np.int64)),
        (1e39, FLOAT),
        ([1e9], hr.TensorSpec((1,), np.float16)),
        ([1, 300], hr.TensorSpec((2,), np.int8)),
        (np.float64(1), FLOAT),
        (np.zeros(2), hr.TensorSpec((2,), np.float32)),
        (np.zeros(2), hr.TensorSpec((3,), np.float64)),
        ("1", FLOAT),
        ((1.0,), FLOAT),
        ([1.0], FLOAT),
        (1.0, (FLOAT, FLOAT)),
    ],
)
def test_an_element_unlike_the_signature_is_an_error_in_its_place(value: Any, spec: Any) -> None:
    it = iter(hr.from_generator(lambda: [value, value], spec).enumerate())
    for _ in range(2):
        with pytest.raises(TypeError, match=r"\[from_generator\] the generator must give .* as output_signature says, got "):
            next(it)
    assert list(it) == []


def test_what_is_ready_is_not_kept_back() -> None:
    for build in (
        lambda ds: ds,
        lambda ds: ds.map(lambda x: x + 0),
        lambda ds: ds.batch(5).unbatch(),
        lambda ds: ds.prefetch(4),
        lambda ds: ds.filter(lambda x: True).map(lambda x: x, num_parallel_calls=3).batch(5).prefetch(2).unbatch(),
    ):
        go_on = threading.Event()

        def generator(go_on: threading.Event = go_on) -> Iterator[int]:
            yield from range(10)
            go_on.wait(30)
            yield 10

        it = iter(build(hr.from_generator(generator)))
        assert [int(next(it)) for _ in range(10)] == list(range(10))
        go_on.set()
        assert [int(x) for x in it] == [10]


def test_it_is_advanced_only_when_asked_on_the_thread_that_asks() -> None:
    seen: list[int] = []

    def generator() -> Iterator[int]:
        for i in range(100):
            seen.append(threading.get_ident())
            yield i

    it = iter(hr.from_generator(generator).map(lambda x: x).take(50))
    assert seen == []
    for count in range(1, 51):
        next(it)
        it.state_dict()
        assert seen == [threading.get_ident()] * count
    assert list(it) == [] and len(seen) == 50


def test_an_exception_comes_in_its_place_and_the_generator_has_ended() -> None:
    def generator() -> Iterator[int]:
        yield 1
        yield 2
        raise Boom("at 2")

    ds = hr.from_generator(generator)
    it = iter(ds)
    assert [next(it), next(it)] == [1, 2]
    with pytest.raises(Boom, match="at 2") as error:
        next(it)
    assert error.traceback[-1].name == "generator"
    assert any("element 2" in note for note in error.value.__notes__)
    assert list(resumed(ds, it)) == [] and list(it) == []
    assert outcomes(iter(ds.batch(2))) == [[1, 2], "an error"]
    assert outcomes(iter(ds.repeat(2))) == [1, 2, "an error"] * 2


def test_another_iterator_may_go_on_after_an_exception() -> None:
    class Stumbling:
        at = 0

        def __iter__(self) -> Any:
            return self

        def __next__(self) -> int:
            self.at += 1
            if self.at > 6:
                raise StopIteration
            if self.at % 3 == 0:
                raise Boom
            return self.at

    ds = hr.from_generator(Stumbling)
    assert outcomes(iter(ds)) == [1, 2, "an error", 4, 5, "an error"]
    it = iter(ds)
    for step in range(7):
        assert outcomes(resumed(ds, it)) == [1, 2, "an error", 4, 5, "an error"][step:]
        outcomes(it, 1)


def test_a_failing_begin_is_the_error_of_the_first_element() -> None:
    def generator() -> Any:
        raise Boom

    class BadIter:
        def __iter__(self) -> Any:
            raise Boom

    for ds in (hr.from_generator(generator), hr.from_generator(BadIter)):
        assert outcomes(iter(ds)) == ["an error"]
        it = iter(ds)
        outcomes(it, 1)
        assert outcomes(resumed(ds, it)) == []


def test_stop_iteration_inside_is_an_error_not_the_end() -> None:
    def generator() -> Iterator[int]:
        yield 1
        next(iter(()))

    it = iter(hr.from_generator(generator))
    assert next(it) == 1
    with pytest.raises(RuntimeError, match="StopIteration"):
        next(it)


@pytest.mark.parametrize("stateful", [False, True])
def test_after_an_interrupt_inside_nothing_is_lost(stateful: bool) -> None:
    interrupts = [3, 70, 70]
    begun: list[int] = []

    class Source:
        def __init__(self) -> None:
            self.at = 0
            begun.append(0)

        def __iter__(self) -> Iterator[int]:
            while self.at < 100:
                if self.at in interrupts:
                    interrupts.remove(self.at)
                    raise KeyboardInterrupt
                self.at += 1
                yield self.at - 1

    class Stateful(Source):
        def state_dict(self) -> Any:
            return [self.at]

        def load_state_dict(self, state: Any) -> None:
            (self.at,) = state

    it = iter(hr.from_generator(Stateful if stateful else Source).batch(10))
    got: list[int] = []
    stops = 0
    while len(got) < 100:
        try:
            got += next(it).tolist()
        except KeyboardInterrupt:
            stops += 1
    assert got == list(range(100)) and stops == 3 and len(begun) == 4
    assert list(it) == []


def test_dropping_and_closing_close_the_generator() -> None:
    closed: list[str] = []

    def generator(name: str) -> Iterator[int]:
        try:
            yield from range(1000)
        finally:
            closed.append(name)

    for name, build in (("plain", lambda ds: ds), ("ahead", lambda ds: ds.prefetch(2))):
        it = iter(build(hr.from_generator(lambda name=name: generator(name))))
        next(it)
        del it
        for _ in range(200):
            if closed == [name]:
                break
            gc.collect()
            threading.Event().wait(0.01)
            hr.range(1)
        assert closed == [name]
        closed.clear()
    with hr.from_generator(lambda: generator("with")).iterator() as it:
        next(it)
    assert closed == ["with"]


def test_an_exhausted_generator_is_let_go_with_the_iterator() -> None:
    objects: list[Any] = []

    class Source:
        def __iter__(self) -> Iterator[int]:
            objects.append(weakref.ref(self))
            yield 1

    ds = hr.from_generator(Source)
    assert list(ds) == [1]
    assert comes_true(lambda: objects[0]() is None)

    class Cycle:
        def __init__(self) -> None:
            self.ds = hr.from_generator(self.rows)

        def rows(self) -> Iterator[int]:
            yield 1

    cycle = Cycle()
    gone = weakref.ref(cycle)
    del cycle
    assert comes_true(lambda: gone() is None)


def test_asking_the_iterator_for_more_from_inside_is_an_error() -> None:
    def generator() -> Iterator[int]:
        yield 0
        yield next(it)

    it = iter(hr.from_generator(generator))
    assert next(it) == 0
    with pytest.raises(RuntimeError):
        next(it)


def test_a_state_without_the_generators_own_yields_again() -> None:
    ds = hr.from_generator(fib, args=(50,))
    it = iter(ds)
    whole = list(ds)
    for step in range(51):
        assert list(resumed(ds, it)) == whole[step:]
        next(it, None)
    it = iter(ds)
    [next(it) for _ in range(40)]
    state = it.state_dict()
    shorter = hr.from_generator(lambda: fib(5))
    assert ds.fingerprint() != shorter.fingerprint()
    length = [50]
    same = hr.from_generator(lambda: fib(length[0]))
    it = iter(same)
    [next(it) for _ in range(40)]
    state = it.state_dict()
    length[0] = 5
    with pytest.raises(ValueError, match=r"\[state\] the generator must give at least 40 elements as before"):
        iter(same).load_state_dict(state)


class Counting:
    loaded: list[Any] = []
    states = 0

    def __init__(self) -> None:
        self.at = 0

    def __iter__(self) -> Any:
        return self

    def __next__(self) -> int:
        if self.at == 1000:
            raise StopIteration
        self.at += 1
        return self.at - 1

    def state_dict(self) -> Any:
        Counting.states += 1
        return {"at": self.at, "é": None}

    def load_state_dict(self, state: Any) -> None:
        Counting.loaded.append(state)
        self.at = state["at"]


def test_a_generators_own_state_is_used() -> None:
    ds = hr.from_generator(Counting).map(lambda x: x * 2).prefetch(3)
    for step in (0, 1, 63, 64, 65, 500, 999, 1000):
        it = iter(ds)
        outcomes(it, step)
        Counting.loaded.clear()
        other = resumed(ds, it)
        assert outcomes(other) == [2 * i for i in range(step, 1000)]
        anchors = [[step // 64 * 64], [max(0, step - 1) // 64 * 64]]
        assert [state["at"] for state in Counting.loaded] in anchors + ([[]] if step < 64 else [])
    states = []
    for threads in (1, 2, 8):
        it = iter(ds.with_options(threads=threads))
        outcomes(it, 200)
        states.append(it.state_dict())
    assert states[0] == states[1] == states[2]
    Counting.states = 0
    assert len(list(ds)) == 1000
    assert Counting.states <= 17


def test_a_state_that_is_no_json_is_an_error_of_whoever_saves() -> None:
    class Bad(Counting):
        def state_dict(self) -> Any:
            return object()

    it = iter(hr.from_generator(Bad))
    assert [next(it) for _ in range(70)] == list(range(70))
    with pytest.raises(TypeError, match="JSON"):
        it.state_dict()
    assert next(it) == 70

    def change() -> Any:
        return kind[0]()

    kind: list[Any] = [Counting]
    ds = hr.from_generator(change)
    it = iter(ds)
    next(it)
    state = it.state_dict()
    kind[0] = lambda: iter(range(5))
    with pytest.raises(ValueError, match="it holds a generator's own state, but the generator has none"):
        iter(ds).load_state_dict(state)


def test_it_pickles_as_functions_do() -> None:
    ds = hr.from_generator(fib, output_signature=hr.TensorSpec((), np.int64), args=(6, 2))
    assert list(pickle.loads(pickle.dumps(ds))) == list(ds) == [0, 2, 2, 4, 6, 10]
    assert ds.fingerprint() == pickle.loads(pickle.dumps(ds)).fingerprint()
