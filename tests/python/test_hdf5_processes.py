"""HDF5 files and processes: pickles, states, fork, h5py beside headrace, files that change."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import children
import headrace as hr
from hdf5_files import ROWS, h5py, in_child, numbers, same, write


def test_pickles_open_their_own_files(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    ds = pickle.loads(pickle.dumps(hr.from_hdf5(path, "x").shuffle(seed=4).batch(10)))
    assert np.array_equal(np.concatenate(list(ds))[:, 0] // 8, [int(i) for i in hr.range(ROWS).shuffle(seed=4)])


def test_a_state_goes_on_exactly(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    ds = hr.from_hdf5(path, "x").shuffle(100, seed=4).batch(32)
    whole = list(ds.iterator(epoch=2))
    for stop in (0, 1, 7, len(whole)):
        iterator = ds.iterator(epoch=2)
        for _ in range(stop):
            next(iterator)
        other = ds.iterator(epoch=0)
        other.load_state_dict(iterator.state_dict())
        rest = list(other)
        assert len(rest) == len(whole) - stop and all(map(np.array_equal, rest, whole[stop:]))


@pytest.mark.parametrize("first", ["h5py", "headrace"])
def test_h5py_and_headrace_in_one_process(tmp_path: Path, first: str) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    second = "headrace" if first == "h5py" else "h5py"
    in_child(f"""
        import {first}, {second}, numpy as np
        for _ in range(3):
            with h5py.File({str(path)!r}) as file:
                data = file["x"][:]
                batches = list(headrace.from_hdf5({str(path)!r}, "x").batch(100))
                assert np.array_equal(np.concatenate(batches), data)
    """)


def test_a_fork_reads_on(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=(numbers(), {"chunks": (64, 8), "compression": "gzip"}))
    in_child(f"""
        import os, headrace as hr
        ds = hr.from_hdf5({str(path)!r}, "x").batch(10)
        iterator = iter(ds)
        begun = [next(iterator) for _ in range(20)]
        child = os.fork()
        rest = sum(len(batch) for batch in iterator)
        again = sum(float(batch.sum()) for batch in ds)
        assert rest == 800 and again == sum(range(8000)), (rest, again)
        if child == 0:
            os._exit(0)
        assert os.waitpid(child, 0)[1] == 0
    """)


def test_a_file_changed_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = write(tmp_path / "a.h5", x=numbers(100))
    ds = hr.from_hdf5(path, "x")
    assert ds[3][0] == 24
    raw = path.read_bytes()
    path.write_bytes(raw[: len(raw) // 2])
    with pytest.raises(OSError, match=r"^\[from_hdf5\]"):
        list(ds.batch(100))


def test_a_file_replaced_before_it_is_opened_again_is_an_error(tmp_path: Path) -> None:
    for i in range(80):
        write(tmp_path / f"{i:03}.h5", x=np.full((2, 3), i))
    ds = hr.from_hdf5(tmp_path / "*.h5", "x")
    write(tmp_path / "000.h5", x=np.full((2, 3), -1))
    assert ds[100].tolist() == [50] * 3
    with pytest.raises(OSError, match=r"^\[from_hdf5\] '.*000.h5' must stay as it is while it is read, but it was replaced"):
        ds[0]


@pytest.mark.parametrize("options", [{}, {"chunks": (2, 3)}, {"chunks": (2, 3), "compression": "gzip"}], ids=str)
def test_a_file_written_anew_in_place(tmp_path: Path, options: dict[str, Any]) -> None:
    path = write(tmp_path / "a.h5", x=(np.arange(12).reshape(4, 3), options))
    old = hr.from_hdf5(path, "x")
    begun = iter(old.batch(1))
    next(begun)
    new = np.arange(21).reshape(7, 3) * 0.5
    write(path, x=(new, options))
    same(hr.from_hdf5(path, "x"), new)
    assert np.array_equal(hr.read_hdf5(path, "x"), new)
    for _ in range(2):  # what was decoded before is still right; all else is an error
        try:
            assert np.array_equal(np.concatenate(list(old.batch(2))), np.arange(12).reshape(4, 3))
        except OSError as error:
            assert "the file was written to since it was opened" in str(error) or "bytes when it was opened" in str(error)


def test_what_another_thread_read_last_lets_the_process_end_in_silence(tmp_path: Path) -> None:
    """That a chunk was never written libhdf5 says by an error, which it keeps until the thread's next call; and while it keeps one, it does not end."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("x", (ROWS, 8), chunks=(64, 8), dtype="f4", compression="gzip")[:64] = 1
    ended = children.run(
        """
        ds = hr.from_hdf5(sys.argv[1], "x")
        thread = threading.Thread(target=lambda: print(sum(map(len, ds.batch(64)))))
        thread.start()
        thread.join()
        """,
        str(tmp_path / "a.h5"),
    )
    assert (ended.code, ended.err, ended.out) == (0, "", f"{ROWS}\n")
