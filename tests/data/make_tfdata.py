"""Writes tfdata.json: random plans, and what TensorFlow's tf.data makes of them.

    python tests/data/make_tfdata.py [count] [path]      with TensorFlow installed

Each line of the file is one plan (tests/python/tfdata.py says how it reads) with tf.data's elements, cardinality and dtypes.
tests/python/test_tfdata.py builds the same plans with headrace and compares. The seed is fixed: the same TensorFlow writes
the same file.

Left out, since headrace differs there on purpose:
- what random stages give (shuffle, sample_from_datasets, rejection_resample, random): other generators;
- iteration after an error, and what goes over one: in headrace an error has a position, which skip, shard and a dropped
  remainder count. A plan ends at its first error, none of these follows, and ignore_errors stands right behind the function
  that raises;
- ragged_batch of rows whose sizes one of the two knows: after a Python function sizes count as not known in headrace;
- pad_to_bucket_boundary without padded_shapes, which headrace asks for where sizes are not known;
- the cardinality of repeat() over an unknown number: INFINITE in tf.data, even if nothing comes, UNKNOWN in headrace;
- skip(-1) of an endless dataset: nothing comes, and tf.data's cardinality is INFINITE all the same;
- unbatch of a known number of elements after a function, whose results' sizes tf.data may know: their number is UNKNOWN in
  headrace;
- interleave without a cycle_length; options that headrace has not (compression, synchronous and the like).
tf.data runs without its rewrites of the graph: map and batch made one, for instance, stack rows of a dropped remainder.
Plans that tf.data refuses when a stage is attached, or before the first element is asked for, are not plans.
"""

import json
import os
import random
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
sys.path.insert(0, str(Path(__file__).parents[1] / "python"))

import tensorflow as tf  # noqa: E402

import tfdata  # noqa: E402
from tfdata import Library, leaves  # noqa: E402

SEED = 20240611
BYTES = 900  # a longer line is not kept
Random = random.Random
OPTIONS = tf.data.Options()
OPTIONS.experimental_optimization.apply_default_optimizations = False


def tf_total(part: tf.Tensor) -> tf.Tensor:
    return tf.reduce_sum(tf.cast(tf.strings.length(part) if part.dtype == tf.string else part, tf.int64))


