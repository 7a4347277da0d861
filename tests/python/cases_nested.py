"""The contract's cases of datasets made of elements."""

from __future__ import annotations

from typing import Any

import headrace as hr
import model
from contract import Case, becomes_stream
from model import Plan


def some(i: Any, pair: Any) -> hr.Dataset:
    return hr.range(10 * int(i), 10 * int(i) + int(i) % 4)


def some_items(item: Any) -> list[int]:
    return list(range(10 * item[0], 10 * item[0] + item[0] % 4))


def interleave_case(cycle_length: int, block_length: int, calls: int | None = None) -> Case:
    text = f"interleave({cycle_length}, {block_length}, num_parallel_calls={calls})"
    return becomes_stream(
        "interleave",
        text,
        lambda up: up.interleave(some, cycle_length, block_length, num_parallel_calls=calls),
        lambda p, s: model.interleaved(p, some_items, cycle_length, block_length),
    )


def rezipped(i: hr.Dataset, pair: hr.Dataset) -> hr.Dataset:
    return hr.zip((i, pair)).skip(1)


def rewindowed(plan: Plan, _: bool) -> Plan:
    return lambda epoch: [item for start in range(0, len(plan(epoch)), 3) for item in plan(epoch)[start : start + 3][1:]]


CASES = [
    becomes_stream("flat_map", "flat_map", lambda up: up.flat_map(some), lambda p, s: model.interleaved(p, some_items, 1, 1000)),
    becomes_stream("flat_map", "window(3).flat_map(zip, skip)", lambda up: up.window(3).flat_map(rezipped), rewindowed),
    interleave_case(1, 1),
    interleave_case(3, 1),
    interleave_case(3, 2),
    interleave_case(8, 5),
    interleave_case(3, 1, calls=2),
    interleave_case(4, 3, calls=4),
]
