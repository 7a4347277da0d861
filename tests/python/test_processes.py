"""Across processes: fork with work in flight, pickle, spawn and forkserver, torch's DataLoader, other libraries."""

import copy
import importlib.util
import multiprocessing
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import children
import headrace as hr
from model import outcomes


def triple(i: Any) -> Any:
    return i * 3


def plan() -> hr.Dataset:
    x = np.arange(2000)
    return hr.from_tensor_slices((x, {"half": x / 2})).shuffle(seed=2).batch(16).prefetch(2)


def mapped() -> hr.Dataset:
    return hr.range(500).map(triple, num_parallel_calls=2).shuffle(seed=2).batch(16).prefetch(2)


def drain(ds: hr.Dataset) -> list[Any]:
    return outcomes(iter(ds))


FORK = """
    import json
    def values(it):
        return [b.tolist() for b in it]
    def rows(i):
        return i + 1
    makers = [
        lambda: hr.range(20_000).shuffle(seed=1).map(rows).batch(16).prefetch(4),
        lambda: hr.range(20_000).map(rows, num_parallel_calls=3).batch(16),
        lambda: hr.from_tensor_slices(np.arange(200_000.0).reshape(-1, 10)).shuffle(seed=1).batch(64),
        lambda: hr.range(20_000).filter(lambda i: True).shuffle(100, seed=1).batch(16).prefetch(2),
    ]
    expected = [values(make().iterator(epoch=0)) for make in makers]
    for attempt in range(40):
        make, whole = makers[attempt % len(makers)], expected[attempt % len(makers)]
        it = make().iterator(epoch=0)
        taken = [next(it).tolist() for _ in range(3 + attempt)]
        child = os.fork()
        if child == 0:
            ok = taken + values(it) == whole and values(make().iterator(epoch=0)) == whole
            os._exit(0 if ok else 1)
        mine = taken + values(it)
        _, status = os.waitpid(child, 0)
        assert status == 0, (attempt, status)
        assert mine == whole, attempt
    print("ok")
"""


def test_after_fork_the_child_goes_on_with_its_copy_and_opens_a_new_one() -> None:
    ended = children.run(FORK, limit=50)
    assert (ended.code, ended.out.strip()) == (0, "ok"), ended.err


def test_fork_while_another_thread_waits_in_an_iterator() -> None:
    code = """
        it = iter(hr.range(10**9).map(slowly).prefetch(2))
        threading.Thread(target=lambda: [next(it) for _ in range(10**9)], daemon=True).start()
        for _ in range(20):
            time.sleep(0.005)
            child = os.fork()
            if child == 0:
                ok = [int(i) for i in hr.range(50).map(abs, num_parallel_calls=2).prefetch(2)] == list(range(50))
                os._exit(0 if ok else 1)
            assert os.waitpid(child, 0)[1] == 0
        print("ok", flush=True)
        os._exit(0)
    """
    ended = children.run(code, limit=20)
    assert (ended.code, ended.out.strip()) == (0, "ok"), ended.err


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_a_dataset_goes_to_other_processes(method: str) -> None:
    for ds in (plan(), mapped()):
        iterator = iter(ds)  # work in flight
        outcomes(iterator, 2)
        with multiprocessing.get_context(method).Pool(2) as pool:
            assert pool.map(drain, [ds, ds]) == [outcomes(ds.iterator(epoch=0))] * 2


@pytest.mark.parametrize("make", [plan, mapped])
def test_a_dataset_pickles_and_starts_at_epoch_0(make: Any) -> None:
    ds = make()
    drain(ds)
    again = pickle.loads(pickle.dumps(ds))
    assert drain(again) == outcomes(ds.iterator(epoch=0))
    assert again.fingerprint() == ds.fingerprint()
    assert again.explain() == ds.explain()
    assert drain(copy.deepcopy(ds)) == outcomes(ds.iterator(epoch=0))


def test_a_drawn_seed_is_pickled() -> None:
    ds = hr.range(100).shuffle().batch(10)
    assert drain(pickle.loads(pickle.dumps(ds))) == drain(ds)


def test_arrays_are_pickled_out_of_band() -> None:
    x = np.arange(100_000)
    ds = hr.from_tensor_slices(x).batch(1000)
    buffers: list[pickle.PickleBuffer] = []
    data = pickle.dumps(ds, protocol=5, buffer_callback=buffers.append)
    assert len(data) < 10_000 and sum(len(b.raw()) for b in buffers) == x.nbytes
    assert drain(pickle.loads(data, buffers=buffers)) == drain(ds)


