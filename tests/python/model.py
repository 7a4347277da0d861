"""The model that headrace is compared with: what each stage does to a list, in a line or a few.

A plan of the model is a function of the epoch that gives a list; its items are what `plain` makes of elements, and an
item is ERROR where the element fails. Only the orders of shuffles are headrace's own, taken from plans of numbers: that
they are permutations, and random ones, is tested in test_shuffle.py and test_shuffle_statistics.py.
"""

from collections.abc import Callable, Iterator
from functools import cache
from itertools import chain, takewhile
from typing import Any

import numpy as np

import headrace as hr

Plan = Callable[[int], list[Any]]
ERROR = "an error"


class Boom(Exception):
    """What the failing functions of the tests raise."""


def plain(element: Any) -> Any:
    """An element as Python's own numbers, strings, lists, tuples and dicts; a dataset in it as ("dataset", its elements)."""
    if isinstance(element, hr.Dataset):
        return "dataset", outcomes(element.iterator(epoch=0))
    if isinstance(element, tuple):
        return tuple(plain(part) for part in element)
    if isinstance(element, dict):
        return {key: plain(part) for key, part in element.items()}
    if isinstance(element, hr.RaggedTensor):
        return {"values": plain(element.values), "row_splits": plain(element.row_splits)}
    if isinstance(element, hr.SparseTensor):
        return {part: plain(getattr(element, part)) for part in ("indices", "values", "dense_shape")}
    return element.tolist() if isinstance(element, np.ndarray | np.generic) else element


def outcomes(iterator: Iterator[Any], count: int | None = None) -> list[Any]:
    """The next `count` elements, or all that are left, as plain values; ERROR for each that was raised."""
    result: list[Any] = []
    while count is None or len(result) < count:
        try:
            result.append(plain(next(iterator)))
        except StopIteration:
            break
        except (Boom, ValueError):
            result.append(ERROR)
    return result


def stack(items: list[Any]) -> Any:
    """Items as one; ERROR where one fails or they do not fit each other."""
    if any(item is ERROR for item in items):
        return ERROR
    if isinstance(items[0], tuple):
        parts = tuple(stack(list(column)) for column in zip(*items, strict=True))
        return ERROR if ERROR in parts else parts
    if isinstance(items[0], dict):
        return {key: stack([item[key] for item in items]) for key in items[0]}
    return list(items) if len({shape(item) for item in items}) == 1 else ERROR


def shape(item: Any) -> tuple[int, ...]:
    return np.shape(item)


def each(function: Callable[[Any], Any], items: list[Any]) -> list[Any]:
    return [item if item is ERROR else function(item) for item in items]


def batch(plan: Plan, size: int, drop_remainder: bool = False) -> Plan:
    def run(epoch: int) -> list[Any]:
        items = plan(epoch)
        groups = [items[i : i + size] for i in range(0, len(items), size)]
        return [stack(group) for group in groups if len(group) == size or not drop_remainder]

    return run


def grouped(plan: Plan, size: int, group: Callable[[list[Any]], Any], drop_remainder: bool = False) -> Plan:
    """What `group` makes of every `size` items; ERROR where one of them is."""

    def run(epoch: int) -> list[Any]:
        items = plan(epoch)
        groups = [items[i : i + size] for i in range(0, len(items), size)]
        return [ERROR if ERROR in rows else group(rows) for rows in groups if len(rows) == size or not drop_remainder]

    return run


def padded(rows: list[list[Any]], width: int | None = None, filling: Any = 0) -> list[list[Any]]:
    width = max(map(len, rows)) if width is None else width
    return [row + [filling] * (width - len(row)) for row in rows]


def ragged(rows: list[list[Any]]) -> Any:
    splits = [sum(map(len, rows[:i])) for i in range(len(rows) + 1)]
    return {"values": list(chain.from_iterable(rows)), "row_splits": splits}


def sparse(rows: list[list[Any]], width: int | None = None) -> Any:
    width = max(map(len, rows)) if width is None else width
    places = [[i, k] for i, row in enumerate(rows) for k in range(len(row))]
    return {"indices": places, "values": list(chain.from_iterable(rows)), "dense_shape": [len(rows), width]}


