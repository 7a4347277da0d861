"""Plans as JSON, which tf.data and headrace both build: a source and stages, each a name and its arguments.

A plan is a list of [name, arguments]. Names and arguments are those of the Dataset class, so most need no line here.
Functions stand by name (FUNCTIONS); they are written once, in what tensors and NumPy arrays have in common and in the few
operations of a Library. Where an argument is a plan, its source may be "self": the dataset that the stage is attached to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np

LIMIT = 24  # elements of a plan that are kept
ERROR = "error"
WORDS = [b"", b"a", b"bc", b"def", b"gh", b"i"]


@dataclass(frozen=True)
class Library:
    """What differs between the two: tf in make_tfdata.py, NumPy in test_tfdata.py."""

    Dataset: Any
    ragged: Callable[[Any, Any], Any]  # (values, row_splits)
    spec: Callable[[Any, Any], Any]  # (shape, dtype) of a component, for from_generator
    total: Callable[[Any], Any]  # the sum of an array's items, or of the lengths of its texts, int64
    length: Callable[[Any], Any]  # its first size
    count: Callable[[Any], Any]  # (n) -> [0 ... n - 1], int64
    refuse: Callable[[Any, Any], Any]  # (whether to raise, value) -> the value
    function: Callable[[Callable[..., Any]], Any]  # what a stage gets for a function
    error: type[Exception]
    array: Callable[[Any], Any]  # a delivered component, as NumPy has it


def each(fn: Callable[[Any], Any], element: Any) -> Any:
    if isinstance(element, tuple):
        return tuple(each(fn, part) for part in element)
    if isinstance(element, dict):
        return {key: each(fn, part) for key, part in element.items()}
    return fn(element)


def leaves(element: Any) -> list[Any]:
    found: list[Any] = []
    each(found.append, element)
    return found


def whole(arguments: tuple[Any, ...]) -> Any:
    """The element that was unpacked into a function's arguments."""
    return arguments[0] if len(arguments) == 1 else arguments


def total(lib: Library, element: Any) -> Any:
    return sum(map(lib.total, leaves(element)))


Element = Callable[[Library, Any], Any]
ELEMENT: dict[str, Element] = {  # functions of a whole element
    "double": lambda lib, x: each(lambda part: part + part, x),
    "total": total,
    "pair": lambda lib, x: (x, x),
    "label": lambda lib, x: {"x": x, "n": total(lib, x)},
    "flag": lambda lib, x: (x, total(lib, x) % 2 == 0),
    "first": lambda lib, x: leaves(x)[0],
    "same": lambda lib, x: x,
    "rows": lambda lib, x: lib.count(total(lib, x) % 5),
    "named_rows": lambda lib, x: {"row": lib.count(total(lib, x) % 4), "x": x},
    "mod3": lambda lib, x: total(lib, x) % 3,
    "up_to_3": lambda lib, x: total(lib, x) % 3 + 1,
    "length": lambda lib, x: lib.length(leaves(x)[0]),
    "even": lambda lib, x: total(lib, x) % 2 == 0,
    "not_third": lambda lib, x: total(lib, x) % 3 != 0,
    "below_9": lambda lib, x: total(lib, x) < 9,
    "never": lambda lib, x: total(lib, x) < 0,
    "fuse": lambda lib, x: each(lambda part: lib.refuse(total(lib, x) % 5 == 3, part), x),
    "to_range": lambda lib, x: lib.Dataset.range(total(lib, x) % 4),
    "to_copies": lambda lib, x: lib.Dataset.from_tensors(x).repeat(total(lib, x) % 3),
    "to_slices": lambda lib, x: lib.Dataset.from_tensor_slices(x),
    "to_batches": lambda lib, x: lib.Dataset.range(total(lib, x) % 7).batch(3),
    "to_pairs": lambda lib, x: lib.Dataset.range(total(lib, x) % 3).map(lib.function(lambda i: (i, x))),
    "zipped": lambda lib, x: lib.Dataset.zip(x),
    "zipped_batch": lambda lib, x: lib.Dataset.zip(x).batch(4),
    "zipped_take": lambda lib, x: lib.Dataset.zip(x).take(1),
}
FUNCTIONS: dict[str, Callable[[Library], Callable[..., Any]]] = {  # functions of other arguments
    "add": lambda lib: lambda state, x: state + total(lib, x),
    "longest": lambda lib: lambda state, x: (state[0] + 1, state[1] + total(lib, x)),
    "running": lambda lib: lambda state, x: (state + total(lib, x), state + total(lib, x)),
    "with_last": lambda lib: lambda state, x: (total(lib, x), (state, x)),
    "batched": lambda lib: lambda key, window: window.batch(3),
    "one": lambda lib: lambda key, window: window.take(1),
    "keyed": lambda lib: lambda key, window: lib.Dataset.zip((lib.Dataset.from_tensors(key).repeat(), window)),
    "padded": lambda lib: lambda key, window: window.padded_batch(10),
}


