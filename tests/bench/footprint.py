"""What headrace costs besides time: import, size on the disk, buffers in a steady loop, threads beyond the cores."""

import importlib.metadata
import statistics
import subprocess
import tempfile
from pathlib import Path

import numpy as np

import headrace as hr
import peers
from measure import BUILD, RUNS, Figure, Row, alternate, child, count

IMPORT = """
import json, os, time
def rss():
    return int(open('/proc/self/statm').read().split()[1]) * os.sysconf('SC_PAGE_SIZE')
start = time.perf_counter()
import numpy
middle, size = time.perf_counter(), rss()
import headrace
print(json.dumps({'numpy': middle - start, 'headrace': time.perf_counter() - middle, 'bytes': rss() - size}))
"""


def imports() -> Row:
    answers = [child(IMPORT) for _ in range(RUNS)]
    middle = {key: statistics.median(answer[key] for answer in answers) for key in answers[0]}
    row = Row("import", {"headrace": middle["numpy"] + middle["headrace"], "NumPy": middle["numpy"]})
    row.seconds |= peers.imports()
    row.figures = [
        Figure("import headrace over import numpy", middle["headrace"] * 1e3, "ms", 10),
        Figure("memory over numpy's", middle["bytes"] / 1e6, "MB", 10),
        Figure("installed size", installed_bytes() / 1e6, "MB", 5),
    ]
    return row


def installed_bytes() -> int:
    """Of the installed package; in the build folder, of the files as they are, the module without its debug sections."""
    try:
        listed = importlib.metadata.files("headrace") or []
        return sum(Path(str(file.locate())).stat().st_size for file in listed if file.suffix != ".pyc")
    except importlib.metadata.PackageNotFoundError:
        package = BUILD / "python" / "headrace"
        files = [file for file in package.rglob("*") if file.is_file() and file.suffix != ".pyc"]
        return sum(map(stripped_bytes, files))


def stripped_bytes(file: Path) -> int:
    if file.suffix != ".so":
        return file.stat().st_size
    with tempfile.NamedTemporaryFile() as copy:
        subprocess.run(["strip", "-o", copy.name, file], check=True)
        return Path(copy.name).stat().st_size


def steady() -> Row:
    x = np.random.default_rng(0).random((1_000_000, 16), np.float32)
    dataset = hr.from_tensor_slices(x).shuffle(seed=1).batch(256)
    two, sixteen = dataset.with_options(threads=2), dataset.with_options(threads=16)
    iterator = iter(two)
    half = len(iterator) // 2
    for _ in range(half):
        next(iterator)
    before = hr._core.memory()["allocated"]
    count(iterator)
    allocated = hr._core.memory()["allocated"] - before
    calls = {"headrace": lambda: count(two), "headrace, 16 threads": lambda: count(sixteen)}
    row = Row("1M x 16 float32, shuffled, batch 256, by threads", alternate(calls))
    row.figures.append(Figure("buffers allocated in the second half of an epoch", allocated, "", 0))
    row.ratio("16 threads over 2", "headrace, 16 threads", "headrace", 1.3)
    return row


ROWS = {"import": imports, "steady": steady}
