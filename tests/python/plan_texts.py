"""Plans as texts, "range 100 | shuffle seed=3 | batch 7", and the bytes of what they give. tests/pipeline/plan_texts.hpp does the same in C++.

A text is read from left to right with a stack of datasets: a source puts one there, a stage replaces the last one, and
what joins datasets takes as many as it needs: "range 3 | range 5 | concatenate". A word is a number, a list ("1,2"),
true, false, none, the name of a function below, an array or files with their number ("pairs:9"), or "folder", a new one.
"""

import atexit
import shutil
import tempfile
from collections.abc import Callable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np

import headrace as hr
from model import Boom


def fails(i: Any) -> Any:
    if i % 11 == 5:
        raise Boom
    return i


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "plus1": lambda x: x + 1,
    "pair": lambda i: (i, np.array([i / 2, -i / 2], np.float32)),
    "first": lambda i, pair: i,
    "word": lambda i: "word " * int(i % 3) + str(i),
    "grow": lambda i: np.full(i % 4, i),
    "odd": lambda i: i % 2 == 1,
    "present": lambda word: True,
    "below90": lambda i: i < 90,
    "mod2": lambda i: i % 2,
    "mod3": lambda i: i % 3,
    "mod5": lambda i: i % 5,
    "length": len,
    "fails": fails,
    "yields": lambda: (np.arange(k) for k in range(9)),
    "stem": lambda path: path.rpartition("/")[2],
    "noise": lambda i, random: np.int64(random.bit_generator.state["state"]["key"][0] >> np.uint64(1)),
    "sum": lambda state, i: (state + i, state + i),
    "spread": lambda i: hr.range(10 * int(i), 10 * int(i) + int(i) % 4),
    "mixed": lambda i: hr.range(100 * int(i), 100 * int(i) + int(i) % 7).shuffle(seed=int(i)),
    "rows": lambda window: window,
    "batch2": lambda key, window: window.batch(2),
}
MADE: dict[str, Callable[[int], Any]] = {
    "zero": np.int64,
    "pairs": lambda n: {"a": np.arange(n), "b": np.arange(2 * n, dtype=np.float32).reshape(n, 2) / 4},
    "files": lambda n: files(n),
    "images": lambda n: images(n),
    "ragged": lambda n: hr.RaggedTensor(np.repeat(np.arange(n), np.arange(n) % 4), np.cumsum([0, *(np.arange(n) % 4)])),
}


def files(n: int) -> str:
    """The pattern of so many files in a folder."""
    folder = Path(value("folder"))
    folder.mkdir()
    for i in range(n):
        (folder / f"{i}.txt").touch()
    return f"{folder}/*.txt"


def images(n: int) -> str:
    """A folder of so many images in two classes."""
    folder = Path(value("folder"))
    for i in range(n):
        (folder / "ab"[i % 2]).mkdir(parents=True, exist_ok=True)
        pixels = (16 * i + 5 * np.arange((3 + i % 3) * 12)) % 256
        encoded = hr.image.encode_png(pixels.astype(np.uint8).reshape(-1, 4, 3))
        (folder / "ab"[i % 2] / f"{i}.png").write_bytes(encoded)
    return str(folder)


@cache
def folders() -> str:
    path = tempfile.mkdtemp(prefix="headrace-")
    atexit.register(shutil.rmtree, path, ignore_errors=True)
    return path


NUMBERS = count()


def value(word: str) -> Any:
    if word in FUNCTIONS:
        return FUNCTIONS[word]
    if word == "folder":
        return f"{folders()}/{next(NUMBERS)}"
    if ":" in word:
        name, n = word.split(":")
        return MADE[name](int(n))
    if "," in word:
        return [value(part) for part in word.split(",") if part]
    return {"true": True, "false": False, "none": None}[word] if word.isalpha() else float(word) if "." in word else int(word)