def function(lib: Library, name: str) -> Any:
    """The function of that name, as a stage of that library takes it."""
    if name in FUNCTIONS:
        return lib.function(FUNCTIONS[name](lib))
    return lib.function(lambda *arguments: ELEMENT[name](lib, whole(arguments)))


def component(lib: Library, text: str) -> Any:
    """Array data: "dtype:sizes" holds 0, 1, 2 ... (modulo 11), "ragged:row sizes" the same in rows."""
    kind, sizes = text.split(":")
    shape = [int(size) for size in sizes.split(",")] if sizes else []
    if kind == "ragged":
        return lib.ragged(np.arange(sum(shape)), np.cumsum([0, *shape]))
    items = np.arange(np.prod(shape, dtype=int)) * 7 % 11
    if kind == "text":
        items = np.array([WORDS[i % len(WORDS)] for i in items] + [None], object)[:-1]
    return (items if kind == "text" else items.astype(kind)).reshape(shape)


def unpacked(value: Any) -> Any:
    """JSON as structures: {"()": [...]} is a tuple, {"int64": number} a scalar."""
    if isinstance(value, dict):
        if "()" in value:
            return tuple(map(unpacked, value["()"]))
        if "int64" in value:
            return np.int64(value["int64"])
        return {key: unpacked(part) for key, part in value.items()}
    return value


def argument(lib: Library, ds: Any, name: str, value: Any) -> Any:
    if name.endswith(("_func", "predicate")):
        return value if value is None else function(lib, value)
    if name in ("dataset", "choice_dataset"):
        return build(lib, value, ds)
    if name == "datasets":
        return each(lambda plan: build(lib, plan, ds), unpacked(value))
    if name == "tensors":
        return each(lambda text: component(lib, text), unpacked(value))
    return unpacked(value)


def from_generator(lib: Library, ds: Any, items: str) -> Any:
    array = component(lib, items)
    return lib.Dataset.from_generator(lambda: iter(array), output_signature=lib.spec(array.shape[1:], array.dtype))


SPECIAL: dict[str, Callable[..., Any]] = {  # what is not a call of Dataset's own with the same arguments
    "self": lambda lib, ds: ds,
    "range": lambda lib, ds, args: lib.Dataset.range(*args),
    "from_generator": from_generator,
    "zip": lambda lib, ds, datasets: lib.Dataset.zip(datasets),
    "choose_from_datasets": lambda lib, ds, datasets, **options: lib.Dataset.choose_from_datasets(list(datasets), **options),
    "reduce": lambda lib, ds, initial_state, reduce_func: lib.Dataset.from_tensors(ds.reduce(initial_state, reduce_func)),
}


def attach(lib: Library, ds: Any, stage: list[Any]) -> Any:
    name, options = stage
    options = {key: argument(lib, ds, key, value) for key, value in options.items()}
    return SPECIAL[name](lib, ds, **options) if name in SPECIAL else getattr(lib.Dataset if ds is None else ds, name)(**options)


def build(lib: Library, plan: list[Any], ds: Any = None) -> Any:
    """The dataset that a plan describes."""
    for stage in plan:
        ds = attach(lib, ds, stage)
    return ds


def plain(lib: Library, element: Any) -> Any:
    """An element as JSON's own values."""
    if isinstance(element, lib.Dataset):
        return {"dataset": [plain(lib, part) for part in element]}
    if isinstance(element, tuple) and not hasattr(element, "_fields"):
        return {"()": [plain(lib, part) for part in element]}
    if isinstance(element, dict):
        return {key: plain(lib, part) for key, part in element.items()}
    for parts in (("values", "row_splits"), ("indices", "values", "dense_shape")):
        if all(hasattr(element, part) for part in parts):
            return {part: plain(lib, getattr(element, part)) for part in parts}
    return text(np_array(lib.array(element)).tolist())


def np_array(value: Any) -> np.ndarray[Any, Any]:
    """A delivered array or scalar; texts are objects."""
    return np.asarray(value, object if isinstance(value, bytes) else None)


def text(value: Any) -> Any:
    if isinstance(value, list):
        return [text(part) for part in value]
    return value.decode() if isinstance(value, bytes) else value


def dtypes(lib: Library, element: Any) -> list[str]:
    """The dtypes of an element's dense components."""
    parts = [part for part in leaves(element) if not isinstance(part, lib.Dataset)]
    return [str(np_array(lib.array(part)).dtype) for part in parts if not hasattr(part, "dense_shape") and not hasattr(part, "row_splits")]


def outcome(lib: Library, ds: Any) -> dict[str, Any]:
    """The first elements, ERROR in place of the first that is raised, and whether there are more; cardinality, dtypes."""
    elements: list[Any] = []
    found: list[str] = []
    iterator = iter(ds)
    try:
        for element in islice(iterator, LIMIT + 1):
            elements.append(plain(lib, element))
            found = found or dtypes(lib, element)
    except lib.error:
        elements.append(ERROR)
    return {"elements": elements[:LIMIT], "more": len(elements) > LIMIT, "cardinality": int(ds.cardinality()), "dtypes": found}
