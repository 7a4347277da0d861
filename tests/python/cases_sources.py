"""The contract's cases of sources and combiners."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np

import headrace as hr
import model
from contract import Case, HERE, ROWS, ROWS_OF_DIFFERING_LENGTHS, arrays, becomes_stream, cut, items, numbered_rows, same, source, sparse_rows
from model import Plan


def generated(text: str, make: Callable[[], hr.Dataset], elements: list[Any]) -> Case:
    return source("from_generator", text, make, elements, streams=True)


def yields() -> Iterator[Any]:
    numbers, pairs = arrays(ROWS)
    for i in range(ROWS):
        yield numbers[i], pairs[i].copy()


class Counting:
    def __init__(self, stop: Any) -> None:
        self.at, self.stop = 0, int(stop)

    def __iter__(self) -> Iterator[int]:
        while self.at < self.stop:
            self.at += 1
            yield self.at - 1

    def state_dict(self) -> dict[str, int]:
        return {"at": self.at}

    def load_state_dict(self, state: dict[str, int]) -> None:
        self.at = state["at"]


INT64 = hr.TensorSpec((), np.int64)


def chosen(choices: list[int], stop: bool = True) -> Callable[[Plan, bool], Plan]:
    return lambda plan, _: model.chosen([plan, lambda epoch: plan(epoch)[2:5]], choices, stop)


def choose(up: hr.Dataset, choices: list[int], stop: bool = True) -> hr.Dataset:
    return hr.choose_from_datasets([up, up.skip(2).take(3)], hr.from_tensor_slices(np.array(choices)), stop)


def sampled(up: hr.Dataset) -> hr.Dataset:
    return hr.sample_from_datasets([up, up.skip(2).take(3)], [3, 1], seed=5, rerandomize_each_iteration=True)


def sample_model(plan: Plan, stream: bool) -> Plan:
    return model.sampled([plan, lambda epoch: plan(epoch)[2:5]], [3, 1], 5)


SPARSE_ROWS = [model.sparse_row(row, 4) for row in ROWS_OF_DIFFERING_LENGTHS]

CASES = [
    generated("from_generator", lambda: hr.from_generator(yields), items(ROWS)),
    generated("from_generator, saying its state", lambda: hr.from_generator(Counting, INT64, args=(200,)), list(range(200))),
    source("from_tensor_slices", "from_tensor_slices", lambda: hr.from_tensor_slices(arrays(ROWS)), items(ROWS)),
    source("from_tensor_slices", "from_tensor_slices of a dict", lambda: hr.from_tensor_slices({"a": np.arange(3)}), [{"a": i} for i in range(3)]),
    source("from_tensor_slices", "from_tensor_slices, strided", lambda: hr.from_tensor_slices(np.arange(20)[::-2]), list(range(19, 0, -2))),
    source("from_tensor_slices", "from_tensor_slices of no rows", lambda: hr.from_tensor_slices(np.zeros((0, 2))), []),
    source("from_tensors", "from_tensors", lambda: hr.from_tensors((np.arange(3), 7)), [([0, 1, 2], 7)]),
    source("from_tensor_slices", "from_tensor_slices, ragged", lambda: hr.from_tensor_slices(numbered_rows()), ROWS_OF_DIFFERING_LENGTHS),
    source("from_tensor_slices", "from_tensor_slices, sparse", lambda: hr.from_tensor_slices(sparse_rows()), SPARSE_ROWS),
    source(
        "from_tensor_slices",
        "from_tensor_slices, sparse from its end beside an array",
        lambda: hr.from_tensor_slices((sparse_rows(slice(None, None, -1)), np.arange(ROWS))),
        [(row | {"indices": row["indices"][::-1]}, i) for i, row in enumerate(SPARSE_ROWS)],
    ),
    source("from_tensors", "from_tensors, ragged", lambda: hr.from_tensors(numbered_rows()), [model.ragged(ROWS_OF_DIFFERING_LENGTHS)]),
    source("counter", "counter(3, -2).take(5)", lambda: hr.counter(3, -2).take(5), [3, 1, -1, -3, -5]),
    source("counter", "counter(dtype)", lambda: hr.counter(250, 3, np.uint8).take(4), [250, 253, 0, 3]),
    source("list_files", "list_files", lambda: hr.list_files(HERE / "mo[cd]*.p?"), [str(HERE / "model.py")]),
    Case(
        "list_files",
        "list_files(shuffle=True)",
        lambda up: hr.list_files([HERE / "con*.py", HERE / "[mc]o*.py"], shuffle=True, seed=5),
        lambda p, s: model.shuffled(lambda epoch: [str(HERE / f"{name}.py") for name in ("conftest", "contract", "model")], False, 5),
        reshuffles=True,
        source=True,
    ),
    source("random", "random(seed=3)", lambda: hr.random(seed=3).take(6), model.random_numbers(3, 6)),
    Case(
        "random",
        "random, rerandomized",
        lambda up: hr.random(4, rerandomize_each_iteration=True).take(5),
        lambda p, s: lambda epoch: model.random_numbers(4, 5, epoch),
        reshuffles=True,
        source=True,
    ),
    becomes_stream("choose_from_datasets", "choose", lambda up: choose(up, [0, 0, 1, 0, 1] * 3), chosen([0, 0, 1, 0, 1] * 3)),
    becomes_stream("choose_from_datasets", "choose, not stopping", lambda up: choose(up, [0, 1] * 9, False), chosen([0, 1] * 9, False)),
    replace(becomes_stream("sample_from_datasets", "sample_from_datasets", sampled, sample_model), reshuffles=True, exact=True),
    source("range", "range(7)", lambda: hr.range(7), list(range(7))),
    source("range", "range(10, -3, -4)", lambda: hr.range(10, -3, -4), list(range(10, -3, -4))),
    source("range", "range(0)", lambda: hr.range(0), []),
    Case("zip", "zip of a tuple", lambda up: hr.zip((up, up.skip(1))), lambda p, s: model.zipped(p, cut(1, None)(p, s))),
    Case("zip", "zip of a dict", lambda up: hr.zip({"a": up}), lambda p, s: model.mapped(p, lambda item: {"a": item})),
    Case("zip", "zip of one", lambda up: hr.zip(up), same),
    Case("concatenate", "concatenate", lambda up: up.concatenate(up.take(2)), lambda p, s: lambda epoch: p(epoch) + p(epoch)[:2]),
]
