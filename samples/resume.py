"""How do I go on after a crash?

A worker process streams the digits and, after each batch, saves a JSON file: the iterator's state and a hash of every
batch so far. It is killed three times at no particular moment, and goes on from the file each time, with another number
of threads. At the end the hashes are compared with those of a run that nobody disturbed.

    python samples/resume.py
"""

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import headrace as hr

DIGITS = Path(__file__).parent / "data" / "digits.csv.gz"
EPOCHS = 3


def dataset(threads: int) -> hr.Dataset:
    table = np.loadtxt(DIGITS, dtype=np.uint8, delimiter=",")
    digits = hr.from_tensor_slices((table[:, :64], table[:, 64]))
    return digits.shuffle(seed=3).repeat(EPOCHS).batch(32).prefetch(2).with_options(threads=threads)


def work(path: Path, threads: int) -> None:
    """Streams all epochs, going on where the file at `path` says, if there is one."""
    iterator = iter(dataset(threads))
    hashes: list[str] = []
    if path.exists():
        saved = json.loads(path.read_text())
        iterator.load_state_dict(saved["iterator"])
        hashes = saved["hashes"]
    for images, labels in iterator:
        hashes.append(hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest())
        # State and results go into one file, which replaces the old one in one step: a kill leaves one or the other.
        part = path.with_suffix(".part")
        part.write_text(json.dumps({"iterator": iterator.state_dict(), "hashes": hashes}))
        os.replace(part, path)
        time.sleep(0.002)  # training


def start(path: Path, threads: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, __file__, "work", str(path), str(threads)])


def batches_in(path: Path) -> int:
    return len(json.loads(path.read_text())["hashes"]) if path.exists() else 0


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "state.json"
        total = len(dataset(threads=1))
        for kill, threads in enumerate((1, 2, 4), start=1):
            worker = start(path, threads)
            while batches_in(path) < total * kill // 4 and worker.poll() is None:
                time.sleep(0.001)
            worker.send_signal(signal.SIGKILL)
            assert worker.wait() == -signal.SIGKILL, "the worker ended before it was killed"
            state = json.loads(path.read_text())["iterator"]
            print(f"killed with {threads} thread(s) after batch {batches_in(path)} of {total}; state: {len(json.dumps(state))} bytes")
        assert start(path, threads=2).wait() == 0, "the last worker failed"
        resumed = json.loads(path.read_text())["hashes"]

        undisturbed = Path(folder) / "undisturbed.json"
        work(undisturbed, threads=2)
        expected = json.loads(undisturbed.read_text())["hashes"]
    if resumed != expected:
        raise SystemExit("the resumed run differs from the undisturbed one: something is wrong")
    print(f"all {total} batches of {EPOCHS} epochs are equal to those of an undisturbed run, each delivered once")


if __name__ == "__main__":
    if sys.argv[1:2] == ["work"]:
        work(Path(sys.argv[2]), threads=int(sys.argv[3]))
    else:
        main()