def sparse_row(row: list[Any], width: int) -> Any:
    return {"indices": [[k] for k in range(len(row))], "values": row, "dense_shape": [width]}


def rebatched(plan: Plan, size: int, stream: bool, equal: bool = True) -> Plan:
    """batch, of equal items or any, then unbatch: where a batch fails, each of its places fails on random access, the one element on a stream."""

    def run(epoch: int) -> list[Any]:
        items = plan(epoch)
        groups = [items[i : i + size] for i in range(0, len(items), size)]
        failed = [[ERROR] if stream else [ERROR] * len(group) for group in groups]
        fails = [ERROR in group or (equal and stack(group) is ERROR) for group in groups]
        return [item for group, error, fail in zip(groups, failed, fails, strict=True) for item in (error if fail else group)]

    return run


def mapped(plan: Plan, function: Callable[[Any], Any]) -> Plan:
    return lambda epoch: each(function, plan(epoch))


def filtered(plan: Plan, predicate: Callable[[Any], bool]) -> Plan:
    return lambda epoch: [item for item in plan(epoch) if item is ERROR or predicate(item)]


def taken_while(plan: Plan, predicate: Callable[..., bool]) -> Plan:
    def run(epoch: int) -> list[Any]:
        return list(takewhile(lambda item: item is ERROR or predicate(*item), plan(epoch)))

    return run


def resampled(plan: Plan, initial: list[float] | None, seed: int) -> Plan:
    """The draws are headrace's own, taken from numbers that stand for the items (errors among them have no class)."""

    def run(epoch: int) -> list[Any]:
        items = plan(epoch)

        def parity(i: Any) -> Any:
            if items[int(i)] is ERROR:
                raise Boom
            return int(i) % 2

        drawn = hr.range(len(items)).rejection_resample(parity, [0.7, 0.3], initial, seed=seed).iterator(epoch=epoch)
        return [item if item is ERROR else (item[0], items[item[1]]) for item in outcomes(drawn)]

    return run


def once(plan: Plan) -> Plan:
    def run(epoch: int) -> list[Any]:
        seen: list[Any] = []
        for item in plan(epoch):
            if item is ERROR or item not in seen:
                seen.append(item)
        return seen

    return run


def repeated(plan: Plan, count: int) -> Plan:
    return lambda epoch: list(chain.from_iterable(plan(epoch * count + r) for r in range(count)))


def zipped(*plans: Plan) -> Plan:
    return lambda epoch: [ERROR if ERROR in row else row for row in zip(*(plan(epoch) for plan in plans), strict=False)]


def chosen(plans: list[Plan], choices: list[int], stop: bool) -> Plan:
    def run(epoch: int) -> list[Any]:
        parts, result = [iter(plan(epoch)) for plan in plans], []
        for choice in choices:
            item = next(parts[choice], None)
            if item is not None:
                result.append(item)
            elif stop:
                break
        return result

    return run