def tf_refuse(bad: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
    with tf.control_dependencies([tf.debugging.Assert(tf.logical_not(bad), ["refused"])]):
        return tf.identity(value)


TF = Library(
    Dataset=tf.data.Dataset,
    ragged=tf.RaggedTensor.from_row_splits,
    spec=lambda shape, dtype: tf.TensorSpec(shape, tf.string if dtype == object else dtype),
    total=tf_total,
    length=lambda part: tf.shape(part)[0],
    count=tf.range,
    refuse=tf_refuse,
    function=tf.autograph.experimental.do_not_convert,
    error=tf.errors.OpError,
    array=lambda part: part.numpy(),
)


# What the elements so far must be for a stage to fit: tests of tf.data's element_spec.
def dense(spec: Any) -> bool:
    return all(isinstance(part, tf.TensorSpec) and part.shape.rank is not None for part in leaves(spec))


def ranks(spec: Any) -> list[int]:
    return [part.shape.rank for part in leaves(spec)] if dense(spec) else []


def anything(spec: Any) -> bool:
    return True


def with_axis(spec: Any) -> bool:
    return dense(spec) and min(ranks(spec), default=0) >= 1


def single(spec: Any) -> bool:
    return isinstance(spec, tf.TensorSpec) and dense(spec)


def scalar(spec: Any) -> bool:
    return single(spec) and spec.shape.rank == 0


def row(spec: Any) -> bool:
    return single(spec) and spec.shape.rank == 1


def growing(spec: Any) -> bool:
    """Some rows of a size that is not known, and nothing else with axes."""
    sizes = [tuple(part.shape) for part in leaves(spec)] if dense(spec) else []
    return (None,) in sizes and set(sizes) <= {(), (None,)}


def windows(spec: Any) -> bool:
    return any(isinstance(part, tf.data.DatasetSpec) for part in leaves(spec))


def flip(r: Random) -> bool:
    return r.random() < 0.5


def calls(r: Random) -> dict[str, Any]:
    return r.choice([{}, {}, {"num_parallel_calls": 2}])


def interleaved(r: Random, map_func: str) -> dict[str, Any]:
    parallel = r.choice([{}, {"num_parallel_calls": 2}, {"num_parallel_calls": 3, "deterministic": True}])
    return {"map_func": map_func, "cycle_length": r.randint(1, 4), "block_length": r.randint(1, 3), **parallel}


def buckets(r: Random) -> dict[str, Any]:
    options = r.choice([{}, {"pad_to_bucket_boundary": True, "padded_shapes": [None]}, {"drop_remainder": True}, {"padding_values": {"int64": -1}}])
    if "pad_to_bucket_boundary" in options:  # longer rows than the last boundary are an error in both
        return {"element_length_func": "length", "bucket_boundaries": [2, 7], "bucket_batch_sizes": [3, 2, 1], **options}
    sizes = {"bucket_boundaries": sorted(r.sample(range(1, 5), 2)), "bucket_batch_sizes": [r.randint(1, 3) for _ in range(3)]}
    return {"element_length_func": "length", **sizes, **options}


def padding(r: Random) -> dict[str, Any]:
    options: dict[str, Any] = {"batch_size": r.randint(1, 4), "drop_remainder": flip(r)}
    if flip(r):
        options["padded_shapes"] = [r.choice([None, 3, 4, 5])]
    if flip(r):
        options["padding_values"] = {"int64": r.randint(-1, 9)}
    return options


def source(r: Random) -> list[Any]:
    n = r.choice([0, 1, 2, 3, 5, 7, 8, 10, 12, 20, 30])
    sizes = ",".join(str(r.randint(0, 4)) for _ in range(min(n, 9)))
    tensors = r.choice([
        f"int64:{n}", f"int32:{n}", f"float32:{n},2", f"text:{n}", f"int64:{n},{r.randint(0, 3)},2", f"text:{n},2",
        {"()": [f"int32:{n}", f"int64:{n},2"]}, {"()": [f"int64:{n}", {"()": [f"text:{n}", f"float32:{n}"]}]}, {"()": [f"int64:{n}"]},
        {"x": f"int64:{n},3", "y": f"text:{n}"}, {"x": f"float64:{n}"}, {"a": {"()": [f"int64:{n}", f"uint8:{n}"]}, "b": f"int64:{n},1"},
    ])
    return r.choice([
        ["range", {"args": [n]}],
        ["range", {"args": [n]}],
        ["range", {"args": r.choice([[3, n], [n, 0, -2], [0, n, 3], [n, -3, -1]])}],
        ["from_tensor_slices", {"tensors": tensors}],
        ["from_tensor_slices", {"tensors": tensors}],
        ["from_tensor_slices", {"tensors": f"ragged:{sizes}" if sizes else "int64:0"}],
        ["from_tensors", {"tensors": tensors}],
        ["from_generator", {"items": r.choice([f"int64:{n}", f"int32:{n},2", f"text:{n}"])}],
        ["counter", {"start": r.randint(-3, 9), "step": r.randint(-2, 3)}],
    ])


def reshaped(r: Random) -> list[Any]:
    """The dataset again, shorter or shifted: it has the same kind of elements."""
    return [["self", {}], r.choice([["take", {"count": r.randint(0, 4)}], ["skip", {"count": r.randint(0, 4)}], ["repeat", {"count": 2}]])]


def ranged(r: Random) -> list[Any]:
    return [["range", {"args": [r.randint(0, 9)]}]]


def zipped(r: Random) -> Any:
    one, two = reshaped(r), ranged(r)
    this: list[Any] = [["self", {}]]
    return r.choice([this, {"()": [this]}, {"()": [one, this]}, {"()": [this, two, one]}, {"a": this, "b": two}, {"()": [{"b": one}, two]}])


def choices(r: Random) -> dict[str, Any]:
    in_turn = [["range", {"args": [3]}], ["repeat", {"count": r.randint(1, 3)}]]
    mixed = [["from_tensor_slices", {"tensors": f"int64:{r.randint(0, 9)}"}], ["map", {"map_func": "mod3"}]]
    picks = r.choice([in_turn, mixed])
    return {"datasets": {"()": [[["self", {}]], reshaped(r), reshaped(r)]}, "choice_dataset": picks, "stop_on_empty_dataset": flip(r)}


def grouped(r: Random) -> dict[str, Any]:
    reduce_func, size = r.choice(["batched", "one", "keyed"]), r.choice([{"window_size": r.randint(1, 4)}, {"window_size_func": "up_to_3"}])
    return {"key_func": "mod3", "reduce_func": reduce_func, **size}


def sharded(r: Random) -> dict[str, Any]:
    one, two, three = 0, r.randint(0, 1), r.randint(0, 2)
    num_shards, index = r.choice([(1, one), (2, two), (3, three)])
    return {"num_shards": num_shards, "index": index}


def reduced(r: Random) -> dict[str, Any]:
    number, pair = {"int64": 0}, {"()": [{"int64": 0}, {"int64": 1}]}
    return r.choice([{"initial_state": number, "reduce_func": "add"}, {"initial_state": pair, "reduce_func": "longest"}])


FOREVER = {"batch", "map", "take", "skip", "shard", "enumerate", "prefetch", "zip", "window", "scan", "cache"}  # what may follow repeat()
AFTER_ERRORS = {"map", "filter", "batch", "take", "enumerate", "prefetch", "flat_map", "interleave", "concatenate", "scan", "take_while", "cache"}
STAGES: list[tuple[str, Callable[[Any], bool], Callable[[Random], dict[str, Any]]]] = [
    ("batch", dense, lambda r: {"batch_size": r.randint(1, 5), "drop_remainder": flip(r)}),
    ("padded_batch", lambda spec: row(spec) and spec.dtype == tf.int64, padding),
    ("padded_batch", dense, lambda r: {"batch_size": r.randint(1, 4), "drop_remainder": flip(r)}),
    ("ragged_batch", growing, lambda r: {"batch_size": r.randint(1, 4), "drop_remainder": flip(r)}),
    ("sparse_batch", lambda spec: row(spec), lambda r: {"batch_size": r.randint(1, 4), "row_shape": [r.randint(3, 6)]}),
    ("rebatch", with_axis, lambda r: {"batch_size": r.randint(1, 5), "drop_remainder": flip(r)}),
    ("unbatch", with_axis, lambda r: {}),
    ("window", dense, lambda r: {"size": r.randint(1, 4), "shift": r.choice([None, 1, 2, 3]), "stride": r.randint(1, 2), "drop_remainder": flip(r)}),
    ("flat_map", windows, lambda r: {"map_func": r.choice(["zipped", "zipped_batch", "zipped_take"])}),
    ("flat_map", windows, lambda r: {"map_func": r.choice(["zipped", "zipped_batch", "zipped_take"])}),
    ("group_by_window", dense, grouped),
    ("bucket_by_sequence_length", lambda spec: row(spec) and spec.dtype == tf.int64, buckets),
    ("interleave", dense, lambda r: interleaved(r, r.choice(["to_range", "to_copies", "to_batches", "to_pairs"]))),
    ("interleave", with_axis, lambda r: interleaved(r, "to_slices")),
    ("flat_map", dense, lambda r: {"map_func": r.choice(["to_range", "to_copies", "to_pairs"])}),
    ("flat_map", with_axis, lambda r: {"map_func": "to_slices"}),
    ("filter", dense, lambda r: {"predicate": r.choice(["even", "not_third", "below_9", "never"])}),
    ("map", dense, lambda r: {"map_func": r.choice(["double", "total", "pair", "label", "flag", "first", "same"]), **calls(r)}),
    ("map", dense, lambda r: {"map_func": r.choice(["rows", "rows", "named_rows"]), **calls(r)}),
    ("map", dense, lambda r: {"map_func": r.choice(["fuse", "double"]), **calls(r)}),
    ("take", anything, lambda r: {"count": r.choice([-1, 0, 1, 2, 3, 5, 20])}),
    ("skip", anything, lambda r: {"count": r.choice([-1, 0, 1, 2, 3, 5])}),
    ("shard", anything, sharded),
    ("repeat", anything, lambda r: {"count": r.choice([None, -1, 0, 1, 2, 3])}),
    ("concatenate", anything, lambda r: {"dataset": reshaped(r)}),
    ("zip", anything, lambda r: {"datasets": zipped(r)}),
    ("enumerate", anything, lambda r: r.choice([{}, {"start": r.randint(-2, 9)}])),
    ("prefetch", anything, lambda r: {"buffer_size": r.choice([-1, 1, 3])}),
    ("cache", dense, lambda r: {}),
    ("reduce", dense, reduced),
    ("take_while", dense, lambda r: {"predicate": r.choice(["even", "not_third", "below_9"])}),
    ("unique", lambda spec: scalar(spec) and spec.dtype in (tf.int32, tf.int64, tf.string), lambda r: {}),
    ("scan", dense, lambda r: {"initial_state": {"int64": r.randint(0, 3)}, "scan_func": r.choice(["running", "with_last"])}),
    ("choose_from_datasets", dense, choices),
]


def fails(plan: list[Any]) -> bool:
    """Whether errors may come: from the function that raises, and from rows larger than the shape that is asked for."""
    raising = any(options.get("map_func") == "fuse" for _, options in plan) and plan[-1][0] != "ignore_errors"
    return raising or any(name == "sparse_batch" or options.get("padded_shapes") for name, options in plan)


def goes_over_errors(plan: list[Any], outcome: dict[str, Any]) -> bool:
    return tfdata.ERROR in outcome["elements"] and any(name in ("skip", "shard") for name, _ in plan)


def possible(name: str, options: dict[str, Any], plan: list[Any], known: int) -> bool:
    """Whether a stage may follow that plan of a known number of elements, or -1, -2."""
    if fails(plan) and (name not in AFTER_ERRORS or options.get("drop_remainder")):
        return False
    if known == -1:
        return name in FOREVER and options.get("count") != -1
    if name == "repeat" and options["count"] in (None, -1):
        return known != -2
    if name == "ragged_batch" and any("batch" in stage for stage, _ in plan):
        return False  # headrace may know that every batch is full
    return name != "unbatch" or known == -2 or not any("map_func" in options for _, options in plan)


def extended(r: Random, plan: list[Any], ds: Any) -> list[list[Any]]:
    """One more stage that fits, or two that belong together."""
    while True:
        name, fits, options_of = r.choice(STAGES)
        options = options_of(r)
        if fits(ds.element_spec) and possible(name, options, plan, int(ds.cardinality())):
            ignored = name == "map" and options["map_func"] == "fuse" and r.random() < 0.7
            return [[name, options], ["ignore_errors", {}]] if ignored else [[name, options]]


def random_plan(r: Random) -> tuple[list[Any], Any]:
    plan = [source(r)]
    ds = tfdata.build(TF, plan)
    for _ in range(r.choice([1, 2, 2, 3, 3, 4, 5])):
        stages = extended(r, plan, ds)
        ds = tfdata.build(TF, stages, ds)
        plan += stages
    return plan, ds


def main(count: int = 2000, path: str = str(Path(__file__).with_name("tfdata.json"))) -> None:
    r, lines = Random(SEED), {}
    while len(lines) < count:
        try:
            plan, ds = random_plan(r)
            outcome = tfdata.outcome(TF, ds.with_options(OPTIONS))
        except (ValueError, TypeError, NotImplementedError, tf.errors.OpError):  # not for tf.data
            continue
        line = json.dumps({"plan": plan, **outcome}, separators=(",", ":"))
        if len(line) < BYTES and (outcome["elements"] or r.random() < 0.3) and not goes_over_errors(plan, outcome):
            lines[json.dumps(plan)] = line
    head = json.dumps({"tensorflow": tf.__version__, "seed": SEED})
    Path(path).write_text("[" + ",\n".join([head, *lines.values()]) + "]\n")


if __name__ == "__main__":
    main(*(int(argument) if argument.isdigit() else argument for argument in sys.argv[1:]))  # type: ignore[arg-type]
