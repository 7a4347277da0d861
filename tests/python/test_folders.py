"""save, load, cache(filename) and snapshot: what is written, who reads it, and what happens when something goes wrong."""

import gc
import json
import os
import pickle
import resource
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import children
import headrace as hr
from model import Boom, plain


class Point(NamedTuple):
    x: Any
    y: Any


@dataclass
class Sample:
    image: Any
    label: Any


RECORD = np.dtype([("a", "<f4"), ("b", "<i2", (2,)), ("c", "S3")], align=True)
PADDED = np.dtype({"names": ["b", "a"], "formats": ["<f8", "i1"], "offsets": [8, 0], "itemsize": 24})
DTYPES = [
    *map(np.dtype, ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]),
    *map(np.dtype, ["M8[ns]", "M8[25s]", "m8[D]", "m8", "S5", "U3"]),
    RECORD,
    PADDED,
    np.dtype([("inner", RECORD), ("z", "M8[us]")]),
]


def some(dtype: np.dtype, shape: tuple[int, ...], seed: int = 0) -> Any:
    """Any bytes that are values of the dtype."""
    rng = np.random.default_rng(seed)
    if dtype.kind in "USb":
        return rng.integers(0, 2 if dtype.kind == "b" else 10**6, shape).astype(dtype)
    if dtype.names:
        filled = np.zeros(shape, dtype)
        for name in dtype.names:
            filled[name] = some(dtype[name].base, shape + dtype[name].shape, seed)
        return filled
    return rng.integers(-100, 100, shape).astype("f8").astype("i8").astype(dtype)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, tuple):
        return type(a) is type(b) and len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, Sample):
        return type(a) is type(b) and same(a.image, b.image) and same(a.label, b.label)
    if a is None or isinstance(a, str | bytes):
        return type(a) is type(b) and bool(a == b)
    return bool(a.dtype == b.dtype and a.shape == b.shape and (a == b).all())


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def same_elements(a: Any, b: Any) -> bool:
    first, second = list(a), list(b)
    return len(first) == len(second) and all(map(same, first, second))


# --- round trips -------------------------------------------------------------------------------------------------------


@pytest.mark.asan
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_every_dtype_comes_back_and_numpy_opens_it(dtype: np.dtype, tmp_path: Path) -> None:
    array = some(dtype, (7, 2))
    hr.from_tensor_slices((array, {"k": array[:, 0]})).save(tmp_path / "out")
    loaded = hr.load(tmp_path / "out")
    assert same_elements(loaded, hr.from_tensor_slices((array, {"k": array[:, 0]})))
    assert loaded.element_spec == hr.from_tensor_slices((array, {"k": array[:, 0]})).element_spec
    assert loaded.random_access and len(loaded) == 7
    assert files(tmp_path / "out") == ["0.npy", "1.npy", "manifest.json"]
    opened = np.load(tmp_path / "out" / "0.npy")
    assert opened.shape == (7, 2) and (opened.dtype == dtype or opened.dtype == np.dtype(f"V{dtype.itemsize}"))
    assert (opened.view(dtype) == array).all()
    assert opened.dtype == dtype or dtype is PADDED


components = st.one_of(
    hnp.arrays(st.sampled_from(["i8", "f4", "?", "S3"]), hnp.array_shapes(min_dims=0, max_dims=2, min_side=0, max_side=3), elements=None, fill=None),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=5),
    st.binary(max_size=5),
    st.none(),
)


@st.composite
def alike(draw: Any) -> list[Any]:
    """Elements of one structure; texts, sizes and values differ, and with some luck shapes do too."""
    kinds = draw(st.lists(st.sampled_from(["int", "vary", "text", "bytes", "texts", "none"]), min_size=1, max_size=4))
    n = draw(st.integers(0, 6))

    def value(kind: str) -> Any:
        size = draw(st.integers(0, 3))
        if kind == "int":
            return np.int64(draw(st.integers(-(2**62), 2**62)))
        if kind == "vary":
            return np.arange(2 * size, dtype="f4").reshape(draw(st.sampled_from([(size, 2), (2, size), (1, 2 * size)])))
        if kind == "none":
            return None
        texts = draw(st.lists(st.text(st.characters(blacklist_categories=["Cs"]), max_size=4), min_size=size, max_size=size))
        if kind == "texts":
            return texts if texts else np.array([], dtype=object).astype(str).tolist() or [""]
        return "".join(texts) if kind == "text" else "".join(texts).encode()

    nest: Callable[[list[Any]], Any] = draw(st.sampled_from([tuple, lambda v: {f"k{i}": x for i, x in enumerate(v)}, lambda v: (v[0], {"rest": tuple(v[1:])})]))
    return [nest([value(kind) for kind in kinds]) for _ in range(n)]


