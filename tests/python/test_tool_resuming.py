"""ingest goes on after kills, a full disk and errors: byte by byte what an undisturbed run makes."""

from __future__ import annotations

import os
import random
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from tool import PROGRAM, headrace

ROWS = 60_000


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with a row in 1,000 that cannot be read."""
    path = tmp_path_factory.mktemp("ingest") / "a.csv"
    x = np.random.default_rng(0).normal(size=(ROWS, 3))
    with path.open("w") as file:
        file.write("i,x,y,z,word\n")
        file.writelines(f"{i if i % 1000 != 777 else '?'},{a!r},{b!r},{c:.2f},word {i % 50}\n" for i, (a, b, c) in enumerate(x.tolist()))
    (path.parent / "schema.json").write_text('{"dtypes": {"i": "int64"}}')
    return path


def words_for(source: Path, out: Path, *options: Any) -> list[str]:
    return list(map(str, ("ingest", "-q", source, "-o", out, "-s", source.parent / "schema.json", "--chunk-rows", 500, "--on-error", out.parent / "bad.jsonl", *options)))


PLANS: list[tuple[Any, ...]] = [("--compress", "gzip:6"), ("--shuffle-seed", 3, "--split", "train=0.8,val=0.2", "--stats", "--compress", "gzip:6")]


@pytest.mark.parametrize("options", PLANS, ids=["in order", "shuffled"])
def test_twenty_kills_and_going_on_give_the_same_bytes(source: Path, tmp_path: Path, options: tuple[Any, ...]) -> None:
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    began = time.monotonic()
    headrace(*words_for(source, undisturbed / "out.h5", *options))
    seconds = time.monotonic() - began
    expected, log = (undisturbed / "out.h5").read_bytes(), (undisturbed / "bad.jsonl").read_text()
    assert log.count("\n") == ROWS // 1000
    choose, out, kills, finished = random.Random(7), tmp_path / "out.h5", 0, 0
    while kills < 20:
        child = subprocess.Popen([str(PROGRAM), *words_for(source, out, *options, "--jobs", choose.choice([1, 2, 4]), "--memory", choose.choice(["4M", "256M"]))], stderr=(tmp_path / "stderr").open("a"))
        try:
            assert child.wait(timeout=choose.uniform(0, seconds / 2)) == 0, (tmp_path / "stderr").read_text()
            finished += 1
            assert out.read_bytes() == expected and (tmp_path / "bad.jsonl").read_text() == log
            out.unlink()
        except subprocess.TimeoutExpired:
            child.send_signal(signal.SIGKILL)
            child.wait()
            kills += 1
            assert not out.exists() or out.read_bytes() == expected  # killed behind the end
    headrace(*words_for(source, out, *options))
    assert out.read_bytes() == expected and (tmp_path / "bad.jsonl").read_text() == log
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.jsonl", "out.h5", "stderr", "undisturbed"]


@pytest.mark.parametrize("options", PLANS, ids=["in order", "shuffled"])
def test_what_is_done_is_not_done_again(source: Path, tmp_path: Path, options: tuple[Any, ...]) -> None:
    out = tmp_path / "out.h5"
    journal = Path(f"{out}.journal")
    for size in (200_000, 600_000, 1_000_000):
        child = subprocess.Popen([str(PROGRAM), *words_for(source, out, *options, "--jobs", 1)], stderr=subprocess.DEVNULL)
        before = journal.read_bytes() if journal.exists() else b""
        while not journal.exists() or journal.stat().st_size < size:
            assert child.poll() is None
            time.sleep(0.001)
        child.kill()
        child.wait()
        kept = len(os.path.commonprefix([before, journal.read_bytes()]))
        assert len(before) - kept < 60_000, "at most the chunk that was being written is redone"


def test_a_full_disk_is_an_error_that_can_be_gone_on_from(source: Path, tmp_path: Path) -> None:
    undisturbed, out = tmp_path / "undisturbed.h5", tmp_path / "out.h5"
    headrace(*words_for(source, undisturbed))
    limit = lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)), signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    ended = headrace(*words_for(source, out), code=1, preexec_fn=limit)
    assert "File too large; what is done is kept: the same command goes on with it" in ended.stderr and not out.exists()
    assert Path(f"{out}.journal").stat().st_size > 300_000
    headrace(*words_for(source, out))
    assert out.read_bytes() == undisturbed.read_bytes()


def test_interrupted_it_says_so_and_goes_on(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.h5"
    child = subprocess.Popen([str(PROGRAM), *words_for(source, out, "--jobs", 1)], stderr=subprocess.PIPE, text=True)
    while not Path(f"{out}.journal").exists() or Path(f"{out}.journal").stat().st_size < 300_000:
        assert child.poll() is None
        time.sleep(0.001)
    child.send_signal(signal.SIGINT)
    assert child.communicate(timeout=10)[1] == "headrace: interrupted\n" and child.returncode == 130
    headrace(*words_for(source, out))
    assert out.exists()


def test_other_inputs_or_options_than_the_journals_are_refused(source: Path, tmp_path: Path) -> None:
    out, copy = tmp_path / "out.h5", tmp_path / "a.csv"
    copy.write_bytes(source.read_bytes())
    limit = lambda: (resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000)), signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    words = ("ingest", "-q", copy, "-o", out, "--on-error", "skip", "-s", source.parent / "schema.json", "--chunk-rows", 500)
    headrace(*words, code=1, preexec_fn=limit)
    for other in ((*words, "--stats"), (*words, "--compress", "none"), (*words, "--shuffle-seed", 1), (*words, "--columns", "x"), (*words[:-1], 700)):
        ended = headrace(*other, code=1)
        assert "it is of other inputs or options" in ended.stderr and "remove it to begin anew" in ended.stderr
    os.utime(copy)
    assert "it is of other inputs or options" in headrace(*words, code=1).stderr


@pytest.mark.parametrize("options", [(), ("--shuffle-seed", "1")], ids=["in order", "shuffled"])
def test_memory_is_bounded(tmp_path: Path, options: tuple[str, ...]) -> None:
    path = tmp_path / "x.csv"
    with path.open("w") as file:
        file.write("a,b,c\n")
        for i in range(0, 4_000_000, 4):
            file.write(f"{i},{i}.5,{i * 7}\n{i + 1},1.25,3\n{i + 2},2.75,4\n{i + 3},3.5,5\n")
    code = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    words = [str(PROGRAM), "ingest", "-q", str(path), "-o", str(tmp_path / "out.h5"), "--memory", "32M", "--jobs", "4", "--compress", "gzip:1", *options]
    ended = subprocess.run([sys.executable, "-c", code, *words], capture_output=True, text=True, check=True)
    assert int(ended.stdout) * 1024 <= (32 << 20) + 60_000_000
    with h5py.File(tmp_path / "out.h5") as file:
        a, b, c = (file[name][:] for name in "abc")
    order, i = np.argsort(a), np.arange(4_000_000)
    assert np.array_equal(a[order], i) and (options == () or not np.array_equal(a, i))
    assert np.array_equal(b[order], np.choose(i % 4, (i + 0.5, 1.25, 2.75, 3.5)))
    assert np.array_equal(c[order], np.choose(i % 4, (i * 7, 3, 4, 5)))
