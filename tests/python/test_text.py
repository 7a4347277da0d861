"""from_text: lines of files, plain and gzip; damage; what a state needs."""

from __future__ import annotations

import gzip
import random
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr


def read(path: Any, **options: Any) -> list[Any]:
    return list(hr.from_text(path, **options))


def outcome(path: Path, **options: Any) -> list[Any]:
    """Lines, and the texts of errors in their places."""
    found: list[Any] = []
    iterator = iter(hr.from_text(path, **options))
    while True:
        try:
            found.append(next(iterator))
        except StopIteration:
            return found
        except (OSError, ValueError) as error:
            found.append(error)


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "lines"),
    [
        (b"", []),
        (b"\n", [""]),
        (b"a", ["a"]),
        (b"a\n", ["a"]),
        (b"a\r\nb\r\n", ["a", "b"]),
        (b"a\n\nb", ["a", "", "b"]),
        (b"a\r\rb\r\n", ["a\r\rb"]),
        (b"a\0b\n", ["a\0b"]),
        ("\ufeffcafé\n€\n".encode(), ["café", "€"]),
    ],
)
def test_lines(tmp_path: Path, data: bytes, lines: list[str]) -> None:
    assert read(written(tmp_path / "a.txt", data)) == lines
    assert read(written(tmp_path / "a.txt.gz", gzip.compress(data))) == lines
    assert read(tmp_path / "a.txt", as_bytes=True) == [line.encode() for line in lines]


def test_many_lines_of_all_lengths_over_many_blocks(tmp_path: Path) -> None:
    chance = random.Random(1)
    lines = ["x" * chance.choice((0, 1, 15, 16, 17, 300, 9_000)) + str(i) for i in range(3_000)] + ["y" * 3_000_000] + ["end"]
    data = "\n".join(lines).encode()
    for path in (written(tmp_path / "a", data), written(tmp_path / "b", gzip.compress(data, 1))):
        for threads in (1, 2, 8):
            assert list(hr.from_text(path).with_options(threads=threads)) == lines
        batches = list(hr.from_text(path).batch(100))
        assert [line for batch in batches for line in batch] == lines


@given(st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=8)), st.booleans())
def test_what_is_written_comes_back(tmp_path_factory: pytest.TempPathFactory, lines: list[str], windows: bool) -> None:
    end = "\r\n" if windows else "\n"
    path = written(tmp_path_factory.getbasetemp() / "made.txt", "".join(line + end for line in lines).encode())
    shown = [lines[0].removeprefix("\ufeff"), *lines[1:]] if lines else []
    assert read(path) == shown


def test_files_follow_each_other_and_each_begins_with_a_line(tmp_path: Path) -> None:
    written(tmp_path / "2.txt", b"c\nd")
    written(tmp_path / "1.txt", b"a\nb")
    written(tmp_path / "3.txt", b"")
    written(tmp_path / "4.txt", gzip.compress(b"e\n") + gzip.compress(b"f") + bytes(512))
    assert read(str(tmp_path / "*.txt")) == list("abcdef")
    assert read([tmp_path / "2.txt", tmp_path / "1.txt"]) == list("cdab")


@pytest.mark.parametrize("compressed", [False, True])
def test_a_state_at_any_line_gives_the_rest(tmp_path: Path, compressed: bool) -> None:
    lines = [f"{i} " + "x" * (i % 700) for i in range(2_500)]  # more than one block
    data = "\n".join(lines).encode()
    path = written(tmp_path / "a", gzip.compress(data) if compressed else data)
    dataset = hr.from_text(path)
    for step in (0, 1, 7, 199, 200, 1_000, 1_717, 2_498, 2_499, 2_500):
        iterator = dataset.iterator()
        for _ in range(step):
            next(iterator)
        state = iterator.state_dict()
        assert len(str(state)) < 500
        for threads in (1, 2):
            resumed = hr.from_text(path).with_options(threads=threads).iterator()
            resumed.load_state_dict(state)
            assert list(resumed) == lines[step:]


def test_a_line_that_is_not_utf_8_is_an_error_in_its_place(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"one\nb\xe9b\xe9\nthree\n")
    one, bad, three = outcome(path)
    assert (one, three) == ("one", "three")
    assert "[from_text] text must be UTF-8, got b'b\\xe9b\\xe9' in line 2 of" in str(bad) and str(path) in str(bad)
    assert "line 2 of" in bad.__notes__[0]
    assert read(path, as_bytes=True) == [b"one", b"b\xe9b\xe9", b"three"]


def test_line_numbers_go_on_over_blocks_and_states(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"x" * 99 + b"\n" + (b"y" * 99 + b"\n") * 19_998 + b"\xff\n")
    assert "in line 20000 of" in str(outcome(path)[-1])
    iterator = hr.from_text(path).iterator()
    for _ in range(15_000):
        next(iterator)
    resumed = hr.from_text(path).iterator()
    resumed.load_state_dict(iterator.state_dict())
    for _ in range(4_999):
        next(resumed)
    with pytest.raises(ValueError, match="in line 20000 of"):
        next(resumed)


def test_utf_16_is_refused_as_a_whole(tmp_path: Path) -> None:
    (bad,) = outcome(written(tmp_path / "a.txt", "one\ntwo\n".encode("utf-16")))
    assert "got UTF-16" in str(bad) and "iconv" in str(bad)


