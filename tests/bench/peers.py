"""The same work with every peer that is installed. Slow ones get fewer rows and are scaled (the table says so: *).

Each function returns {name: seconds}; a peer that is missing, or that cannot do the work, is left out.
"""

import importlib
import statistics
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from measure import PEER_RUNS, check, child, count, seconds_of

PEERS = {"tf.data": "tensorflow", "torch": "torch", "Grain": "grain", "mlx-data": "mlx.data", "pandas": "pandas", "pyarrow": "pyarrow.csv"}
SCALED = 200_000
wanted = True  # bench.py --no-peers


def module(name: str) -> ModuleType | None:
    """The peer, imported now, or None."""
    if not wanted:
        return None
    try:
        return importlib.import_module(PEERS[name])
    except ImportError:
        return None


def median(call: Callable[[], int], expected: int) -> float:
    check(call() == expected, f"a peer gave other than {expected} rows")
    return statistics.median(seconds_of(call) for _ in range(PEER_RUNS))


def in_order(x: NDArray[np.float32], batch: int) -> dict[str, float]:
    return rows(x, batch, shuffle=False)


def shuffled(x: NDArray[np.float32], batch: int) -> dict[str, float]:
    return rows(x, batch, shuffle=True)


def rows(x: NDArray[np.float32], batch: int, shuffle: bool) -> dict[str, float]:
    times = {}
    n, few = len(x), x[:SCALED]
    if tf := module("tf.data"):
        dataset = tf.data.Dataset.from_tensor_slices(x)
        dataset = (dataset.shuffle(n, seed=1) if shuffle else dataset).batch(batch)
        times["tf.data"] = median(lambda: count(dataset.as_numpy_iterator()), n)
    if torch := module("torch"):
        tensors = torch.utils.data.TensorDataset(torch.from_numpy(x))
        loader = torch.utils.data.DataLoader(tensors, batch_size=batch, shuffle=shuffle)
        times["torch"] = median(lambda: sum(len(b) for (b,) in loader), n)
    if grain := module("Grain"):
        mapped = grain.MapDataset.source(few)
        mapped = (mapped.shuffle(seed=1) if shuffle else mapped).batch(batch)
        times["Grain*"] = median(lambda: count(mapped.to_iter_dataset()), SCALED) * n / SCALED
    if mlx := module("mlx-data"):
        buffer = mlx.buffer_from_vector([{"x": r} for r in few])

        def stream() -> Iterable[Any]:
            return (buffer.shuffle() if shuffle else buffer).batch(batch)  # type: ignore[no-any-return]

        times["mlx-data*"] = median(lambda: sum(len(b["x"]) for b in stream()), SCALED) * n / SCALED
    return times


def images(x: NDArray[np.uint8], y: NDArray[np.int64], batch: int) -> dict[str, float]:
    times = {}
    n = len(x)
    if tf := module("tf.data"):
        dataset = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(n, seed=1).batch(batch)
        dataset = dataset.map(lambda a, b: (tf.cast(a, tf.float32) / 255, b), num_parallel_calls=tf.data.AUTOTUNE).prefetch(2)
        times["tf.data"] = median(lambda: sum(len(a) for a, _ in dataset.as_numpy_iterator()), n)
    if torch := module("torch"):
        tensors = torch.utils.data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
        loader = torch.utils.data.DataLoader(tensors, batch_size=batch, shuffle=True)
        times["torch"] = median(lambda: sum(len(a.float().div_(255)) for a, _ in loader), n)
    if grain := module("Grain"):
        mapped = grain.MapDataset.zip([grain.MapDataset.source(x), grain.MapDataset.source(y)]) if hasattr(grain.MapDataset, "zip") else None
        if mapped is None:
            mapped = grain.MapDataset.source(range(n)).map(lambda i: (x[i], y[i]))
        mapped = mapped.shuffle(seed=1).batch(batch).map(lambda e: (e[0].astype(np.float32) / 255, e[1]))
        times["Grain"] = median(lambda: sum(len(a) for a, _ in mapped.to_iter_dataset()), n)
    if mlx := module("mlx-data"):
        buffer = mlx.buffer_from_vector([{"x": a, "y": b} for a, b in zip(x, y)])

        def stream() -> Iterable[Any]:
            return buffer.shuffle().batch(batch).key_transform("x", lambda a: a.astype(np.float32) / 255)  # type: ignore[no-any-return]

        times["mlx-data"] = median(lambda: sum(len(b["x"]) for b in stream()), n)
    return times


