"""HDF5 files where the system gives no more: files, address space; and beside others that write or are killed."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

import children
import headrace as hr
from hdf5_files import h5py, in_child, numbers, write


def test_too_few_open_files_is_an_error(tmp_path: Path) -> None:
    for i in range(60):
        write(tmp_path / f"{i:02}.h5", x=(np.full((2, 3), i), {"chunks": (1, 3), "compression": "gzip"}))
    in_child(f"""
        import resource
        pattern = {str(tmp_path / "*.h5")!r}
        hr.from_hdf5(pattern, "x")
        most = resource.getrlimit(resource.RLIMIT_NOFILE)
        for limit in (5, 8, 16, 30, 31, 40, 41, 60, 90):
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, most[1]))
            try:
                assert sum(int(row[0]) for row in hr.from_hdf5(pattern, "x")) == 60 * 59
            except OSError as error:
                assert str(error).startswith("[from_hdf5] cannot open '") and str(error).endswith("Too many open files"), error
        resource.setrlimit(resource.RLIMIT_NOFILE, most)
        assert sum(int(row[0]) for row in hr.from_hdf5(pattern, "x")) == 60 * 59
        for _ in range(100):  # threads that read ahead may still be at it
            if len(os.listdir("/proc/self/fd")) < 20: break
            time.sleep(0.02)
        else:
            raise AssertionError("files are left open")
    """)


def test_too_little_address_space_is_a_memory_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(np.zeros((4, 1 << 24), "f8"), {"chunks": (1, 1 << 24), "compression": "gzip"}))
    in_child(f"""
        import resource
        path = {str(path)!r}
        used = int(open("/proc/self/statm").read().split()[0]) * 4096
        for room in (1 << 26, 1 << 27, 1 << 28):
            resource.setrlimit(resource.RLIMIT_AS, (used + room, resource.RLIM_INFINITY))
            for read in (lambda: hr.read_hdf5(path, "x"), lambda: hr.from_hdf5(path, "x").batch(4)[0], lambda: list(hr.from_hdf5(path, "x").batch(3))):
                try:
                    read()
                except (MemoryError, OSError):
                    pass
        resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        assert hr.read_hdf5(path, "x", slice(1, 3)).sum() == 0
    """)


WRITE = """
path, rows = sys.argv[1], int(sys.argv[2])
ds = hr.from_tensor_slices({"x": np.full((rows, 50), rows), "text": [str(rows)] * rows})
begin = time.monotonic()
ds.write_hdf5(path + ".first", chunk_rows=16)
os.unlink(path + ".first")
print(time.monotonic() - begin, flush=True)
while True:
    ds.write_hdf5(path, chunk_rows=16)
