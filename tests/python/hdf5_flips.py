"""Damages small HDF5 files of every kind, byte by byte, and reads them in child processes.

    ./dev flips [FLIPS [SEED [CUTS]]]    20,000 bytes changed, and every file cut at every CUTS-th place, at every one

What is read must be an error, what stood in the file before, or what h5py reads of the damaged file. A child that
crashes or takes too long is a failure, unless libhdf5 does so without us: where every stack of AddressSanitizer's report
begins in it, or where Debian's h5dump, which has the same libhdf5, dies, too; io/hdf5/README.md lists those. Prints each
failure with the bytes that bring it back.
"""

from __future__ import annotations

import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

Case = tuple[str, int, int]  # a file's name, a byte of it, and what is added to it by exclusive or; 0: cut there
ROWS = 64  # that are looked at
SECONDS = 20 if os.environ.get("HEADRACE_SANITIZER") else 5
MEMORY = 4 << 30  # of a child: what a file claims to hold must not be taken
REFUSALS = (OSError, ValueError, TypeError, IndexError, KeyError, RuntimeError, MemoryError, OverflowError)


# --- the files -------------------------------------------------------------------------------------------------------


def make_files(folder: Path) -> list[str]:
    import h5py

    import headrace as hr

    numbers = np.arange(60, dtype=np.float32).reshape(20, 3)
    words = [f"wörd {i}" * (i % 3) for i in range(20)]
    records = np.array([(i, i / 2, b"ab") for i in range(20)], [("n", ">i2"), ("x", "<f8"), ("t", "S3")])
    packed = {"compression": "gzip", "shuffle": True}

    def plain(file: Any) -> None:
        file["contiguous"] = numbers.astype(">f4")
        file["records"] = records
        file["flags"] = np.arange(20) % 3 == 0
        file["odd"] = np.array([b"text %d" % i for i in range(20)])

    def chunked(file: Any) -> None:
        file.create_dataset("gzip", data=numbers, chunks=(7, 2), **packed)
        file.create_dataset("lzf", data=numbers.astype("i8"), chunks=(7, 3), compression="lzf", fletcher32=True)
        file.create_dataset("raw", data=records, chunks=(6,))

    def growing(file: Any) -> None:
        file.create_dataset("one", data=numbers, chunks=(3, 3), maxshape=(None, 3), **packed)
        file.create_dataset("two", data=numbers, chunks=(3, 2), maxshape=(None, None))
        file.create_dataset("fixed", data=numbers, chunks=(3, 2), fletcher32=True)

    def variable(file: Any) -> None:
        file.create_dataset("texts", data=words, dtype=h5py.string_dtype())
        file.create_dataset("chunked", data=words, dtype=h5py.string_dtype(), chunks=(6,), **packed)
        sequences = file.create_dataset("sequences", (20,), h5py.vlen_dtype("i4"), chunks=(6,))
        for i in range(20):
            sequences[i] = np.arange(i % 4)

    def tree(file: Any) -> None:
        file["a/b/numbers"] = numbers
        file["a/again"] = file["a/b/numbers"]
        file["a/up"] = file["/"]
        file["soft"] = h5py.SoftLink("/a/b/numbers")
        file["a"].attrs["number"], file["a"].attrs["text"], file["a/b"].attrs["array"] = 2.5, "words", numbers[0]
        for i in range(12):
            file[f"many/{i}"] = i

    for name, make in {"plain": plain, "chunked": chunked, "variable": variable, "tree": tree, "growing": growing}.items():
        for version, how in {"old": {"libver": "earliest"}, "new": {"libver": ("v110", "v110")}}.items():
            with h5py.File(folder / f"{name}-{version}", "w", userblock_size=512 * (name == "plain"), **how) as file:
                make(file)
    rows = hr.from_tensor_slices({"x": numbers, "deep": (np.arange(20), words), "y": records})
    rows.write_hdf5(folder / "written", chunk_rows=7, attrs={"made": "here"})
    return sorted(path.name for path in folder.iterdir())


