"""What every case of the contract tests is made of. The cases themselves are in cases_*.py, by the kind of stage: each stage of
headrace's list, with what the model says of it. A new stage gets its cases there.

The upstream of a case gives elements (i, pair): an int64 and two float32.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import headrace as hr
import model
from model import ERROR, Boom, Plan

ROWS = 13
HERE = Path(__file__).parent
FAILING = (4, 9)


@dataclass(frozen=True)
class Case:
    stage: str
    text: str
    attach: Callable[[hr.Dataset], hr.Dataset]
    model: Callable[[Plan, bool], Plan]  # upstream's plan, and whether it is a stream
    exact: bool = True  # the cardinality follows from upstream's
    stays_random: bool = True  # random access where upstream has it
    reshuffles: bool = False  # another order each epoch
    source: bool = False  # there is no upstream

    def __str__(self) -> str:
        return self.text


def arrays(n: int) -> tuple[Any, Any]:
    return np.arange(n), np.stack([np.arange(n), -np.arange(n)], axis=1).astype(np.float32) / 2


def items(n: int) -> list[Any]:
    return [(i, [i / 2, -i / 2]) for i in range(n)]


def fail_some(i: np.int64, pair: Any) -> Any:
    if i in FAILING:
        raise Boom(f"at {i}")
    return i, pair


def upstream(n: int, stream: bool, failing: bool = False) -> hr.Dataset:
    ds = hr.from_tensor_slices(arrays(n))
    if failing:
        ds = ds.map(fail_some)
    return ds.filter(lambda i, pair: True) if stream else ds


def upstream_model(n: int, failing: bool = False) -> Plan:
    return lambda epoch: [ERROR if failing and i in FAILING else item for i, item in enumerate(items(n))]


def double(i: Any, pair: Any) -> Any:
    return {"twice": i * 2, "pair": pair}


def cut(start: int | None, stop: int | None, step: int | None = None) -> Callable[[Plan, bool], Plan]:
    return lambda plan, _: lambda epoch: plan(epoch)[start:stop:step]


def same(plan: Plan, _: bool) -> Plan:
    return plan


def becomes_stream(stage: str, text: str, attach: Callable[[hr.Dataset], hr.Dataset], expected: Callable[[Plan, bool], Plan]) -> Case:
    return Case(stage, text, attach, expected, exact=False, stays_random=False)


def doubled(plan: Plan, _: bool) -> Plan:
    return model.mapped(plan, lambda item: {"twice": item[0] * 2, "pair": item[1]})


def source(stage: str, text: str, make: Callable[[], hr.Dataset], elements: list[Any], streams: bool = False) -> Case:
    return Case(
        stage, text, lambda up: make(), lambda plan, _: lambda epoch: elements, exact=not streams, stays_random=not streams, source=True
    )


def numbered_rows() -> hr.RaggedTensor:
    lengths = [i % 4 for i in range(ROWS)]
    return hr.RaggedTensor(np.repeat(np.arange(ROWS), lengths), np.cumsum([0, *lengths]))


ROWS_OF_DIFFERING_LENGTHS = [[i] * (i % 4) for i in range(ROWS)]


def sparse_rows(order: Any = slice(None)) -> hr.SparseTensor:
    """The same rows at the beginning of four places each; the items in any order."""
    lengths = [i % 4 for i in range(ROWS)]
    places = np.array([[i, k] for i, length in enumerate(lengths) for k in range(length)])
    return hr.SparseTensor(places[order], np.repeat(np.arange(ROWS), lengths)[order], [ROWS, 4])