"""


def whole(path: Path) -> int:
    """The rows of a file that WRITE wrote, all of them right."""
    read = hr.read_hdf5(path)
    rows = len(read["x"])
    assert read["x"].shape == (rows, 50) and (read["x"] == rows).all() and (read["text"] == np.array([str(rows)] * rows)).all()
    return rows


def test_killed_at_any_moment_it_leaves_the_old_or_the_new_file_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.from_tensor_slices({"x": np.full((7, 50), 7), "text": ["7"] * 7}).write_hdf5(path)
    random = np.random.default_rng(1)
    seen = {whole(path)}
    for attempt in range(24):
        process = children.start(WRITE, str(path), str(1000 + attempt))
        assert process.stdout is not None
        a_write = float(process.stdout.readline())  # takes so long here and now
        time.sleep(random.random() * 3 * a_write)
        os.killpg(process.pid, signal.SIGKILL)
        children.wait(process)
        seen.add(whole(path))
        assert {p.name for p in tmp_path.iterdir()} <= {"a.h5", "a.h5.part"}
    assert 7 in seen and len(seen) > 3
    hr.range(5).write_hdf5(path)  # over what was left
    assert list(hr.from_hdf5(path)) == list(range(5)) and [p.name for p in tmp_path.iterdir()] == ["a.h5"]


def test_processes_that_read_while_one_writes_anew_see_one_file_or_the_other(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.from_tensor_slices({"x": np.full((300, 50), 300), "text": ["300"] * 300}).write_hdf5(path)
    readers = [
        children.start(
            """
            seen = 0
            while seen < 60:
                try:
                    ds = hr.from_hdf5(sys.argv[1])
                    rows = list(ds.shuffle(seed=1).batch(64))
                except OSError as error:  # replaced between two openings
                    assert "changed" in str(error) or "replaced" in str(error) or "another file" in str(error), error
                    continue
                assert sum(len(batch["text"]) for batch in rows) == len(ds)
                assert all((batch["x"] == len(ds)).all() and (batch["text"] == str(len(ds))).all() for batch in rows)
                seen += 1
            """,
            str(path),
        )
        for _ in range(3)
    ]
    writer = children.start(WRITE, str(path), "200")
    for reader in readers:
        ended = children.wait(reader, 40)
        assert ended.code == 0, ended.err
    os.killpg(writer.pid, signal.SIGKILL)
    children.wait(writer)


def test_two_writers_of_one_file_leave_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    code = """
    ds = hr.from_tensor_slices({"x": np.full((400, 50), int(sys.argv[2])), "text": [sys.argv[2]] * 400})
    for _ in range(20):
        try:
            ds.write_hdf5(sys.argv[1], chunk_rows=16)
        except OSError as error:
            assert str(error).startswith("[write_hdf5] cannot "), error
    """
    writers = [children.start(code, str(path), str(k)) for k in (400, 401)]
    for writer in writers:
        ended = children.wait(writer, 40)
        assert ended.code == 0, ended.err
    read = hr.read_hdf5(path)
    assert len({*read["x"].ravel().tolist()}) == 1 and len({*read["text"].tolist()}) == 1


def reads(path: Path) -> str:
    """What a process of its own says of '/x': its sum, or the error."""
    ended = children.run("try: print(hr.read_hdf5(sys.argv[1], 'x').sum())\nexcept OSError as error: print(error)", str(path))
    assert ended.code == 0, ended.err
    return ended.out.strip()


def test_a_file_that_h5py_has_open_for_writing(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w", libver=("v110", "v110")) as file:
        x = file.create_dataset("x", data=np.ones(100), chunks=(10,), maxshape=(None,))
        assert reads(path).startswith("[read_hdf5] cannot open")  # nothing of it is on the disk yet
        file.swmr_mode = True
        x.resize((120,))
        x.flush()
        assert "file is already open for write" in reads(path) and "h5clear" in reads(path)
        marked = path.read_bytes()
    assert reads(path) == "100.0"
    path.write_bytes(marked)  # as its writer left it when it was killed
    assert "file is already open for write" in reads(path)
    with pytest.raises(OSError, match="already open for write"), h5py.File(path) as file:
        pass  # h5py says so, too


def test_a_file_in_the_old_format_that_h5py_has_open(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["x"] = numbers(10)
        file.flush()
        assert reads(path) == str(numbers(10).sum())  # no lock is asked for


def test_a_full_disk_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    hr.range(3).write_hdf5(path)
    in_child(f"""
        import resource
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        rows = hr.from_tensor_slices({{"x": np.random.default_rng(0).random((400, 100)), "text": ["word"] * 400}})
        for limit in (0, 100, 1000, 5000, 50_000, 100_000, 300_000, 400_000):
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
            try:
                rows.write_hdf5({str(path)!r}, chunk_rows=10)
            except OSError as error:
                assert str(error).startswith("[write_hdf5] cannot ") and "a.h5" in str(error), error
            else:
                raise AssertionError(limit)
            assert len(hr.from_hdf5({str(path)!r})) == 3 and os.listdir({str(tmp_path)!r}) == ["a.h5"]
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        rows.write_hdf5({str(path)!r}, chunk_rows=10)
        assert len(hr.from_hdf5({str(path)!r})) == 400
    """)