# --- children: what is read of each case, a line each ----------------------------------------------------------------


def plain_value(value: Any) -> Any:
    """As it can be compared: dtypes in native order, texts as bytes."""
    if isinstance(value, str):
        return value.encode("utf-8", "surrogateescape")
    if isinstance(value, bytes):
        return bytes(value)
    if isinstance(value, (list, tuple)):
        return [plain_value(part) for part in value]
    array = np.asarray(value)
    if array.dtype == object:
        return [plain_value(part) for part in array.tolist()]
    if array.dtype.names:  # what lies between the fields is no value
        return [[name, plain_value(array[name])] for name in array.dtype.names]
    native = array.astype(array.dtype.newbyteorder("="))
    return [str(native.dtype), native.shape, native.tobytes()]


def read_ours(path: str, name: str) -> Iterator[Any]:
    import headrace as hr

    ds = hr.from_hdf5(path, name)
    count = min(len(ds), ROWS)
    yield [plain_value(row) for row in ds.take(count)]
    batch = hr.read_hdf5(path, name, slice(0, count))
    if isinstance(batch, hr.RaggedTensor):
        batch = np.split(batch.values, batch.row_splits[1:-1])
    yield [plain_value(row) for row in batch]


def read_h5py(path: str, name: str) -> Iterator[Any]:
    import h5py

    with h5py.File(path) as file:
        yield [plain_value(row) for row in file[name][:ROWS]]


def look_around(path: str) -> None:
    import headrace as hr

    try:
        hr.read_hdf5(path)
    except REFUSALS:
        pass


def damage(whole: bytes, at: int, flip: int) -> bytes:
    return whole[:at] + bytes([whole[at] ^ flip]) + whole[at + 1 :] if flip else whole[:at]


def work(reader: str, folder: str) -> None:
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    if not os.environ.get("HEADRACE_SANITIZER"):
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    whole = {path.name: path.read_bytes() for path in Path(folder).iterdir()}
    damaged = os.path.join(tempfile.mkdtemp(), "damaged.h5")
    for line in sys.stdin:
        file, at, flip, names = json.loads(line)
        Path(damaged).unlink(missing_ok=True)
        Path(damaged).write_bytes(damage(whole[file], at, flip))
        signal.alarm(SECONDS)
        found: dict[str, list[str]] = {}
        for name in names:
            found[name] = []
            try:
                for value in (read_ours if reader == "ours" else read_h5py)(damaged, name):
                    found[name].append(repr(value))
            except REFUSALS as error:
                found[name].append("error")
                if "[" not in str(error) and reader == "ours" and str(error):
                    found[name].append(f"an error that is not ours: {error!r}")
        if reader == "ours":
            look_around(damaged)
        signal.alarm(0)
        print(json.dumps(found), flush=True)


# --- the parent ------------------------------------------------------------------------------------------------------


class Death(NamedTuple):
    code: int
    frames: list[str]  # of each stack in AddressSanitizer's report the first that is nobody's memcpy or malloc

    def in_libhdf5(self) -> bool:
        """With memory of its own, too: where it writes over ours, we gave it too little."""
        return bool(self.frames) and all("libhdf5" in frame for frame in self.frames)


def first_frames(report: str) -> list[str]:
    stacks = re.findall(r"(?:^ +#\d+ 0x\w+ .*\n)+", report, re.MULTILINE)
    frames = [[frame for frame in re.findall(r"0x\w+ (.*)", stack) if "interceptor" not in frame] for stack in stacks]
    return [stack[0] for stack in frames if stack]


Answer = dict[str, list[str]] | Death


