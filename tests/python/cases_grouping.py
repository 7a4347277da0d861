"""The contract's cases of stages that make batches, windows and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

import headrace as hr
import model
from contract import Case, ROWS, ROWS_OF_DIFFERING_LENGTHS, becomes_stream, double, doubled, numbered_rows, source, sparse_rows
from model import ERROR, Plan


def window_case(size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False) -> Case:
    return Case(
        "window",
        f"window({size}, {shift}, {stride}, {drop_remainder})",
        lambda up: up.window(size, shift, stride, drop_remainder),
        lambda p, s: model.windows(p, size, shift or size, stride, drop_remainder),
    )


def third(i: Any, pair: Any) -> Any:
    return i % 3


def first_of_pairs(key: Any, window: hr.Dataset) -> hr.Dataset:
    return window.map(lambda i, pair: i).batch(2)


def grouped_pairs(size: Callable[[int], int]) -> Callable[[Plan, bool], Plan]:
    def batches(group: Any) -> list[Any]:
        firsts = [item[0] for item in group]
        return [firsts[k : k + 2] for k in range(0, len(firsts), 2)]

    def expected(plan: Plan, _: bool) -> Plan:
        groups = model.keyed(plan, lambda item: int(item[0] % 3), size)
        return lambda epoch: [b for group in groups(epoch) for b in ([ERROR] if group is ERROR else batches(group))]

    return expected


def grow(i: np.int64, pair: Any) -> Any:
    """i % 4 times i, so that rows differ in length."""
    return np.repeat(i, i % 4)


def as_sparse(row: Any) -> hr.SparseTensor:
    return hr.SparseTensor(np.arange(len(row))[:, None], row, [4])


def growing(plan: Plan) -> Plan:
    return model.mapped(plan, lambda item: [item[0]] * (item[0] % 4))


def grown(stage: str, text: str, attach: Callable[[hr.Dataset], hr.Dataset], size: int, group: Callable[[list[Any]], Any], drop: bool = False) -> Case:
    return Case(stage, text, lambda up: attach(up.map(grow)), lambda p, s: model.grouped(growing(p), size, group, drop))


def bucketed(text: str, **options: Any) -> Case:
    """Rows of 0 to 3 items in buckets below 2 and from 2 on."""

    def expected(plan: Plan, _: bool) -> Plan:
        return model.bucketed(growing(plan), 2, options.get("bucket_batch_sizes"), options.get("tokens_per_batch"), options.get("drop_remainder", False))

    return becomes_stream("bucket_by_sequence_length", text, lambda up: up.map(grow).bucket_by_sequence_length(len, [2], **options), expected)


def bucketed_where_they_lie(text: str, rows: Callable[[], hr.Dataset], length: Callable[..., int], **options: Any) -> Case:
    """The same of rows that lie in an array, of which only the places are held."""
    plan = model.bucketed(lambda epoch: ROWS_OF_DIFFERING_LENGTHS, 2, options.get("bucket_batch_sizes"), options.get("tokens_per_batch"), False)
    attach: Callable[[hr.Dataset], hr.Dataset] = lambda up: rows().bucket_by_sequence_length(length, [2], **options)
    return Case("bucket_by_sequence_length", text, attach, lambda _up, _: plan, exact=False, stays_random=False, source=True)


def lying() -> hr.Dataset:
    return hr.from_tensor_slices(numbered_rows())


def groups_of_three(group: Callable[[list[Any]], Any]) -> list[Any]:
    return [group(ROWS_OF_DIFFERING_LENGTHS[i : i + 3]) for i in range(0, ROWS, 3)]


CASES = [
    source(
        "padded_batch",
        "ragged rows, padded_batch(3)",
        lambda: hr.from_tensor_slices(numbered_rows()).padded_batch(3),
        groups_of_three(model.padded),
    ),
    source(
        "ragged_batch",
        "ragged rows, ragged_batch(3)",
        lambda: hr.from_tensor_slices(numbered_rows()).ragged_batch(3),
        groups_of_three(model.ragged),
    ),
    Case("batch", "batch(3)", lambda up: up.batch(3), lambda p, s: model.batch(p, 3)),
    Case("batch", "batch(3, drop_remainder=True)", lambda up: up.batch(3, drop_remainder=True), lambda p, s: model.batch(p, 3, True)),
    source("batch", "sparse rows, batch(3)", lambda: hr.from_tensor_slices(sparse_rows()).batch(3), groups_of_three(lambda rows: model.sparse(rows, 4))),
    grown("batch", "batch(3) of SparseTensors", lambda up: up.map(as_sparse).batch(3), 3, lambda rows: model.sparse(rows, 4)),
    Case("batch", "batch(100)", lambda up: up.batch(100), lambda p, s: model.batch(p, 100)),
    bucketed("bucket_by_sequence_length(sizes)", bucket_batch_sizes=[2, 3]),
    bucketed("bucket_by_sequence_length(drop_remainder)", bucket_batch_sizes=[2, 3], drop_remainder=True),
    bucketed("bucket_by_sequence_length(tokens)", tokens_per_batch=6),
    bucketed_where_they_lie("rows where they lie, bucket_by_sequence_length", lying, len, bucket_batch_sizes=[2, 3]),
    bucketed_where_they_lie("rows where they lie, bucket_by_sequence_length(tokens)", lying, len, tokens_per_batch=6),
    bucketed_where_they_lie(
        "rows where they lie, bucket_by_sequence_length(function)", lambda: lying().skip(0), lambda row: len(row), bucket_batch_sizes=[2, 3]
    ),
    becomes_stream("group_by_window", "group_by_window(3)", lambda up: up.group_by_window(third, first_of_pairs, 3), grouped_pairs(lambda key: 3)),
    becomes_stream(
        "group_by_window",
        "group_by_window(sizes)",
        lambda up: up.group_by_window(third, first_of_pairs, window_size_func=lambda key: key + 1),
        grouped_pairs(lambda key: key + 1),
    ),
    grown("padded_batch", "padded_batch(3)", lambda up: up.padded_batch(3), 3, model.padded),
    grown("padded_batch", "padded_batch(100)", lambda up: up.padded_batch(100), 100, model.padded),
    grown(
        "padded_batch",
        "padded_batch(3, [4], -1, drop_remainder=True)",
        lambda up: up.padded_batch(3, [4], -1, drop_remainder=True),
        3,
        lambda rows: model.padded(rows, 4, -1),
        True,
    ),
    Case("padded_batch", "padded_batch(4) of equal rows", lambda up: up.padded_batch(4), lambda p, s: model.batch(p, 4)),
    grown("ragged_batch", "ragged_batch(3)", lambda up: up.ragged_batch(3), 3, model.ragged),
    grown("ragged_batch", "ragged_batch(3, drop_remainder=True)", lambda up: up.ragged_batch(3, drop_remainder=True), 3, model.ragged, True),
    source("ragged_batch", "ragged_batch(4) of equal rows", lambda: hr.from_tensor_slices(np.arange(6).reshape(3, 2)).ragged_batch(2), [[[0, 1], [2, 3]], [[4, 5]]]),
    Case("rebatch", "batch(4).rebatch(3)", lambda up: up.batch(4).rebatch(3), lambda p, s: model.batch(model.rebatched(p, 4, s), 3)),
    Case("rebatch", "map(double).batch(4).rebatch(3)", lambda up: up.map(double).batch(4).rebatch(3), lambda p, s: model.batch(model.rebatched(doubled(p, s), 4, s), 3)),
    Case(
        "rebatch",
        "batch(2).rebatch(5, drop_remainder=True)",
        lambda up: up.batch(2).rebatch(5, drop_remainder=True),
        lambda p, s: model.batch(model.rebatched(p, 2, s), 5, True),
    ),
    becomes_stream(
        "rebatch",
        "batch(4).map(double).rebatch(3)",
        lambda up: up.batch(4).map(double).rebatch(3),
        lambda p, s: model.batch(model.rebatched(doubled(p, s), 4, True), 3),
    ),
    grown("sparse_batch", "sparse_batch(3, [4])", lambda up: up.sparse_batch(3, [4]), 3, lambda rows: model.sparse(rows, 4)),
    grown("sparse_batch", "sparse_batch(5, [None])", lambda up: up.sparse_batch(5, [None]), 5, model.sparse),
    Case(
        "unbatch",
        "sparse_batch(4).unbatch()",
        lambda up: up.map(grow).sparse_batch(4, [4]).unbatch(),
        lambda p, s: model.mapped(model.rebatched(growing(p), 4, s, equal=False), lambda row: model.sparse_row(row, 4)),
    ),
    Case(
        "rebatch",
        "sparse_batch(4).rebatch(3)",
        lambda up: up.map(grow).sparse_batch(4, [4]).rebatch(3),
        lambda p, s: model.grouped(model.rebatched(growing(p), 4, s, equal=False), 3, lambda rows: model.sparse(rows, 4)),
    ),
    Case("unbatch", "batch(4).unbatch()", lambda up: up.batch(4).unbatch(), lambda p, s: model.rebatched(p, 4, s)),
    Case("unbatch", "map(double).batch(4).unbatch()", lambda up: up.map(double).batch(4).unbatch(), lambda p, s: model.rebatched(doubled(p, s), 4, s)),
    becomes_stream(
        "unbatch",
        "batch(4).map(double).unbatch()",
        lambda up: up.batch(4).map(double).unbatch(),
        lambda p, s: model.rebatched(doubled(p, s), 4, True),
    ),
    window_case(3),
    window_case(3, 1),
    window_case(2, 5),
    window_case(3, 2, 2),
    window_case(3, 1, 2, True),
]
