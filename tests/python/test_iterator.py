"""Iterators: their length and end, several threads on one, re-entry, errors and interrupts."""

import threading
from typing import Any

import pytest

import headrace as hr
from model import Boom, outcomes

pytestmark = pytest.mark.asan


def plan() -> hr.Dataset:
    return hr.range(100).shuffle(seed=4).batch(8).prefetch(2)


def test_len_is_what_is_left() -> None:
    iterator = plan().iterator(epoch=0)
    for left in range(13, 0, -1):
        assert len(iterator) == left
        next(iterator)
    assert len(iterator) == 0
    with pytest.raises(TypeError):
        len(hr.range(5).filter(bool).iterator(epoch=0))


def test_the_end_stays_the_end() -> None:
    iterator = hr.range(2).iterator(epoch=0)
    assert outcomes(iterator) == [0, 1]
    for _ in range(3):
        assert next(iterator, "end") == "end"


def test_a_closed_iterator_says_so() -> None:
    with plan().iterator(epoch=0) as iterator:
        next(iterator)
    for call in (lambda: next(iterator), iterator.state_dict):
        with pytest.raises(ValueError, match="closed"):
            call()
    iterator.close()


def test_two_threads_share_an_iterator_and_each_element_goes_to_one() -> None:
    for ds in (hr.range(20_000), hr.range(20_000).map(lambda i: i), hr.range(20_000).filter(lambda i: True).prefetch()):
        iterator = iter(ds)
        got: list[list[int]] = [[] for _ in range(4)]

        def drain(mine: list[int], iterator: Any = iterator) -> None:
            mine.extend(int(i) for i in iterator)

        workers = [threading.Thread(target=drain, args=(mine,)) for mine in got]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert sorted(i for mine in got for i in mine) == list(range(20_000))
        assert all(mine == sorted(mine) for mine in got)


@pytest.mark.parametrize("calls", [None, 2])
def test_a_function_that_re_enters_its_own_iterator_gets_a_runtime_error(calls: int | None) -> None:
    holder: list[Any] = []

    def re_enter(i: Any) -> Any:
        if i == 3:
            next(holder[0])
        return i

    holder.append(iter(hr.range(6).map(re_enter, num_parallel_calls=calls)))
    got = []
    with pytest.raises(RuntimeError, match="re-enter|itself|own"):
        for i in holder[0]:
            got.append(int(i))
    assert got == [0, 1, 2]
    assert outcomes(holder[0]) == [4, 5]


def test_a_function_may_run_another_pipeline() -> None:
    def inner(i: Any) -> Any:
        return sum(int(j) for j in hr.range(int(i)).map(lambda j: j * 2).prefetch(2))

    for ds in (hr.range(30).map(inner), hr.range(30).map(inner, num_parallel_calls=4), hr.range(30).map(inner).prefetch(3)):
        assert outcomes(iter(ds)) == [i * (i - 1) for i in range(30)]


def test_a_function_may_drop_its_own_iterator() -> None:
    holder: list[Any] = []

    def drop(i: Any) -> Any:
        holder.clear()
        return i

    ds = hr.range(5).map(drop)
    holder.append(iter(ds))
    assert next(holder[0]) == 0
    assert not holder


def test_errors_come_once_with_their_place_and_the_run_goes_on() -> None:
    def explode(i: Any) -> Any:
        if i in (17, 18):
            raise Boom(f"no {i}")
        return i

    for calls in (None, 3):
        iterator = iter(hr.range(40).map(explode, num_parallel_calls=calls))
        assert outcomes(iterator, 17) == list(range(17))
        for i in (17, 18):
            with pytest.raises(Boom, match=f"no {i}") as caught:
                next(iterator)
            notes = "\n".join(caught.value.__notes__)
            assert "map" in notes and str(i) in notes and "test_iterator.py" in notes
            frames = [entry.name for entry in caught.traceback]
            assert frames[-1] == "explode"
        assert outcomes(iterator) == list(range(19, 40))


def test_interrupts_are_nobody_s_error_and_the_element_is_computed_again() -> None:
    for interrupt in (KeyboardInterrupt, SystemExit):
        raised: list[int] = []

        def once(i: Any, interrupt: Any = interrupt, raised: list[int] = raised) -> Any:
            if i == 4 and not raised:
                raised.append(1)
                raise interrupt
            return i

        for ds in (hr.range(8).map(once), hr.range(8).filter(lambda i: True).map(once).shuffle(1), hr.range(8).map(once).prefetch(2)):
            raised.clear()
            iterator, got, times = iter(ds), [], 0
            while True:
                try:
                    got.append(int(next(iterator)))
                except StopIteration:
                    break
                except interrupt:
                    times += 1
            assert got == list(range(8)) and times == 1