def answers(reader: str, folder: Path, cases: list[Case], names: dict[str, list[str]]) -> Iterator[tuple[Case, Answer]]:
    """What a child says of each case, or how it died there."""
    done = 0
    while done < len(cases):
        child = subprocess.Popen(
            [sys.executable, __file__, reader, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        lines = "".join(json.dumps([*case, names[case[0]]]) + "\n" for case in cases[done : done + 500])
        out, err = child.communicate(lines)
        for answer in out.splitlines():
            yield cases[done], json.loads(answer)
            done += 1
        if child.returncode != 0:
            yield cases[done], Death(child.returncode, first_frames(err))
            done += 1


def h5dump_dies(contents: bytes) -> bool:
    """Whether the same libhdf5 crashes, or does not end, without us and without a sanitizer."""
    if not shutil.which("h5dump"):
        return False
    with tempfile.NamedTemporaryFile() as file:
        file.write(contents)
        file.flush()
        try:
            plain = {name: value for name, value in os.environ.items() if name != "LD_PRELOAD"}
            return subprocess.run(["h5dump", file.name], capture_output=True, timeout=10, env=plain).returncode < 0
        except subprocess.TimeoutExpired:
            return True


def check(flips: int, seed: int, cuts: int) -> list[str]:
    """What is wrong; `flips` bytes changed and every `cuts`-th place cut at."""
    import h5py

    wrong: list[str] = []
    known: list[str] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        files = make_files(folder)
        names: dict[str, list[str]] = {}
        for file in files:
            with h5py.File(folder / file) as opened:
                names[file] = []
                opened.visititems(lambda item, what, to=names[file]: to.append(item) if isinstance(what, h5py.Dataset) and what.shape else None)
        random = np.random.default_rng(seed)
        sizes = {file: (folder / file).stat().st_size for file in files}
        cases: list[Case] = []
        for turn in range(flips):
            file = files[turn % len(files)]
            cases.append((file, int(random.integers(sizes[file])), int(random.integers(1, 256))))
        cases += [(file, at, 0) for file in files for at in range(turn_of(file, cuts), sizes[file], cuts)]
        before = {}
        for file in files:
            for case, answer in answers("ours", folder, [(file, sizes[file], 0)], names):
                assert isinstance(answer, dict) and not any("error" in value for value in answer.values()), (file, answer)
                before[file] = answer
        doubtful: dict[Case, dict[str, list[str]]] = {}
        for case, answer in answers("ours", folder, cases, names):
            if isinstance(answer, Death):
                theirs = answer.in_libhdf5() or h5dump_dies(damage((folder / case[0]).read_bytes(), case[1], case[2]))
                (known if theirs else wrong).append(f"{case}: the child ended with {answer.code} {answer.frames}")
                continue
            for item, values in answer.items():
                odd = [value for value in values if value.startswith("an error")]
                wrong += [f"{case}: {item}: {value}" for value in odd]
                others = [value for value in values if value != "error" and value not in before[case[0]][item] and value not in odd]
                if others:
                    doubtful.setdefault(case, {})[item] = others
        for case, h5pys in answers("h5py", folder, list(doubtful), names):
            if isinstance(h5pys, Death):  # theirs crashed: nothing to compare with
                continue
            for item, values in doubtful[case].items():
                if h5pys[item] != ["error"] and any(value not in h5pys[item] for value in values):
                    wrong.append(f"{case}: {item}: {values[0][:200]}, h5py: {h5pys[item][0][:200]}")
        print(f"hdf5_flips: {len(cases)} files, {len(doubtful)} of them compared with h5py, {len(wrong)} wrong", file=sys.stderr)
        print(*[f"libhdf5 itself: {case}" for case in known], sep="\n", file=sys.stderr)
    return wrong


def turn_of(file: str, cuts: int) -> int:
    return sum(map(ord, file)) % cuts


if __name__ == "__main__":
    if sys.argv[1:2] in (["ours"], ["h5py"]):
        work(sys.argv[1], sys.argv[2])
    else:
        numbers = [int(argument) for argument in sys.argv[1:]]
        found = check(*numbers, *(20_000, 1, 1)[len(numbers) :])
        print("\n".join(found))
        sys.exit(bool(found))
