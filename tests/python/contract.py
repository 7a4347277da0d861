"""The cases of the contract tests: each stage of headrace's list with what the model says of it.

The upstream of a case gives elements (i, pair): an int64 and two float32. A new stage gets its cases here.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import count
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


def cut(start: int | None, stop: int | None, step: int | None = None) -> Callable[[Plan, bool], Plan]:
    return lambda plan, _: lambda epoch: plan(epoch)[start:stop:step]


def same(plan: Plan, _: bool) -> Plan:
    return plan


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


def becomes_stream(stage: str, text: str, attach: Callable[[hr.Dataset], hr.Dataset], expected: Callable[[Plan, bool], Plan]) -> Case:
    return Case(stage, text, attach, expected, exact=False, stays_random=False)


def doubled(plan: Plan, _: bool) -> Plan:
    return model.mapped(plan, lambda item: {"twice": item[0] * 2, "pair": item[1]})


@cache
def folders() -> Path:
    path = Path(tempfile.mkdtemp(prefix="headrace-"))
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


NUMBERS = count()


def new_path() -> Path:
    return folders() / str(next(NUMBERS))


@cache
def saved(n: int) -> Path:
    path = new_path()
    upstream(n, stream=True).save(path)
    return path


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


def source(stage: str, text: str, make: Callable[[], hr.Dataset], elements: list[Any]) -> Case:
    return Case(stage, text, lambda up: make(), lambda plan, _: lambda epoch: elements, source=True)


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


def window_case(size: int, shift: int | None = None, stride: int = 1, drop_remainder: bool = False) -> Case:
    return Case(
        "window",
        f"window({size}, {shift}, {stride}, {drop_remainder})",
        lambda up: up.window(size, shift, stride, drop_remainder),
        lambda p, s: model.windows(p, size, shift or size, stride, drop_remainder),
    )


def rezipped(i: hr.Dataset, pair: hr.Dataset) -> hr.Dataset:
    return hr.zip((i, pair)).skip(1)


def rewindowed(plan: Plan, _: bool) -> Plan:
    return lambda epoch: [item for start in range(0, len(plan(epoch)), 3) for item in plan(epoch)[start : start + 3][1:]]


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


def numbered_rows() -> hr.RaggedTensor:
    lengths = [i % 4 for i in range(ROWS)]
    return hr.RaggedTensor(np.repeat(np.arange(ROWS), lengths), np.cumsum([0, *lengths]))


def lying() -> hr.Dataset:
    return hr.from_tensor_slices(numbered_rows())


ROWS_OF_DIFFERING_LENGTHS = [[i] * (i % 4) for i in range(ROWS)]


def groups_of_three(group: Callable[[list[Any]], Any]) -> list[Any]:
    return [group(ROWS_OF_DIFFERING_LENGTHS[i : i + 3]) for i in range(0, ROWS, 3)]


def generated(text: str, make: Callable[[], hr.Dataset], elements: list[Any]) -> Case:
    return Case(
        "from_generator", text, lambda up: make(), lambda plan, _: lambda epoch: elements, exact=False, stays_random=False, source=True
    )


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


CASES = [
    generated("from_generator", lambda: hr.from_generator(yields), items(ROWS)),
    generated("from_generator, saying its state", lambda: hr.from_generator(Counting, INT64, args=(200,)), list(range(200))),
    source("from_tensor_slices", "from_tensor_slices", lambda: hr.from_tensor_slices(arrays(ROWS)), items(ROWS)),
    source("from_tensor_slices", "from_tensor_slices of a dict", lambda: hr.from_tensor_slices({"a": np.arange(3)}), [{"a": i} for i in range(3)]),
    source("from_tensor_slices", "from_tensor_slices, strided", lambda: hr.from_tensor_slices(np.arange(20)[::-2]), list(range(19, 0, -2))),
    source("from_tensor_slices", "from_tensor_slices of no rows", lambda: hr.from_tensor_slices(np.zeros((0, 2))), []),
    source("from_tensors", "from_tensors", lambda: hr.from_tensors((np.arange(3), 7)), [([0, 1, 2], 7)]),
    source("from_tensor_slices", "from_tensor_slices, ragged", lambda: hr.from_tensor_slices(numbered_rows()), ROWS_OF_DIFFERING_LENGTHS),
    source("from_tensors", "from_tensors, ragged", lambda: hr.from_tensors(numbered_rows()), [model.ragged(ROWS_OF_DIFFERING_LENGTHS)]),
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
    Case("batch", "batch(3)", lambda up: up.batch(3), lambda p, s: model.batch(p, 3)),
    Case("batch", "batch(3, drop_remainder=True)", lambda up: up.batch(3, drop_remainder=True), lambda p, s: model.batch(p, 3, True)),
    Case("batch", "batch(100)", lambda up: up.batch(100), lambda p, s: model.batch(p, 100)),
    Case("cache", "cache()", lambda up: up.cache(), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename)", lambda up: up.cache(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("cache", "cache(filename).shuffle()", lambda up: up.cache(new_path()).shuffle(4, seed=5), lambda p, s: model.shuffled(p, s, 5, 4), reshuffles=True),
    Case("snapshot", "snapshot", lambda up: up.snapshot(new_path()), lambda p, s: lambda epoch: p(0)),
    Case("snapshot", "snapshot that may be there", lambda up: up.snapshot(folders() / "snapshots"), lambda p, s: lambda epoch: p(0)),
    source("load", "load", lambda: hr.load(saved(ROWS)), items(ROWS)),
    source("load", "load of no rows", lambda: hr.load(saved(0)), []),
    Case("concatenate", "concatenate", lambda up: up.concatenate(up.take(2)), lambda p, s: lambda epoch: p(epoch) + p(epoch)[:2]),
    Case("enumerate", "enumerate(start=5)", lambda up: up.enumerate(start=5), lambda p, s: model.enumerated(p, 5)),
    bucketed("bucket_by_sequence_length(sizes)", bucket_batch_sizes=[2, 3]),
    bucketed("bucket_by_sequence_length(drop_remainder)", bucket_batch_sizes=[2, 3], drop_remainder=True),
    bucketed("bucket_by_sequence_length(tokens)", tokens_per_batch=6),
    bucketed_where_they_lie("rows where they lie, bucket_by_sequence_length", lying, len, bucket_batch_sizes=[2, 3]),
    bucketed_where_they_lie("rows where they lie, bucket_by_sequence_length(tokens)", lying, len, tokens_per_batch=6),
    bucketed_where_they_lie(
        "rows where they lie, bucket_by_sequence_length(function)", lambda: lying().skip(0), lambda row: len(row), bucket_batch_sizes=[2, 3]
    ),
    becomes_stream("filter", "filter(odd)", lambda up: up.filter(odd), kept(odd)),
    becomes_stream("filter", "filter(seventh)", lambda up: up.filter(seventh), kept(seventh)),
    becomes_stream("flat_map", "flat_map", lambda up: up.flat_map(some), lambda p, s: model.interleaved(p, some_items, 1, 1000)),
    becomes_stream("flat_map", "window(3).flat_map(zip, skip)", lambda up: up.window(3).flat_map(rezipped), rewindowed),
    becomes_stream("group_by_window", "group_by_window(3)", lambda up: up.group_by_window(third, first_of_pairs, 3), grouped_pairs(lambda key: 3)),
    becomes_stream(
        "group_by_window",
        "group_by_window(sizes)",
        lambda up: up.group_by_window(third, first_of_pairs, window_size_func=lambda key: key + 1),
        grouped_pairs(lambda key: key + 1),
    ),
    interleave_case(1, 1),
    interleave_case(3, 1),
    interleave_case(3, 2),
    interleave_case(8, 5),
    interleave_case(3, 1, calls=2),
    interleave_case(4, 3, calls=4),
    becomes_stream("ignore_errors", "ignore_errors()", lambda up: up.ignore_errors(), good_ones),
    becomes_stream("ignore_errors", "ignore_errors(max_fraction=0.5)", lambda up: up.ignore_errors(max_fraction=0.5), good_ones),
    Case("map", "map(double)", lambda up: up.map(double), doubled),
    Case("map", "map(double, num_parallel_calls=3)", lambda up: up.map(double, num_parallel_calls=3), doubled),
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
    grown("sparse_batch", "sparse_batch(3, [4])", lambda up: up.sparse_batch(3, [4]), 3, lambda rows: model.sparse(rows, 4)),
    grown("sparse_batch", "sparse_batch(5, [None])", lambda up: up.sparse_batch(5, [None]), 5, model.sparse),
    Case("take", "take(6)", lambda up: up.take(6), cut(None, 6)),
    Case("take", "take(-1)", lambda up: up.take(-1), same),
    becomes_stream("take_while", "take_while(below_seven)", lambda up: up.take_while(below_seven), lambda p, s: model.taken_while(p, below_seven)),
    becomes_stream("take_while", "take_while(always)", lambda up: up.take_while(model.always), same),
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
    becomes_stream("unique", "unique", lambda up: up.map(remainder).unique(), lambda p, s: model.once(model.mapped(p, lambda item: remainder(*item)))),
    becomes_stream("unique", "unique of all", lambda up: up.unique(), same),
    Case("with_options", "with_options(threads=2)", lambda up: up.with_options(threads=2), same),
    Case("apply", "apply", lambda up: up.apply(lambda ds: ds.skip(1).take(4)), cut(1, 5)),
]