def sampled(plans: list[Plan], weights: list[float], seed: int) -> Plan:
    """The draws are headrace's own, taken from numbered datasets of as many elements."""

    def run(epoch: int) -> list[Any]:
        lists = [plan(epoch) for plan in plans]
        numbers = [hr.range(10**6 * i, 10**6 * i + len(items)) for i, items in enumerate(lists)]
        drawn = hr.sample_from_datasets(numbers, weights, seed=seed, rerandomize_each_iteration=True).iterator(epoch=epoch)
        return [lists[int(n) // 10**6][int(n) % 10**6] for n in drawn]

    return run


def enumerated(plan: Plan, start: int = 0) -> Plan:
    return lambda epoch: [item if item is ERROR else (i, item) for i, item in enumerate(plan(epoch), start)]


def shuffled(plan: Plan, stream: bool, seed: int, buffer_size: int | None = None, reshuffle: bool = True) -> Plan:
    def run(epoch: int) -> list[Any]:
        items = plan(epoch)
        return [items[i] for i in order(len(items), stream, seed, buffer_size, epoch if reshuffle else 0)]

    return run


@cache
def order(n: int, stream: bool, seed: int, buffer_size: int | None, epoch: int) -> list[int]:
    numbers = hr.range(n).filter(always) if stream else hr.range(n)
    return [int(i) for i in numbers.shuffle(buffer_size, seed=seed).iterator(epoch=epoch)]


def interleaved(plan: Plan, function: Callable[[Any], list[Any]], cycle_length: int, block_length: int) -> Plan:
    """A slot whose dataset has ended is filled again when its turn comes next."""

    def run(epoch: int) -> list[Any]:
        inputs, result = iter(plan(epoch)), []
        slots: list[list[Any] | None] = [None] * cycle_length
        ended = turn = 0
        while ended < cycle_length:
            slot, slots[turn] = slots[turn], None
            if slot is None:
                item = next(inputs, None)
                ended = ended + 1 if item is None else 0
                slot = item if item is None else [ERROR] if item is ERROR else function(item)
                if item is ERROR:
                    result, slot = result + [ERROR], None
            else:
                ended = 0
            if slot is not None:
                result += slot[:block_length]
                slots[turn] = slot[block_length:] if len(slot) >= block_length else None
            turn = (turn + 1) % cycle_length
        return result

    return run


def windowed(items: list[Any], size: int, shift: int, stride: int = 1, drop_remainder: bool = False) -> list[list[Any]]:
    all_rows = [items[start : start + size * stride : stride] for start in range(0, len(items), shift)]
    return [rows for rows in all_rows if len(rows) == size or not drop_remainder]


def windows(plan: Plan, size: int, shift: int, stride: int = 1, drop_remainder: bool = False) -> Plan:
    """Windows of pairs: a dataset of each of the two."""

    def of_part(rows: list[Any], part: int) -> Any:
        return "dataset", [row if row is ERROR else row[part] for row in rows]

    return lambda epoch: [(of_part(rows, 0), of_part(rows, 1)) for rows in windowed(plan(epoch), size, shift, stride, drop_remainder)]


def keyed(plan: Plan, key: Callable[[Any], int], size: Callable[[int], int]) -> Plan:
    """The groups, as lists, in the order in which they fill; at the end by ascending key."""

    def run(epoch: int) -> list[Any]:
        groups: dict[int, list[Any]] = {}
        result: list[Any] = []
        for item in plan(epoch):
            if item is ERROR:
                result.append(ERROR)
                continue
            group = groups.setdefault(key(item), [])
            group.append(item)
            if len(group) == size(key(item)):
                result.append(groups.pop(key(item)))
        return result + [groups[k] for k in sorted(groups)]

    return run


def bucketed(plan: Plan, boundary: int, sizes: list[int] | None, tokens: int | None, drop_remainder: bool) -> Plan:
    """Rows in two buckets, below a length and from it on; batches are full by number, or by rows times the longest."""

    def run(epoch: int) -> list[Any]:
        buckets: tuple[list[Any], list[Any]] = [], []
        result: list[Any] = []
        for row in plan(epoch):
            if row is ERROR:
                result.append(ERROR)
                continue
            bucket = buckets[len(row) >= boundary]
            if tokens and bucket and (len(bucket) + 1) * max(map(len, [*bucket, row])) > tokens:
                result.append(padded(bucket))
                bucket.clear()
            bucket.append(row)
            if sizes and len(bucket) == sizes[len(row) >= boundary]:
                result.append(padded(bucket))
                bucket.clear()
        return result + [padded(bucket) for bucket in buckets if bucket and not drop_remainder]

    return run


def mix(a: int, b: int | None = None) -> int:
    """splitmix64, as in pipeline/random.hpp."""
    full = 2**64 - 1
    if b is not None:
        return mix(mix(a) ^ ((b * 0xD1342543DE82EF95 + 1) & full))
    x = (a + 0x9E3779B97F4A7C15) & full
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & full
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & full
    return x ^ (x >> 31)


def random_key(seed: int, use: bytes, epoch: int) -> int:
    key = mix(seed)
    for number in (*use, epoch):
        key = mix(key, number)
    return key


def random_numbers(seed: int, count: int, epoch: int = 0) -> list[int]:
    """What random() gives."""
    key = random_key(seed, b"random", epoch)
    return [mix(key, position) >> 32 for position in range(count)]


def always(*_: Any) -> bool:
    return True