@settings(max_examples=150)
@given(elements=alike())
def test_elements_of_any_structure_come_back(elements: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("folder")
    ds = hr.range(len(elements)).map(lambda i: elements[i])
    ds.save(folder / "out")
    loaded = hr.load(folder / "out")
    assert len(loaded) == len(elements) and same_elements(loaded, ds)
    for name in files(folder / "out"):
        if name != "manifest.json":
            np.load(folder / "out" / name, allow_pickle=False)
    order = list(range(len(elements)))[::-1]
    assert same_elements([loaded[i] for i in order], [list(ds)[i] for i in order])
    cached = ds.cache(folder / "cached")
    assert same_elements(cached.shuffle(seed=3), ds.shuffle(seed=3))  # written in another order
    assert same_elements(cached, ds)
    if elements:
        assert (folder / "cached" / "manifest.json").exists()


def test_classes_come_back_where_they_are_imported(tmp_path: Path) -> None:
    ds = hr.from_tensor_slices(Point(np.arange(4), Sample(np.arange(8.0).reshape(4, 2), [f"text {i}" for i in range(4)])))
    ds.save(tmp_path / "out")
    assert same_elements(hr.load(tmp_path / "out"), ds)
    assert same(hr.load(tmp_path / "out").batch(4).get_single_element(), ds.batch(4).get_single_element())
    spec = Sample(Point(hr.TensorSpec((), "i8"), hr.TensorSpec((None,), "f8")), hr.TensorSpec((), str))
    hr.range(3).map(lambda i: (i, np.ones(2), "t")).save(tmp_path / "plain")
    with pytest.raises(ValueError, match=r"\[load\] elements must be Sample\(.*leave element_spec out"):
        hr.load(tmp_path / "plain", element_spec=spec)
    with pytest.raises(ValueError, match=r"\[load\] elements must be \(int64\(\), float64\(3\), str\(\)\), got \(int64\(\), float64\(2\)"):
        hr.load(tmp_path / "plain", (hr.TensorSpec((), "i8"), hr.TensorSpec((3,), "f8"), hr.TensorSpec((), str)))
    ended = children.run(f"print(hr.load({str(tmp_path / 'out')!r})[1])")
    assert ended.out == "(np.int64(1), (array([2., 3.]), 'text 1'))\n", ended.err


def test_ragged_and_sparse_components_come_back(tmp_path: Path) -> None:
    rows = hr.range(10).map(lambda i: np.arange(i % 4))
    for name, ds in {"ragged": rows.ragged_batch(3), "sparse": rows.sparse_batch(3, [5])}.items():
        ds.enumerate().save(tmp_path / name)
        for (i, saved), (j, loaded) in zip(ds.enumerate(), hr.load(tmp_path / name), strict=True):
            assert i == j and type(loaded) is type(saved)
            assert all(same(a, b) for a, b in zip(parts(saved), parts(loaded), strict=True))
        assert [int(i) for i in hr.load(tmp_path / name).map(lambda i, batch: i)] == [0, 1, 2, 3]


def parts(component: Any) -> list[Any]:
    names = ("values", "row_splits") if isinstance(component, hr.RaggedTensor) else ("indices", "values", "dense_shape")
    return [getattr(component, name) for name in names]


def test_an_element_spec_brings_the_classes(tmp_path: Path) -> None:
    class Local(NamedTuple):
        i: Any
        text: Any

    ds = hr.range(3).map(lambda i: Local(i, str(i)))
    ds.save(tmp_path / "out")
    assert hr.load(tmp_path / "out")[1] == (1, "1") and type(hr.load(tmp_path / "out")[1]) is tuple
    spec = Local(hr.TensorSpec((), "i8"), hr.TensorSpec((), str))
    assert same_elements(hr.load(tmp_path / "out", spec), ds) and hr.load(tmp_path / "out", spec).element_spec == spec


def test_a_batch_of_a_loaded_dataset_is_a_view_of_the_file(tmp_path: Path) -> None:
    array = np.arange(4096.0).reshape(64, 64)
    hr.from_tensor_slices(array).save(tmp_path / "out")
    batches = list(hr.load(tmp_path / "out").batch(16))
    maps = Path("/proc/self/maps").read_text().splitlines()
    start, stop = next((int(a, 16), int(b, 16)) for a, b in (line.split()[0].split("-") for line in maps if line.endswith("out/0.npy")))
    assert all(start <= batch.ctypes.data < stop and not batch.flags.writeable for batch in batches)
    gc.collect()
    (tmp_path / "out" / "0.npy").unlink()  # the map outlives the name, the Dataset and the iterator
    assert np.array_equal(np.concatenate(batches), array)
    del batches
    gc.collect()
    assert "out/0.npy" not in Path("/proc/self/maps").read_text()


def test_save_counts_an_epoch_and_takes_the_place_of_the_last_one(tmp_path: Path) -> None:
    ds = hr.range(20).shuffle(seed=3)
    ds.save(tmp_path / "out")
    first = hr.load(tmp_path / "out")
    ds.save(tmp_path / "out")
    assert list(first) == list(ds.iterator(epoch=0))  # still mapped
    assert list(hr.load(tmp_path / "out")) == list(ds.iterator(epoch=1))
    assert files(tmp_path) == ["out"]


def test_an_empty_dataset_says_what_it_knows(tmp_path: Path) -> None:
    hr.from_tensor_slices(np.zeros((0, 3))).save(tmp_path / "known")
    assert hr.load(tmp_path / "known").element_spec == hr.TensorSpec((3,), np.float64)
    hr.range(0).map(lambda i: i).save(tmp_path / "unknown")
    assert len(hr.load(tmp_path / "unknown")) == 0 and list(hr.load(tmp_path / "unknown").batch(2)) == []


def test_a_loaded_dataset_pickles_by_its_path(tmp_path: Path) -> None:
    hr.range(1000).map(lambda i: {"text": str(i), "i": i}).save(tmp_path / "out")
    data = pickle.dumps(hr.load(tmp_path / "out").shuffle(seed=1))
    assert len(data) < 1000
    assert same_elements(pickle.loads(data), hr.load(tmp_path / "out").shuffle(seed=1))


# --- cache and snapshot ----------------------------------------------------------------------------------------------


def counted(calls: list[int]) -> Callable[[Any], Any]:
    def double(i: Any) -> Any:
        calls.append(int(i))
        return {"twice": np.full(int(i) % 3, i * 2)}

    return double


@pytest.mark.parametrize("stream", [False, True])
def test_a_cache_calls_functions_once_also_for_later_datasets(stream: bool, tmp_path: Path) -> None:
    calls: list[int] = []

    def make() -> hr.Dataset:
        ds = hr.range(12).filter(lambda i: True) if stream else hr.range(12)
        return ds.map(counted(calls)).cache(tmp_path / "c")

    ds = make()
    values = list(ds)
    assert files(tmp_path) == ["c"]
    for _ in range(2):
        assert same_elements(ds, values)
        assert same_elements(make(), values)
    assert sorted(calls) == list(range(12))


def test_a_partial_pass_over_a_stream_is_no_cache(tmp_path: Path) -> None:
    ds = hr.range(12).filter(lambda i: True).cache(tmp_path / "c")
    iterator = iter(ds)
    assert next(iterator) == 0 and len(files(tmp_path)) == 1 and not (tmp_path / "c").exists()
    del iterator
    assert files(tmp_path) == []
    assert list(ds) == list(range(12)) and files(tmp_path) == ["c"]


def test_positions_are_kept_whatever_asks_for_them(tmp_path: Path) -> None:
    calls: list[int] = []
    ds = hr.range(9).map(counted(calls)).cache(tmp_path / "c")
    assert same(ds[5], ds[5]) and calls == [5]
    list(ds.take(4))
    assert not (tmp_path / "c").exists()
    list(ds.shuffle(seed=1))
    assert sorted(calls) == list(range(9)) and files(tmp_path) == ["c"]


@pytest.mark.parametrize("stream", [False, True])
def test_errors_are_never_kept(stream: bool, tmp_path: Path) -> None:
    fails = {4}

    def maybe(i: Any) -> Any:
        if int(i) in fails:
            raise Boom(f"at {i}")
        return i

    ds = (hr.range(8).filter(lambda i: True) if stream else hr.range(8)).map(maybe).cache(tmp_path / "c")
    for _ in range(2):
        iterator = iter(ds)
        assert [next(iterator) for _ in range(4)] == [0, 1, 2, 3]
        with pytest.raises(Boom):
            next(iterator)
        assert list(iterator) == [5, 6, 7] and not (tmp_path / "c").exists()
    fails.clear()
    assert list(ds) == list(range(8)) and (tmp_path / "c" / "manifest.json").exists()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("whole", [False, True])
def test_resuming_at_every_step_while_writing_and_while_reading(stream: bool, whole: bool, tmp_path: Path) -> None:
    def make() -> hr.Dataset:
        ds = hr.range(10).filter(lambda i: i != 3) if stream else hr.range(10)
        return ds.map(lambda i: (i, "x" * int(i))).cache(tmp_path / "c").batch(2)

    values = [plain(batch) for batch in hr.range(10).filter(lambda i: i != 3).map(lambda i: (i, "x" * int(i))).batch(2)] if stream else None
    values = values or [plain(batch) for batch in hr.range(10).map(lambda i: (i, "x" * int(i))).batch(2)]
    for step in range(len(values) + 1):
        if whole:
            list(make())
        iterator = iter(make())
        assert [plain(next(iterator)) for _ in range(step)] == values[:step]
        state = json.loads(json.dumps(iterator.state_dict()))
        for again in (make(), make().with_options(threads=1)):
            resumed = again.iterator()
            resumed.load_state_dict(state)
            assert [plain(batch) for batch in resumed] == values[step:]
        assert [plain(batch) for batch in iterator] == values[step:]


def test_another_plans_folder_is_refused_and_a_snapshot_has_one_each(tmp_path: Path) -> None:
    list(hr.range(5).cache(tmp_path / "c"))
    with pytest.raises(ValueError, match=r"\[cache\] .* must hold the elements of this plan, .*delete it, or give another filename"):
        hr.range(6).cache(tmp_path / "c")
    for n in (5, 6, 5):
        assert list(hr.range(n).snapshot(tmp_path / "s")) == list(range(n))
    assert files(tmp_path / "s") == sorted([hr.range(5).fingerprint(), hr.range(6).fingerprint()])
    with pytest.raises(ValueError, match="infinite"):
        hr.range(5).repeat().cache(tmp_path / "d")


def test_what_is_cached_is_epoch_0_for_ever(tmp_path: Path) -> None:
    ds = hr.range(50).shuffle(seed=4).cache(tmp_path / "c")
    first = list(ds)
    assert first == list(hr.range(50).shuffle(seed=4).iterator(epoch=0)) == list(ds) == list(hr.range(50).shuffle(seed=4).cache(tmp_path / "c"))


def test_a_cached_dataset_pickles_and_balances_its_accounts(tmp_path: Path) -> None:
    ds = pickle.loads(pickle.dumps(hr.range(10).cache(tmp_path / "c")))
    assert list(ds) == list(range(10)) and same_elements(pickle.loads(pickle.dumps(ds)), ds)
    again = hr.range(10).cache(tmp_path / "c")
    list(again)
    cache, source = again.stats()
    assert cache["outputs"] == 10 and cache["in"] == 0 and source["outputs"] == 0


# --- several processes, kills, damage --------------------------------------------------------------------------------

WRITE = """
path, go, kind, n = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])
numbers = hr.range(n)
ds = (numbers.filter(lambda i: True) if kind == "stream" else numbers).map(lambda i: (i, np.full(int(i) % 5, i), "text" * int(i % 3)))
print("ready", flush=True)
while not os.path.exists(go): time.sleep(0.001)
"""


@pytest.mark.parametrize("kind", ["stream", "random access"])
def test_two_processes_at_once_both_go_on_right(kind: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    code = WRITE + "cached = ds.cache(path)\nprint(sum(int(i) + int(x.sum()) + len(t) for _ in '12' for i, x, t in cached))"
    go = tmp_path_factory.mktemp("go") / "go"
    both = [children.start(code, str(tmp_path / "c"), str(go), kind, "3000") for _ in "12"]
    for process in both:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    go.touch()
    ended = [children.wait(process) for process in both]
    expected = 2 * sum(i + (i % 5) * i + 4 * (i % 3) for i in range(3000))
    assert [end.out for end in ended] == [f"{expected}\n"] * 2, [end.err for end in ended]
    assert files(tmp_path) == ["c"]
    assert sum(int(i) for i, _, _ in hr.load(tmp_path / "c")) == 3000 * 2999 // 2


@pytest.mark.parametrize("end", ["ds.save(path)", "list(ds.cache(path))", "list(ds.snapshot(path))"])
def test_killed_at_any_moment_it_leaves_the_whole_or_nothing(end: str, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    go = tmp_path_factory.mktemp("go") / "go"
    arguments = (str(tmp_path / "out"), str(go), "stream", "4000")
    for attempt in range(8):
        process = children.start(WRITE + end, *arguments)
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
        go.touch()
        time.sleep(0.01 * attempt)
        os.killpg(process.pid, signal.SIGKILL)
        children.wait(process)
        folder = tmp_path / "out"
        if "snapshot" in end:
            folder = next((path for path in folder.glob("*") if ".part-" not in path.name), folder / "none")
        go.unlink()
        if folder.exists():
            assert [int(i) for i, _, _ in hr.load(folder)] == list(range(4000))
    go.touch()
    assert children.run(WRITE + end, *arguments, limit=30).code == 0
    left = files(tmp_path / "out") if "snapshot" in end else files(tmp_path)
    assert len(left) == 1, left  # what the killed ones left is removed


def test_a_forked_child_begins_its_own_part(tmp_path: Path) -> None:
    code = """
    import gc
    ds = hr.range(50).map(lambda i: (i, "x" * int(i))).cache(sys.argv[1])
    iterator = iter(ds)
    for _ in range(20): next(iterator)
    child = os.fork()
    if not child:
        assert len(list(ds)) == 50
        del iterator, ds
        gc.collect()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    assert [int(i) for i, _ in iterator] == list(range(20, 50))
    assert [int(i) for i, _ in ds] == list(range(50))
    """
    ended = children.run(code, str(tmp_path / "c"))
    assert ended.code == 0, ended.err
    assert files(tmp_path) == ["c"] and len(hr.load(tmp_path / "c")) == 50


def test_who_loads_while_others_save_gets_one_of_the_folders(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    code = """
    k = int(sys.argv[2])
    for _ in range(150): hr.from_tensor_slices({"a": np.full(50, k), "b": np.full((50, k), k)}).save(sys.argv[1])
    """
    writers = [children.start(code, str(tmp_path / "out"), k) for k in "12"]
    seen = set()
    while any(writer.poll() is None for writer in writers):
        if (tmp_path / "out").exists():
            element = hr.load(tmp_path / "out")[7]
            seen.add(int(element["a"]))
            assert element["b"].tolist() == [int(element["a"])] * int(element["a"])
    assert seen == {1, 2} and files(tmp_path) == ["out"]
    assert [children.wait(writer).code for writer in writers] == [0, 0]


def damaged(tmp_path: Path, name: str, change: Callable[[bytes], bytes]) -> Path:
    folder = tmp_path / "out"
    hr.range(9).map(lambda i: (np.arange(int(i) % 3), "text" * int(i))).save(folder)
    (folder / name).write_bytes(change((folder / name).read_bytes()))
    return folder


NAMES = ["0.npy", "0.starts.npy", "0.shapes.npy", "1.npy", "1.texts.npy", "manifest.json"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_cut_anywhere_is_an_error_that_names_it(name: str, tmp_path: Path) -> None:
    size = len((damaged(tmp_path, name, bytes) / name).read_bytes())
    for length in {0, 1, 10, 63, 64, size // 2, size - 2}:
        folder = damaged(tmp_path, name, lambda data: data[:length])
        with pytest.raises(ValueError, match=rf"\[load\] cannot read '.*/{name}'"):
            hr.load(folder)
        (folder / name).unlink()
        with pytest.raises(OSError, match=rf"\[load\] cannot open '.*/{name}': No such file"):
            hr.load(folder)
        for file in folder.iterdir():
            file.unlink()


@pytest.mark.asan
@pytest.mark.parametrize("name", NAMES)
def test_a_changed_byte_is_an_error_or_other_values_never_a_crash(name: str, tmp_path: Path) -> None:
    size = len((damaged(tmp_path, name, bytes) / name).read_bytes())
    outcomes = set()
    for place in range(0, size, 1 if size < 400 else 11):
        (tmp_path / "out").exists() and [file.unlink() for file in (tmp_path / "out").iterdir()]
        folder = damaged(tmp_path, name, lambda data: data[:place] + bytes([data[place] ^ 0x81]) + data[place + 1 :])
        try:
            loaded = hr.load(folder)
        except ValueError as error:
            assert name in str(error)
            outcomes.add("refused")
            continue
        for i in range(9):
            try:
                loaded[i]
            except (OSError, UnicodeDecodeError):
                outcomes.add("element")
    assert outcomes <= {"refused", "element"} and "refused" in outcomes


def test_save_leaves_other_peoples_files_alone(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="no manifest.json"):
        hr.range(3).save(tmp_path / "notes")
    hr.range(3).save(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(ValueError, match="'notes.txt' besides elements"):
        hr.range(4).save(tmp_path / "out")
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ValueError, match="must be a folder of elements"):
        hr.range(3).save(tmp_path / "file")
    assert len(hr.load(tmp_path / "out")) == 3 and files(tmp_path) == ["file", "notes", "out"]


def test_a_failing_save_leaves_what_was_there(tmp_path: Path) -> None:
    hr.range(3).save(tmp_path / "out")

    def fail(i: Any) -> Any:
        if i == 5:
            raise Boom("at 5")
        return i

    with pytest.raises(Boom) as caught:
        hr.range(9).map(fail).save(tmp_path / "out")
    assert "element 5" in caught.value.__notes__[0]
    with pytest.raises(ValueError, match=r"\[save\] component \['a'\] of element 2 has dtype float64, others have int64"):
        hr.range(9).map(lambda i: {"a": i if i < 2 else i / 2}).save(tmp_path / "out")
    with pytest.raises(ValueError, match=r"\[save\] element 2 has shape \(1,\), others have 0 axes"):
        hr.range(9).map(lambda i: i if i < 2 else i[None]).save(tmp_path / "out")
    assert list(hr.load(tmp_path / "out")) == [0, 1, 2] and files(tmp_path) == ["out"]


def test_a_folder_that_cannot_be_written_is_an_error_where_it_is_attached(tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"\[cache\] cannot write to '.*/missing': No such file or directory; make the folder first"):
        hr.range(3).cache(tmp_path / "missing" / "c")
    with pytest.raises(OSError, match=r"\[snapshot\] cannot write to '.*/missing': No such file or directory; make the folder first"):
        hr.range(3).snapshot(tmp_path / "missing" / "s")
    with pytest.raises(OSError, match=r"\[save\] cannot create '.*missing/out.part-.*': No such file or directory"):
        hr.range(3).save(tmp_path / "missing" / "out")
    with pytest.raises(OSError, match=r"\[load\] cannot open '.*/missing': No such file or directory"):
        hr.load(tmp_path / "missing")
    for make in (hr.load, hr.range(3).save, hr.range(3).snapshot):
        with pytest.raises(ValueError, match="path must name a folder, got ''"):
            make("")
    with pytest.raises(TypeError, match=r"\[load\] path must be a str"):
        hr.load(3)  # type: ignore[arg-type]


FULL = """
import resource, signal
resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, 50_000))  # a full disk, as far as a writer can tell
rows = hr.from_tensor_slices(np.ones((100, 1000)))
"""


def test_a_full_disk_is_an_error_that_names_the_file(tmp_path: Path) -> None:
    code = """
    try: rows.save(sys.argv[1])
    except OSError as error: print(error)
    stream = rows.filter(lambda row: True).cache(sys.argv[1])
    told, got = 0, 0
    iterator = iter(stream)
    while True:
        try: next(iterator); got += 1
        except OSError: told += 1
        except StopIteration: break
    print(told, got, os.listdir(os.path.dirname(sys.argv[1])))
    positions = rows.cache(sys.argv[1])
    told = got = 0
    iterator = iter(positions)
    while True:
        try: next(iterator); got += 1
        except OSError: told += 1
        except StopIteration: break
    print(told + got, told > 0)
    """
    ended = children.run(FULL + children.textwrap.dedent(code), str(tmp_path / "c"))
    lines = ended.out.splitlines()
    assert ended.code == 0 and "[save] cannot write" in lines[0] and "File too large" in lines[0], ended.err
    assert lines[1:] == ["1 100 []", "100 True"]
    assert not (tmp_path / "c").exists()
    list(hr.range(3).cache(tmp_path / "c"))
    assert files(tmp_path) == ["c"]  # what a process that ended with a plan half written may have left is gone


def test_writing_takes_no_memory_of_the_size_of_the_data(tmp_path: Path) -> None:
    if "linux" not in sys.platform or os.environ.get("HEADRACE_SANITIZER"):
        pytest.skip("figures of a plain build")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    hr.range(400).map(lambda i: np.full(100_000, i)).save(tmp_path / "out")  # 320 MB
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # kB
    assert int(hr.load(tmp_path / "out")[399][-1]) == 399
