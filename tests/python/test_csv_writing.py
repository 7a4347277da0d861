"""write_csv: what comes back, by from_csv, the csv module and pandas; what it refuses; whole files or none."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr

texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5) | st.text('ab",;\n\r\t\ufeff', max_size=5)
rows = st.lists(
    st.tuples(texts, st.integers(-(2**63), 2**63 - 1), st.floats(), st.booleans(), st.floats(width=32), st.integers(0, 2**64 - 1)), min_size=1, max_size=6
)
DTYPES = {"t": str, "i": "int64", "f": "float64", "b": "bool", "s": "float32", "u": "uint64"}


def table(rows: list[Any]) -> dict[str, Any]:
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {name: column if name == "t" else np.array(column, DTYPES[name]) for name, column in zip("tifbsu", columns, strict=True)}


@given(rows, st.booleans(), st.sampled_from(",;\t|"))
def test_what_is_written_comes_back(tmp_path_factory: pytest.TempPathFactory, rows: list[Any], header: bool, delimiter: str) -> None:
    path = tmp_path_factory.getbasetemp() / "written.csv"
    hr.from_tensor_slices(table(rows)).write_csv(path, header, delimiter)
    names = dict(zip("012345", "tifbsu", strict=True))
    dtypes = DTYPES if header else {place: DTYPES[name] for place, name in names.items()}
    (batch,) = hr.from_csv(path, header=header, delimiter=delimiter, dtypes=dtypes).batch(len(rows))
    for (name, column), expected in zip(batch.items(), table(rows).values(), strict=True):
        expected = np.asarray(expected)
        np.testing.assert_array_equal(column, expected)
        assert name in DTYPES if header else name in names
        if expected.dtype.kind == "f":
            assert (np.signbit(column) == np.signbit(expected))[~np.isnan(expected)].all()
    with path.open(newline="", encoding="utf-8") as file:
        read = list(csv.reader(file, delimiter=delimiter))
    assert [row[0] for row in read[header:]] == [row[0] for row in rows]


@given(st.lists(texts, min_size=1, max_size=5))
def test_a_column_of_text_alone(tmp_path_factory: pytest.TempPathFactory, lines: list[str]) -> None:
    path = tmp_path_factory.getbasetemp() / "text.csv"
    hr.from_tensor_slices(np.array(lines, object)).write_csv(path)
    assert list(hr.from_csv(path, "data", dtypes=str)) == lines
    hr.from_tensor_slices(np.array(lines, object)).write_csv(path, header=False)
    assert list(hr.from_csv(path, "0", header=False, dtypes=str)) == lines


def test_dtypes_come_back_where_text_tells_them(tmp_path: Path) -> None:
    columns = {"i": np.arange(3), "f": np.array([1.0, 1e22, np.nan]), "b": np.array([True, False, True]), "t": ["a", "", "c"]}
    hr.from_tensor_slices(columns).write_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "i,f,b,t\n0,1.0,True,a\n1,1e+22,False,\n2,nan,True,c\n"
    spec = hr.from_csv(tmp_path / "a.csv").element_spec
    assert {name: spec[name].dtype for name in spec} == {"i": np.int64, "f": np.float64, "b": np.bool_, "t": str}


def test_as_pandas_reads(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    exact: dict[str, Any] = {} if int(pandas.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    columns = {"i": np.arange(5) - 2, "f": np.array([0.1, -1e300, np.nan, np.inf, 3.0]), "t": ["a,b", 'q"', "l\nm", "é", "x"], "b": np.arange(5) % 2 == 0}
    hr.from_tensor_slices(columns).write_csv(tmp_path / "a.csv")
    frame = pandas.read_csv(tmp_path / "a.csv", **exact)
    for name, column in columns.items():
        np.testing.assert_array_equal(frame[name].to_numpy(), np.asarray(column))


def test_names_of_nested_components(tmp_path: Path) -> None:
    hr.from_tensors((1, {"x": 2.5, "y": (b"z", "u")}, None)).write_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "0,1/x,1/y/0,1/y/1\n1,2.5,z,u\n"
    with pytest.raises(ValueError, match=r"\[write_csv\] names of columns must differ, got 'a/b' twice"):
        hr.from_tensors({"a": {"b": 1}, "a/b": 2}).write_csv(tmp_path / "a.csv")


def test_fixed_width_text(tmp_path: Path) -> None:
    hr.from_tensor_slices((np.array(["ä", "bc", ""]), np.array([b"x", b"yz", b""]))).write_csv(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == "0,1\nä,x\nbc,yz\n,\n"


@pytest.mark.parametrize(
    ("dataset", "error", "what"),
    [
        (hr.from_tensor_slices(np.zeros((2, 2))), ValueError, "elements must be scalars, got float64(2)"),
        (hr.from_tensor_slices(np.zeros(2, np.complex64)), TypeError, "elements must be bool, integers, float32, float64 or text, got complex64()"),
        (hr.from_tensor_slices(np.zeros(2, np.float16)), TypeError, "got float16()"),
        (hr.from_tensor_slices(np.zeros(2, "datetime64[s]")), TypeError, "got datetime64[s]()"),
        (hr.range(3).repeat(), ValueError, "the dataset must end, got an infinite one; use take()"),
        (hr.from_tensor_slices(["a", "b\0"]), ValueError, "text must be without zero bytes, got 'b\\x00'"),
        (hr.from_tensors(None), TypeError, "elements must be scalars, got None"),
    ],
)
def test_what_is_refused_leaves_the_old_file(tmp_path: Path, dataset: hr.Dataset, error: type[Exception], what: str) -> None:
    path = tmp_path / "a.csv"
    path.write_text("old")
    with pytest.raises(error) as caught:
        dataset.write_csv(path)
    assert str(caught.value).startswith("[write_csv] ") and what in str(caught.value)
    assert path.read_text() == "old" and list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("options", "what"), [({"delimiter": ",,"}, "delimiter must be"), ({"delimiter": '"'}, "must differ"), ({"header": 1}, "header must be a bool")])
def test_bad_arguments(tmp_path: Path, options: dict[str, Any], what: str) -> None:
    with pytest.raises((TypeError, ValueError), match=what):
        hr.range(3).write_csv(tmp_path / "a.csv", **options)
    assert not list(tmp_path.iterdir())


def test_errors_of_elements_and_of_progress(tmp_path: Path) -> None:
    def fail(i: np.int64) -> np.int64:
        if i == 9_000:
            raise KeyError("here")
        return i

    with pytest.raises(KeyError, match="here"):
        hr.range(10_000).map(fail).write_csv(tmp_path / "a.csv")

    def stop(rows: int) -> None:
        raise RuntimeError(f"at {rows}")

    with pytest.raises(RuntimeError, match="at 4096"):
        hr.range(10_000).write_csv(tmp_path / "a.csv", progress=stop)
    with pytest.raises(OSError, match="No such file or directory"):
        hr.range(3).write_csv(tmp_path / "none" / "a.csv")
    assert not list(tmp_path.iterdir())


def test_the_same_file_by_any_number_of_threads(tmp_path: Path) -> None:
    told: list[int] = []
    hr.range(20_000).write_csv(tmp_path / "a.csv", progress=told.append)
    assert told == [4096, 8192, 12288, 16384, 20000]
    assert (tmp_path / "a.csv").read_text() == "data\n" + "".join(f"{i}\n" for i in range(20_000))
    for threads in (1, 2, 8):
        hr.range(20_000).with_options(threads=threads).write_csv(tmp_path / "b.csv")
        assert (tmp_path / "b.csv").read_bytes() == (tmp_path / "a.csv").read_bytes()