def test_a_memmap_is_pickled_as_its_file(tmp_path: Any) -> None:
    np.arange(100_000).tofile(tmp_path / "x")
    x = np.memmap(tmp_path / "x", np.int64, "r", offset=800, shape=(1000, 5))
    ds = hr.from_tensor_slices(x).batch(100)
    data = pickle.dumps(ds)
    assert len(data) < 10_000
    assert drain(pickle.loads(data)) == drain(ds)


def test_a_lambda_is_pickled_by_cloudpickle_or_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    ds = hr.range(5).map(lambda i: i + 1)
    assert drain(pickle.loads(pickle.dumps(ds))) == [1, 2, 3, 4, 5]
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    with pytest.raises((pickle.PicklingError, TypeError), match=r"(?s)map.*cloudpickle"):
        pickle.dumps(ds)


def test_a_state_goes_to_another_process() -> None:
    ds = plan()
    iterator = ds.iterator(epoch=0)
    outcomes(iterator, 5)
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(resume, (ds, iterator.state_dict())) == outcomes(iterator)


def resume(ds: hr.Dataset, state: Any) -> list[Any]:
    iterator = ds.iterator(epoch=0)
    iterator.load_state_dict(state)
    return outcomes(iterator)


@pytest.mark.filterwarnings("error:The given NumPy array is not writable")
def test_torch_s_data_loader_wraps_a_random_access_dataset() -> None:
    torch = pytest.importorskip("torch")
    x, y = np.arange(3000, dtype=np.float32).reshape(1000, 3), np.arange(1000)
    ds = hr.from_tensor_slices((x, y)).shuffle(seed=1).with_options(writable=True)
    order = [int(i) for i in hr.range(1000).shuffle(seed=1)]
    for workers in (0, 2):
        loader = torch.utils.data.DataLoader(ds, batch_size=32, num_workers=workers)
        assert len(loader) == 32
        xs, ys = zip(*loader, strict=True)
        assert np.array_equal(torch.cat(xs).numpy(), x[order])
        assert torch.cat(ys).tolist() == order


@pytest.mark.parametrize("other", ["h5py", "torch", "numba"])
def test_other_libraries_may_be_imported_before_or_after(other: str) -> None:
    if importlib.util.find_spec(other) is None:
        pytest.skip(f"{other} is not installed")
    code = "print(sum(len(b) for b in hr.range(1000).map(abs, num_parallel_calls=4).batch(10).prefetch(2)))"
    for imports in (f"import {other}; import headrace as hr", f"import headrace as hr; import {other}"):
        ended = children.run(f"{imports}\n{code}", preamble="", limit=40)
        assert (ended.code, ended.out.strip()) == (0, "1000"), ended.err


def test_a_subinterpreter_works_or_gets_an_import_error() -> None:
    code = """
        try:
            import _interpreters as interpreters
            run = interpreters.exec
        except ImportError:
            import _xxsubinterpreters as interpreters
            run = interpreters.run_string
        inner = interpreters.create()
        try:
            run(inner, "try:\\n import headrace as hr\\n assert [int(i) for i in hr.range(3)] == [0, 1, 2]\\nexcept ImportError:\\n pass")
        finally:
            print([int(i) for i in hr.range(3).map(abs).prefetch(2)])
    """
    ended = children.run(code)
    assert (ended.code, ended.out.strip()) == (0, "[0, 1, 2]"), ended.err


def test_a_limit_of_the_address_space_is_a_memory_error_and_not_the_end() -> None:
    code = """
        import resource
        ds = hr.from_tensor_slices(np.broadcast_to(np.zeros(1), (1000, 1 << 20))).shuffle(seed=1)
        resource.setrlimit(resource.RLIMIT_AS, (1 << 30, resource.RLIM_INFINITY))
        for attempt in range(3):
            try:
                next(iter(ds.batch(500)))
            except MemoryError:
                print("MemoryError")
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print(next(iter(ds.batch(2))).shape)
    """
    ended = children.run(code)
    assert (ended.code, ended.out.split("\n")) == (0, ["MemoryError"] * 3 + ["(2, 1048576)", ""]), ended.err
