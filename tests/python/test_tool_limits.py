"""The program where the system gives it few files, little memory or no thread: it works, or says why not and leaves nothing partial."""

from __future__ import annotations

import resource
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hdf5_files import h5py
from tool import headrace


def limited(kind: int, size: int) -> Any:
    return lambda: resource.setrlimit(kind, (size, resource.getrlimit(kind)[1]))


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("limits") / "x.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("x", data=np.random.default_rng(0).random((4000, 200)), chunks=(500, 200), compression="gzip", shuffle=True)
        file.create_dataset("t", data=[f"text {i}" for i in range(3000)], chunks=(100,))
    return path


def commands(source: Path, out: Path) -> list[list[Any]]:
    return [
        ["inspect", source],
        ["head", source],
        ["stats", "-q", source],
        ["verify", "-q", source],
        ["verify", "-q", source, "--salvage", out],
        ["repack", "-q", source, "-o", out, "--compress", "gzip:1"],
    ]


@pytest.mark.parametrize("kind, sizes", [(resource.RLIMIT_NOFILE, (3, 4, 5, 6, 8)), (resource.RLIMIT_AS, (60 << 20, 90 << 20, 120 << 20, 200 << 20, 400 << 20))])
def test_limits_are_errors_in_words_or_change_nothing(source: Path, tmp_path: Path, kind: int, sizes: tuple[int, ...]) -> None:
    out = tmp_path / "out.h5"
    for words in commands(source, out):
        right = headrace(*words).stdout
        made = out.read_bytes() if out.exists() else None
        codes = []
        for size in sizes:
            out.unlink(missing_ok=True)
            ended = headrace(*words, code=None, preexec_fn=limited(kind, size))
            if ended.returncode == 127:  # the system cannot even begin it
                continue
            codes.append(ended.returncode)
            assert ended.returncode in (0, 1), (size, ended)
            assert not Path(f"{out}.part").exists()
            if ended.returncode == 0:
                assert ended.stdout == right and made == (out.read_bytes() if out.exists() else None)
            else:
                assert ended.stderr.startswith("headrace: ") and not out.exists(), ended
        assert codes[-1] == 0, codes
        Path(f"{out}.journal").unlink(missing_ok=True)