def stream(x: NDArray[np.float32]) -> dict[str, float]:
    """Filter, map and buffered shuffle as traced functions."""
    times = {}
    few = x[: SCALED // 10]
    if tf := module("tf.data"):
        dataset = tf.data.Dataset.from_tensor_slices(few).filter(lambda r: r[0] < 0.5).map(lambda r: r + r)
        dataset = dataset.shuffle(10_000, seed=1).batch(256)
        times["tf.data*"] = median(lambda: count(dataset.as_numpy_iterator()), int((few[:, 0] < 0.5).sum())) * len(x) / len(few)
    return times


def interleaved(ranges: int, n: int, batch: int) -> dict[str, float]:
    times = {}
    if tf := module("tf.data"):
        dataset = tf.data.Dataset.range(ranges).interleave(lambda i: tf.data.Dataset.range(n), cycle_length=ranges).batch(batch)
        times["tf.data"] = median(lambda: count(dataset.as_numpy_iterator()), ranges * n)
    return times


def padded(values: NDArray[np.int32], splits: NDArray[np.int64], batch: int) -> dict[str, float]:
    times = {}
    if tf := module("tf.data"):
        few = SCALED // 4
        x, places = tf.constant(values), tf.constant(splits)  # from_tensor_slices of a tf.RaggedTensor is slower
        dataset = tf.data.Dataset.range(few).map(lambda i: x[places[i] : places[i + 1]], num_parallel_calls=tf.data.AUTOTUNE)
        dataset = dataset.padded_batch(batch).prefetch(2)
        times["tf.data*"] = median(lambda: count(dataset.as_numpy_iterator()), few) * (len(splits) - 1) / few
    return times


def element(x: NDArray[np.int64], function: Callable[[Any], Any]) -> dict[str, float]:
    times = {}
    n, few = len(x), x[: len(x) // 10]
    if torch := module("torch"):

        class Mapped(torch.utils.data.Dataset):  # type: ignore[misc,name-defined]
            def __len__(self) -> int:
                return n

            def __getitem__(self, i: int) -> Any:
                return function(x[i])

        loader = torch.utils.data.DataLoader(Mapped(), batch_size=None)
        times["torch"] = median(lambda: sum(1 for _ in loader), n)
    if grain := module("Grain"):
        mapped = grain.MapDataset.source(few).map(function)
        times["Grain*"] = median(lambda: sum(1 for _ in mapped.to_iter_dataset()), len(few)) * 10
    if mlx := module("mlx-data"):
        buffer = mlx.buffer_from_vector([{"x": v} for v in few]).key_transform("x", function)
        times["mlx-data*"] = median(lambda: sum(1 for _ in buffer), len(few)) * 10
    return times


def photos(files: list[bytes], size: tuple[int, int], batch: int) -> dict[str, float]:
    times = {}
    height, width = size
    if tf := module("tf.data"):
        dataset = tf.data.Dataset.from_tensor_slices(files).map(
            lambda file: tf.image.resize(tf.io.decode_jpeg(file, channels=3), size), num_parallel_calls=tf.data.AUTOTUNE
        )
        dataset = dataset.batch(batch).prefetch(tf.data.AUTOTUNE)
        times["tf.data"] = median(lambda: count(dataset.as_numpy_iterator()), len(files))
    if mlx := module("mlx-data"):
        buffer = mlx.buffer_from_vector([{"x": file} for file in files]).load_image("x", from_memory=True).image_resize("x", width, height)
        times["mlx-data"] = median(lambda: sum(len(b["x"]) for b in buffer.to_stream().prefetch(2 * batch, 2).batch(batch)), len(files))
    return times


def imports() -> dict[str, float]:
    code = "import json, time; start = time.perf_counter(); import {}; print(json.dumps({{'s': time.perf_counter() - start}}))"
    times = {}
    for name, path in PEERS.items():
        if module(name):
            times[name] = statistics.median(child(code.format(path))["s"] for _ in range(PEER_RUNS))
    return times
