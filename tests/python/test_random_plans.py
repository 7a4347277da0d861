"""Random plans against the model, with random errors, resumes and thread counts."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
import model
from model import ERROR, Boom, Plan, outcomes

Pair = tuple[hr.Dataset, Plan]


def first_sum(element: Any) -> int:
    """The sum of an element's first component, for elements and for plain values."""
    while isinstance(element, tuple):
        element = element[0]
    return int(np.sum(element))


def add_one(element: Any) -> Any:
    return tuple(map(add_one, element)) if isinstance(element, tuple) else element + 1


def add_one_plain(item: Any) -> Any:
    if isinstance(item, tuple | list):
        return type(item)(map(add_one_plain, item))
    return item + 1


def whole(arguments: tuple[Any, ...]) -> Any:
    """The element that was unpacked into a function's arguments."""
    return arguments if len(arguments) > 1 else arguments[0]


def bump(*arguments: Any) -> Any:
    return add_one(whole(arguments))


def keep(*arguments: Any) -> bool:
    return first_sum(whole(arguments)) % 3 != 0


def fuse(*arguments: Any) -> Any:
    if first_sum(whole(arguments)) % 7 == 3:
        raise Boom
    return whole(arguments)


def fuse_plain(item: Any) -> Any:
    return ERROR if first_sum(item) % 7 == 3 else item


def attach_unbatch(pair: Pair) -> Pair:
    """Only over a batch: other elements may be scalars."""
    ds, plan = pair
    return ds.batch(2).unbatch(), model.rebatched(plan, 2, not ds.random_access)


def attach_shuffle(pair: Pair, buffer_size: int | None, seed: int, reshuffle: bool) -> Pair:
    ds, plan = pair
    buffer_size = buffer_size if ds.random_access else buffer_size or 5
    shuffled = ds.shuffle(buffer_size, seed=seed, reshuffle_each_iteration=reshuffle)
    return shuffled, model.shuffled(plan, not ds.random_access, seed, buffer_size, reshuffle)


def attach_shard(pair: Pair, count: int, index: int) -> Pair:
    ds, plan = pair
    return ds.shard(count, index % count), lambda epoch: plan(epoch)[index % count :: count]


small = st.integers(0, 6)
STAGES: dict[str, st.SearchStrategy[Callable[[Pair], Pair]]] = {
    "map": st.sampled_from([None, 1, 2, 3]).map(lambda n: lambda p: (p[0].map(bump, num_parallel_calls=n), model.mapped(p[1], add_one_plain))),
    "fuse": st.just(lambda p: (p[0].map(fuse), model.mapped(p[1], fuse_plain))),
    "filter": st.just(lambda p: (p[0].filter(keep), model.filtered(p[1], lambda item: first_sum(item) % 3 != 0))),
    "batch": st.tuples(st.integers(1, 5), st.booleans()).map(lambda a: lambda p: (p[0].batch(*a), model.batch(p[1], *a))),
    "unbatch": st.just(attach_unbatch),
    "shuffle": st.tuples(st.none() | st.integers(1, 50), small, st.booleans()).map(lambda a: lambda p: attach_shuffle(p, *a)),
    "repeat": st.integers(0, 3).map(lambda n: lambda p: (p[0].repeat(n), model.repeated(p[1], n))),
    "take": st.integers(0, 30).map(lambda n: lambda p: (p[0].take(n), lambda epoch: p[1](epoch)[:n])),
    "skip": small.map(lambda n: lambda p: (p[0].skip(n), lambda epoch: p[1](epoch)[n:])),
    "shard": st.tuples(st.integers(1, 3), small).map(lambda a: lambda p: attach_shard(p, *a)),
    "concatenate": small.map(lambda n: lambda p: (p[0].concatenate(p[0].take(n)), lambda epoch: p[1](epoch) + p[1](epoch)[:n])),
    "zip": small.map(lambda n: lambda p: (hr.zip((p[0], p[0].skip(n))), model.zipped(p[1], lambda epoch: p[1](epoch)[n:]))),
    "enumerate": small.map(lambda n: lambda p: (p[0].enumerate(n), model.enumerated(p[1], n))),
    "prefetch": (st.none() | small).map(lambda n: lambda p: (p[0].prefetch(n), p[1])),
    "cache": st.just(lambda p: (p[0].cache(), lambda epoch: p[1](0))),
}
Stages = list[tuple[str, Callable[[Pair], Pair]]]
stages = st.lists(st.one_of([st.tuples(st.just(name), stage) for name, stage in STAGES.items()]), max_size=6)
sizes = st.integers(0, 40) | st.sampled_from([300, 2000])
threads = st.sampled_from([1, 2, 8])


def build(n: int, chosen: Stages, threads: int | None = None) -> Pair:
    pair: Pair = hr.range(n), lambda epoch: list(range(n))
    for _, attach in chosen:
        pair = attach(pair)
    return (pair[0] if threads is None else pair[0].with_options(threads=threads)), pair[1]


@given(sizes, stages, threads, st.integers(0, 2))
def test_a_plan_gives_what_the_model_gives(n: int, chosen: Stages, threads: int, epoch: int) -> None:
    ds, plan = build(n, chosen, threads)
    expected = plan(epoch)
    assert outcomes(ds.iterator(epoch=epoch)) == expected
    assert ds.cardinality() in (len(expected), hr.UNKNOWN)
    if ds.random_access:
        assert ds.cardinality() == len(expected)


@given(sizes, stages, threads, threads, st.data())
def test_a_plan_goes_on_exactly_after_two_resumes(n: int, chosen: Stages, before: int, after: int, data: st.DataObject) -> None:
    ds, plan = build(n, chosen, before)
    expected = plan(1)
    first, second = sorted(data.draw(st.tuples(*[st.integers(0, len(expected))] * 2)))
    iterator = ds.iterator(epoch=1)
    assert outcomes(iterator, first) == expected[:first]
    for start, stop in ((first, second), (second, None)):
        state = json.loads(json.dumps(iterator.state_dict()))
        iterator = build(n, chosen, after)[0].iterator(epoch=0)
        iterator.load_state_dict(state)
        assert outcomes(iterator, None if stop is None else stop - start) == expected[start:stop]


@given(sizes, stages, st.integers(-50, 50))
def test_a_position_gives_the_element_of_epoch_0(n: int, chosen: Stages, position: int) -> None:
    ds, plan = build(n, chosen)
    if not ds.random_access:
        return
    expected = plan(0)
    try:
        got = model.plain(ds[position])
    except (Boom, ValueError):
        got = ERROR
    except IndexError:
        assert not -len(expected) <= position < len(expected)
        return
    assert got == expected[position]


@given(sizes, stages, threads)
def test_the_accounts_of_a_plan_balance(n: int, chosen: Stages, threads: int) -> None:
    ds, _ = build(n, chosen, threads)
    iterator = ds.iterator(epoch=0)
    outcomes(iterator)
    for account in iterator.stats():
        assert account["in"] == account["used"] + account["filtered"] + account["dropped"] + account["failed"] + account["held"], account
        assert account["held"] == 0, account
