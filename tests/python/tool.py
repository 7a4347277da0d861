"""The program, run by the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import headrace as hr

PROGRAM = Path(hr.__file__).parents[2] / "headrace"  # beside the package in the build folder


def headrace(*words: Any, code: int | None = 0, **options: Any) -> "subprocess.CompletedProcess[str]":
    """Runs it with these words, and checks the exit code."""
    ended = subprocess.run([str(PROGRAM), *map(str, words)], capture_output=True, text=True, timeout=60, check=False, **options)
    assert code is None or ended.returncode == code, (words, ended)
    return ended
