"""list_files: patterns, order, and what is wrong with folders."""

import fnmatch
import os
import pickle
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for name in ("b/2.csv", "b/10.csv", "a/1.csv", "a/.hidden.csv", "top.csv", "a/x[1].txt", "a/x1.txt", "a/deep/3.csv"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return tmp_path


def below(tree: Path, *patterns: str) -> list[str]:
    return [path.removeprefix(f"{tree}/") for path in hr.list_files([f"{tree}/{pattern}" for pattern in patterns])]


def test_paths_come_sorted_and_once(tree: Path) -> None:
    assert below(tree, "*/*.csv") == ["a/.hidden.csv", "a/1.csv", "b/10.csv", "b/2.csv"]
    assert below(tree, "b/*", "*/[12]*.csv", "nothing*") == ["a/1.csv", "b/10.csv", "b/2.csv"]
    assert below(tree, "top.csv") == ["top.csv"]
    assert below(tree, "?/*/*.csv") == ["a/deep/3.csv"]
    assert below(tree, "[!a]/?.csv") == ["b/2.csv"]


def test_a_backslash_takes_the_meaning_from_a_sign(tree: Path) -> None:
    assert below(tree, "a/x[1].txt") == ["a/x1.txt"]
    assert below(tree, "a/x\\[1].txt") == ["a/x[1].txt"]
    assert below(tree, "a/x\\[1].*") == ["a/x[1].txt"]


def test_paths_begin_as_the_pattern_does(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tree)
    assert list(hr.list_files("*.csv")) == ["top.csv"]
    assert list(hr.list_files("./b//1*")) == ["./b//10.csv"]
    assert list(hr.list_files(Path("b") / "2*")) == ["b/2.csv"]
    assert list(hr.list_files(("*.csv", Path("a/1.csv")))) == ["a/1.csv", "top.csv"]


def test_list_files_is_random_access_of_str(tree: Path) -> None:
    ds = hr.list_files(f"{tree}/*/*.csv")
    assert len(ds) == 4 and ds.random_access and ds.element_spec == hr.TensorSpec((), str)
    assert ds[-1] == f"{tree}/b/2.csv"
    assert ds.batch(4)[0].tolist() == list(ds)
    assert list(pickle.loads(pickle.dumps(ds))) == list(ds)


def test_shuffle_gives_another_order_each_epoch(tree: Path) -> None:
    pattern = f"{tree}/*/*.csv"
    ds = hr.list_files(pattern, shuffle=True, seed=7)
    plain = hr.list_files(pattern).shuffle(seed=7)
    orders = [tuple(ds.iterator(epoch=epoch)) for epoch in range(8)]
    assert orders == [tuple(plain.iterator(epoch=epoch)) for epoch in range(8)]
    assert len(set(orders)) > 2 and {frozenset(order) for order in orders} == {frozenset(orders[0])}
    drawn = hr.list_files(pattern, shuffle=True)
    it = iter(drawn)
    other = iter(hr.list_files(pattern, shuffle=True))
    other.load_state_dict(it.state_dict())
    assert list(it) == list(other)
    assert list(pickle.loads(pickle.dumps(drawn)).iterator(epoch=2)) == list(drawn.iterator(epoch=2))
    with pytest.raises(ValueError, match="num_shards must be 1 downstream of list_files"):
        drawn.shard(2, 0)


def test_a_state_of_other_files_is_refused(tree: Path) -> None:
    state = iter(hr.list_files(f"{tree}/b/*")).state_dict()
    (tree / "b" / "3.csv").touch()
    with pytest.raises(ValueError, match="plan"):
        iter(hr.list_files(f"{tree}/b/*")).load_state_dict(state)


def test_no_match_is_an_error_that_names_the_patterns(tree: Path) -> None:
    for pattern in (f"{tree}/*.nothing", f"{tree}/none/*.csv", f"{tree}/top.csv/*", ""):
        with pytest.raises(OSError) as error:
            hr.list_files(pattern)
        assert str(error.value) == f"[list_files] no file matches '{pattern}'; patterns are * ? and [...]"
    with pytest.raises(ValueError, match=r"\[list_files\] file_pattern must name at least one pattern, got none"):
        hr.list_files([])


@pytest.mark.parametrize("wrong", [3, None, b"*.csv", ["a", 1], {"a": 1}])
def test_other_types_are_refused(wrong: Any) -> None:
    with pytest.raises(TypeError, match=r"\[list_files\] file_pattern must be a str, a path or a list of them, got"):
        hr.list_files(wrong)


def test_a_name_that_is_no_text_is_an_error(tree: Path) -> None:
    (Path(os.fsdecode(os.fsencode(tree) + b"/b/\xff.csv"))).touch()
    with pytest.raises(ValueError, match=r"\[list_files\] a path must be UTF-8"):
        hr.list_files(f"{tree}/b/*")
    assert below(tree, "b/[0-9]*") == ["b/10.csv", "b/2.csv"]
    (tree / "ü.csv").touch()
    assert below(tree, "ü*") == ["ü.csv"]


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every folder")
def test_a_folder_that_cannot_be_read_is_an_error(tree: Path) -> None:
    (tree / "b").chmod(0)
    try:
        with pytest.raises(OSError, match=r"\[list_files\] cannot read the folder"):
            hr.list_files(f"{tree}/*/*.csv")
    finally:
        (tree / "b").chmod(0o700)


NAMES = sorted({a + b for a in ("a", "b", ".", "aa", "-", "1") for b in ("", "a", "1", "b.c")} - {"."})


@given(pattern=st.text("ab1?*[]!-.", min_size=1, max_size=6).filter(lambda text: text not in (".", "..")))
def test_patterns_match_as_fnmatch_does(tmp_path_factory: pytest.TempPathFactory, pattern: str) -> None:
    folder = tmp_path_factory.getbasetemp() / "names"
    if not folder.exists():
        folder.mkdir()
        for name in NAMES:
            (folder / name).touch()
    if any(odd in pattern for odd in ("[]", "[!]", "--", "[.", "[-", "-]", "[!-")):
        return  # Python and POSIX read these ranges differently
    expected = [f"{folder}/{name}" for name in NAMES if fnmatch.fnmatchcase(name, pattern)]
    try:
        found = list(hr.list_files(f"{folder}/{pattern}"))
    except OSError:
        found = []
    assert found == expected