def build(text: str) -> hr.Dataset:
    stack: list[hr.Dataset] = []
    for stage in text.split(" | "):
        name, *words = stage.split()
        arguments = [value(word) for word in words if "=" not in word]
        options = {key: value(word) for key, _, word in (word.partition("=") for word in words if "=" in word)}
        if name in ("zip", "choose_from_datasets", "sample_from_datasets"):  # of the last so many; a choice comes after them
            choice = [stack.pop()] if name == "choose_from_datasets" else []
            n = arguments[0]
            datasets, stack[-n:] = tuple(stack[-n:]), []
            stack.append(getattr(hr, name)(datasets, *choice, **options))
        elif name == "concatenate":
            other = stack.pop()
            stack.append(stack.pop().concatenate(other))
        elif name == "load":  # of what was there
            path = value("folder")
            stack.pop().save(path)
            stack.append(hr.load(path))
        elif name == "from_hdf5":  # of what was there, in chunks of three
            path = value("folder") + ".h5"
            stack.pop().write_hdf5(path, chunk_rows=3)
            stack.append(hr.from_hdf5(path))
        elif name in ("from_npy", "from_npz"):  # of what was there, in two files
            paths = [f"{value('folder')}.{name[5:]}" for _ in range(2)]
            rows = stack.pop()
            for part, path in zip((rows.take(10), rows.skip(10)), paths, strict=True):
                if name == "from_npy":
                    part.write_npy(path)
                else:
                    np.savez(path, x=np.array(list(part)))
            stack.append(hr.from_npy(paths) if name == "from_npy" else hr.from_npz(paths, "x"))
        elif name == "from_text":  # of what was there, a line each
            path = Path(value("folder"))
            path.write_text("".join(f"{number}\n" for number in stack.pop()))
            stack.append(hr.from_text(path))
        elif name == "from_fixed_records":  # of what was there, int64 each
            path = Path(value("folder"))
            path.write_bytes(b"".join(number.tobytes() for number in stack.pop()))
            stack.append(hr.from_fixed_records(path, 8, dtype="int64"))
        elif name == "from_csv":  # of what was there
            path = value("folder") + ".csv"
            stack.pop().write_csv(path)
            stack.append(hr.from_csv(path, "data"))
        elif hasattr(hr, name):
            stack.append(getattr(hr, name)(*arguments, **options))
        else:
            stack.append(getattr(stack.pop(), name)(*arguments, **options))
    (dataset,) = stack
    return dataset


def component_bytes(component: Any) -> bytes:
    """dtype, shape and items: "int64(2)" and 16 bytes; a text is its UTF-8 and a zero."""
    array = np.asarray(component, object if isinstance(component, str) else None)
    sizes = ",".join(map(str, array.shape))
    if array.dtype == object:
        return f"str({sizes})".encode() + b"".join(text.encode() + b"\0" for text in array.flat)
    return f"{array.dtype.name}({sizes})".encode() + array.tobytes()


def element_bytes(element: Any) -> bytes:
    if isinstance(element, hr.RaggedTensor):
        element = element.values, element.row_splits
    elif isinstance(element, hr.SparseTensor):
        element = element.indices, element.values, element.dense_shape
    elif isinstance(element, dict):
        element = tuple(element.values())
    return b"".join(map(element_bytes, element)) if isinstance(element, tuple) else component_bytes(element)


def output(dataset: hr.Dataset) -> bytes:
    """What two epochs give: elements end with ";", an error is "!", an epoch ends with a line."""
    result = b""
    for epoch in (0, 1):
        iterator = dataset.iterator(epoch=epoch)
        while True:
            try:
                result += element_bytes(next(iterator)) + b";"
            except StopIteration:
                break
            except Boom:
                result += b"!"
        result += b"\n"
    return result


@cache
def digest(data: bytes) -> str:
    """FNV-1a, 64 bits."""
    state = 0xCBF29CE484222325
    for byte in data:
        state = (state ^ byte) * 0x100000001B3 & 0xFFFFFFFFFFFFFFFF
    return f"{state:016x}"
