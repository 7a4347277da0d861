"""The contract's cases of stages that look at elements one by one, or choose among them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import headrace as hr
import model
from contract import Case, becomes_stream, cut, double, doubled, items, same
from model import ERROR, Plan


def noise(i: Any, pair: Any, random: np.random.Generator) -> Any:
    return i, random.integers(2**40)


def noise_at(position: int, epoch: int) -> int:
    key = model.random_key(7, b"map", epoch)
    first = model.mix(key, position)
    random = np.random.Generator(np.random.Philox(key=np.array([first, model.mix(first, key)], np.uint64)))
    return int(random.integers(2**40))


def odd(i: Any, pair: Any) -> bool:
    return bool(i % 2)


def seventh(*arguments: Any) -> bool:
    return int(arguments[0]) % 7 == 0


def remainder(i: Any, pair: Any) -> Any:
    return i % 5, 0.5


def below_seven(*arguments: Any) -> bool:
    return int(arguments[0]) < 7


def shuffle_case(text: str, reshuffles: bool = True, **options: Any) -> Case:
    def expected(plan: Plan, stream: bool) -> Plan:
        size = options.get("buffer_size", 6 if stream else None)
        return model.shuffled(plan, stream, 5, size, reshuffles)

    def attach(up: hr.Dataset) -> hr.Dataset:
        size = options.get("buffer_size", None if up.random_access else 6)
        return up.shuffle(size, seed=5, reshuffle_each_iteration=reshuffles)

    return Case("shuffle", text, attach, expected, reshuffles=reshuffles)


def kept(predicate: Callable[..., bool]) -> Callable[[Plan, bool], Plan]:
    return lambda plan, _: model.filtered(plan, lambda item: predicate(*item))


def parity(i: Any, pair: Any) -> int:
    return int(i) % 2


def resample_case(text: str, initial: list[float] | None) -> Case:
    """Which elements stay is taken from numbers; that they are fair draws is tested in test_resample.py."""

    def run(up: hr.Dataset) -> hr.Dataset:
        return up.rejection_resample(parity, [0.7, 0.3], initial, seed=3)

    return replace(becomes_stream("rejection_resample", text, run, lambda p, s: model.resampled(p, initial, 3)), reshuffles=True)


def good_ones(plan: Plan, _: bool) -> Plan:
    return lambda epoch: [item for item in plan(epoch) if item is not ERROR]


def running_sum(total: Any, element: Any) -> Any:
    total = total + element[1].sum() + element[0]
    return total, {"sum": total, "pair": element[1]}


def summed(plan: Plan, _: bool) -> Plan:
    def run(epoch: int) -> list[Any]:
        total, items = 1.0, []
        for item in plan(epoch):
            total += 0 if item is ERROR else item[0]
            items.append(item if item is ERROR else {"sum": total, "pair": item[1]})
        return items

    return run


CASES = [
    Case("enumerate", "enumerate(start=5)", lambda up: up.enumerate(start=5), lambda p, s: model.enumerated(p, 5)),
    becomes_stream("filter", "filter(odd)", lambda up: up.filter(odd), kept(odd)),
    becomes_stream("filter", "filter(seventh)", lambda up: up.filter(seventh), kept(seventh)),
    becomes_stream("ignore_errors", "ignore_errors()", lambda up: up.ignore_errors(), good_ones),
    becomes_stream("ignore_errors", "ignore_errors(max_fraction=0.5)", lambda up: up.ignore_errors(max_fraction=0.5), good_ones),
    Case("map", "map(double)", lambda up: up.map(double), doubled),
    Case("map", "map(double, num_parallel_calls=3)", lambda up: up.map(double, num_parallel_calls=3), doubled),
    Case(
        "map",
        "map(noise, seed=7)",
        lambda up: up.map(noise, seed=7),
        lambda p, s: lambda epoch: [item if item is ERROR else (item[0], noise_at(i, epoch)) for i, item in enumerate(p(epoch))],
        reshuffles=True,
    ),
    Case("prefetch", "prefetch()", lambda up: up.prefetch(), same),
    Case("prefetch", "map(double).prefetch(2)", lambda up: up.map(double).prefetch(2), doubled),
    becomes_stream("prefetch", "filter(odd).prefetch(2)", lambda up: up.filter(odd).prefetch(2), kept(odd)),
    resample_case("rejection_resample", None),
    resample_case("rejection_resample(initial_dist)", [0.5, 0.5]),
    Case("repeat", "repeat(3)", lambda up: up.repeat(3), lambda p, s: model.repeated(p, 3)),
    Case(
        "repeat",
        "shuffle.repeat(2)",
        lambda up: up.shuffle(4, seed=5).repeat(2),
        lambda p, s: model.repeated(model.shuffled(p, s, 5, 4), 2),
        reshuffles=True,
    ),
    Case("repeat", "repeat(0)", lambda up: up.repeat(0), cut(0, 0)),
    Case("repeat", "repeat().take(30)", lambda up: up.repeat().take(30), lambda p, s: lambda epoch: (p(epoch) * 30)[:30]),
    Case("scan", "scan(running sum)", lambda up: up.scan(np.float64(1), running_sum), summed, stays_random=False),
    Case("shard", "shard(3, 1)", lambda up: up.shard(3, 1), cut(1, None, 3)),
    shuffle_case("shuffle()"),
    shuffle_case("shuffle(4)", buffer_size=4),
    shuffle_case("shuffle(1)", buffer_size=1),
    shuffle_case("shuffle(100)", buffer_size=100),
    shuffle_case("shuffle, not reshuffled", reshuffles=False),
    Case("skip", "skip(5)", lambda up: up.skip(5), cut(5, None)),
    Case("skip", "skip(-1)", lambda up: up.skip(-1), cut(0, 0)),
    Case("take", "take(6)", lambda up: up.take(6), cut(None, 6)),
    Case("take", "take(-1)", lambda up: up.take(-1), same),
    becomes_stream("take_while", "take_while(below_seven)", lambda up: up.take_while(below_seven), lambda p, s: model.taken_while(p, below_seven)),
    becomes_stream("take_while", "take_while(always)", lambda up: up.take_while(model.always), same),
    becomes_stream("unique", "unique", lambda up: up.map(remainder).unique(), lambda p, s: model.once(model.mapped(p, lambda item: remainder(*item)))),
    becomes_stream("unique", "unique of all", lambda up: up.unique(), same),
    Case("with_options", "with_options(threads=2)", lambda up: up.with_options(threads=2), same),
    Case("apply", "apply", lambda up: up.apply(lambda ds: ds.skip(1).take(4)), cut(1, 5)),
]
