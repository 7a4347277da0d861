"""Files other than HDF5 where the system gives no more: files, address space, disk; writers that are killed, or two at once."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import children
import headrace as hr
from hdf5_files import in_child

READERS = {
    "npy": "hr.from_npy",
    "npz": "lambda files: hr.from_npz(files, 'x')",
    "csv": "lambda files: hr.from_csv(files, 'x', dtypes='int64')",
    "text": "lambda files: hr.from_text(files).map(int)",
    "records": "lambda files: hr.from_fixed_records(files, 8, dtype='int64')",
}


def written(path: Path, kind: str, rows: np.ndarray) -> Path:
    path = path.with_suffix(f".{kind}")
    if kind == "npy":
        np.save(path, rows)
    elif kind == "npz":
        np.savez(path, x=rows)
    elif kind == "records":
        path.write_bytes(rows.tobytes())
    else:
        path.write_text("x\n" * (kind == "csv") + "".join(f"{i}\n" for i in rows))
    return path


@pytest.mark.parametrize("kind", READERS)
def test_too_few_open_files_are_errors(tmp_path: Path, kind: str) -> None:
    for i in range(60):
        written(tmp_path / f"{i:02}", kind, np.full(3, i))
    in_child(f"""
        import resource
        read, pattern = {READERS[kind]}, {str(tmp_path / "*")!r}
        most = resource.getrlimit(resource.RLIMIT_NOFILE)
        for limit in (4, 5, 8, 12, 16, 30, 60, 90):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most[1]))
            try:
                assert sum(map(int, read(pattern))) == 3 * 60 * 59 // 2
            except OSError as error:
                assert "Too many open files" in str(error), error
        resource.setrlimit(resource.RLIMIT_NOFILE, most)
        assert sum(map(int, read(pattern))) == 3 * 60 * 59 // 2
        for _ in range(100):  # threads that read ahead may still be at it
            if len(os.listdir("/proc/self/fd")) < 20: break
            time.sleep(0.02)
        else:
            raise AssertionError("files are left open")
    """)


@pytest.mark.parametrize("kind", READERS)
def test_too_little_address_space_is_a_memory_error(tmp_path: Path, kind: str) -> None:
    path = written(tmp_path / "a", kind, np.arange(1_000_000) if kind in ("npy", "npz", "records") else np.arange(200_000))
    in_child(f"""
        import resource
        read, path = {READERS[kind]}, {str(path)!r}
        wanted = sum(int(batch.sum()) for batch in read(path).batch(1000))
        time.sleep(0.1)  # a thread that was just started has the memory it begins with
        used = int(open("/proc/self/statm").read().split()[0]) * 4096
        for room in (0, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26):
            resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
            for rows in (1000, 100_000):
                try:
                    assert sum(int(batch.sum()) for batch in read(path).batch(rows)) == wanted
                except (MemoryError, OSError):
                    pass
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert sum(int(batch.sum()) for batch in read(path).batch(1000)) == wanted
    """)


WRITERS = {"npy": (hr.Dataset.write_npy, hr.from_npy), "csv": (hr.Dataset.write_csv, lambda path: hr.from_csv(path, 0))}
WRITE = """
    rows = int(sys.argv[3])
    while True:
        rows += 1
        ds = hr.from_tensor_slices(np.full(rows, rows))
        begin = time.monotonic()
        getattr(ds, "write_" + sys.argv[1])(sys.argv[2])
        print(time.monotonic() - begin, flush=True)
"""


def whole(path: Path, kind: str) -> int:
    """How many rows a file has, each of which says so, too."""
    rows = np.array(list(WRITERS[kind][1](path)))
    assert (rows == len(rows)).all()
    return len(rows)


@pytest.mark.parametrize("kind", WRITERS)
def test_writers_killed_at_any_moment_leave_the_old_or_the_new_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    WRITERS[kind][0](hr.from_tensor_slices(np.full(7, 7)), path)
    random = np.random.default_rng(1)
    seen = {whole(path, kind)}
    for attempt in range(12):
        process = children.start(WRITE, kind, str(path), str(20_000 + 100 * attempt))
        assert process.stdout is not None
        a_write = float(process.stdout.readline())  # takes so long here and now
        time.sleep(random.random() * 3 * a_write)
        os.killpg(process.pid, signal.SIGKILL)
        children.wait(process)
        seen.add(whole(path, kind))
        assert {p.name for p in tmp_path.iterdir()} <= {path.name, f"{path.name}.part"}
    assert len(seen) > 3
    WRITERS[kind][0](hr.from_tensor_slices(np.full(5, 5)), path)  # over what was left
    assert whole(path, kind) == 5 and [p.name for p in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("kind", WRITERS)
def test_two_writers_of_one_path_leave_a_whole_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    code = """
    rows, end = int(sys.argv[3]), time.monotonic() + 1.5
    while time.monotonic() < end:
        try:
            getattr(hr.from_tensor_slices(np.full(rows, rows)), "write_" + sys.argv[1])(sys.argv[2])
        except OSError as error:
            assert "another writer is at it" in str(error), error
    """
    writers = [children.start(code, kind, str(path), str(rows)) for rows in (30_000, 50_001)]
    for writer in writers:
        ended = children.wait(writer, 40)
        assert ended.code == 0, ended.err
    assert whole(path, kind) in (30_000, 50_001)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_disk_that_fills_up_leaves_the_old_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"a.{kind}"
    WRITERS[kind][0](hr.from_tensor_slices(np.full(7, 7)), path)
    in_child(f"""
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        ds, path = hr.from_tensor_slices(np.full(50_000, 50_000)), {str(path)!r}
        for limit in (0, 100, 1000, 50_000, 200_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                ds.write_{kind}(path)
            except OSError as error:
                assert "a.{kind}" in str(error), error
            else:
                raise AssertionError(limit)
            assert os.listdir({str(tmp_path)!r}) == ["a.{kind}"]
    """)
    assert whole(path, kind) == 7