def test_a_bad_file_costs_its_own_lines(tmp_path: Path) -> None:
    good = b"".join(b"%d\n" % i for i in range(20_000))
    cut = gzip.compress(good)[:-20]
    written(tmp_path / "1.gz", cut), written(tmp_path / "2.txt", b"next\n")
    found = outcome([tmp_path / "1.gz", tmp_path / "2.txt"])
    assert found[-1] == "next" and isinstance(found[-2], OSError) and "1.gz' ends too early" in str(found[-2])
    assert found[:-2] == [str(i) for i in range(len(found) - 2)]
    assert list(hr.from_text([tmp_path / "1.gz", tmp_path / "2.txt"]).ignore_errors(log_warning=False)) == [*found[:-2], "next"]


def test_gzip_cut_anywhere_or_with_any_byte_changed(tmp_path: Path) -> None:
    lines = [f"line {i * i}" for i in range(60)]
    whole = gzip.compress("\n".join(lines).encode(), mtime=0)
    for size in range(2, len(whole)):
        found = outcome(written(tmp_path / "cut", whole[:size]))
        assert isinstance(found[-1], OSError) and found[:-1] == lines[: len(found) - 1], size
    chance = random.Random(2)
    for _ in range(600):
        place, bit = chance.randrange(len(whole)), 1 << chance.randrange(8)
        changed = bytearray(whole)
        changed[place] ^= bit
        found = outcome(written(tmp_path / "flip", bytes(changed)))
        if place < 2:
            continue  # no gzip any more: lines of other bytes
        assert found == lines or any(isinstance(one, (OSError, ValueError)) for one in found), (place, bit)


def test_gzip_of_several_members_is_one_text(tmp_path: Path) -> None:
    whole = gzip.compress(b"a\nb") + gzip.compress(b"") + gzip.compress(b"c\nd\n") + bytes(9)
    assert outcome(written(tmp_path / "a.gz", whole)) == ["a", "bc", "d"]


def test_something_after_the_gzip_data_is_an_error(tmp_path: Path) -> None:
    for rest in (b"rubbish", bytes(8) + b"x", bytes(8) + gzip.compress(b"b")):
        found = outcome(written(tmp_path / "a.gz", gzip.compress(b"a\n") + rest))
        assert found[:-1] in ([], ["a"]) and "something else follows" in str(found[-1])


def test_a_deflate_stream_in_zlibs_own_head_is_no_gzip(tmp_path: Path) -> None:
    assert read(written(tmp_path / "a", zlib.compress(b"a\n", 0)), as_bytes=True)[0] != b"a"


def test_what_is_no_file_is_refused_when_attached(tmp_path: Path) -> None:
    import os

    with pytest.raises(OSError, match=r"\[from_text\] cannot open .*nothing.txt"):
        hr.from_text(tmp_path / "nothing.txt")
    with pytest.raises(OSError, match="must be a plain file"):
        hr.from_text(tmp_path)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(OSError, match="must be a plain file"):
        hr.from_text(tmp_path / "pipe")
    with pytest.raises(OSError, match="no file matches"):
        hr.from_text(str(tmp_path / "*.txt"))
    with pytest.raises(ValueError, match="at least one file"):
        hr.from_text([])


def test_a_file_that_was_changed_since_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"a\nb\n")
    dataset = hr.from_text(path)
    for changed in (b"a\n", b"a\nb\nc\n"):
        written(path, changed)
        with pytest.raises(OSError, match="must stay as it was"):
            next(iter(dataset))
    path.unlink()
    with pytest.raises(OSError, match="cannot open"):
        next(iter(dataset))


def test_a_file_cut_while_it_is_read_is_an_error(tmp_path: Path) -> None:
    path = written(tmp_path / "a.txt", b"line\n" * 400_000)
    iterator = iter(hr.from_text(path).with_options(threads=1))
    assert next(iterator) == "line"
    with path.open("r+b") as file:
        file.truncate(1_000_000)
    with pytest.raises(OSError, match="must stay as it is while it is read"):
        for _ in range(400_000):
            next(iterator)


def test_a_line_longer_than_any_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    with path.open("wb") as file:
        file.write(b"short\n")
        file.truncate(200 << 20)
    found = outcome(path)
    assert found[0] == "short" and "a record must have at most 67108864 bytes" in str(found[1]) and len(found) == 2
    assert "byte 6, line 2, of" in str(found[1])


def test_accounts_count_lines(tmp_path: Path) -> None:
    dataset = hr.from_text(written(tmp_path / "a.txt", b"a\nb\xff\nc\nd\n")).ignore_errors(log_warning=False)
    iterator = iter(dataset)
    assert [next(iterator), next(iterator)] == ["a", "c"]
    account = iterator.stats()[-1]
    assert [account[key] for key in ("stage", "in", "used", "failed", "outputs", "held")] == ["from_text", 3, 2, 1, 2, 0]


def test_a_pickled_dataset_reads_on(tmp_path: Path) -> None:
    import pickle

    dataset = hr.from_text(written(tmp_path / "a.txt", b"a\nb\n"))
    assert list(pickle.loads(pickle.dumps(dataset))) == ["a", "b"]
    assert dataset.cardinality() == hr.UNKNOWN and not dataset.random_access
    assert dataset.element_spec == hr.TensorSpec((), str)
