"""Bytes changed anywhere in HDF5 files of every kind, and files cut anywhere: hdf5_flips.py does it, ./dev flips all of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("h5py")


@pytest.mark.asan
def test_damaged_files_are_errors_or_what_h5py_reads() -> None:
    program = Path(__file__).with_name("hdf5_flips.py")
    ended = subprocess.run([sys.executable, str(program), "1500", "1", "197"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr[-3000:]
