"""from_csv: against the csv module and pandas; dtypes; what is wrong with files; blocks and states."""

from __future__ import annotations

import csv
import gzip
import io
import pickle
import random
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr


def written(path: Path, data: str | bytes) -> Path:
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def outcome(dataset: hr.Dataset) -> list[Any]:
    """Rows, and errors in their places."""
    found: list[Any] = []
    iterator = iter(dataset)
    while True:
        try:
            found.append(next(iterator))
        except StopIteration:
            return found
        except (OSError, ValueError) as error:
            found.append(error)


def shown(found: list[Any]) -> list[Any]:
    """Rows as Python's own values, errors as their type."""
    return [type(row) if isinstance(row, Exception) else [value.item() if hasattr(value, "item") else value for value in row.values()] for row in found]


def dtypes(dataset: hr.Dataset) -> dict[str, str]:
    return {name: getattr(spec.dtype, "__name__", str(spec.dtype)) for name, spec in dataset.element_spec.items()}


# What can be wrong with a file, and what comes of it: the rows, or a part of the error in the place of one.
FAULTS: list[tuple[str, bytes, list[Any]]] = [
    ("quotes", b'a,b\n"x, ""y""",1\n"",2\n"z",3\n', [['x, "y"', 1], ["", 2], ["z", 3]]),
    ("quotes within a field that does not begin with one", b'a,b\n5" x 3",1\n x"",2\n', [['5" x 3"', 1], [' x""', 2]]),
    ("line ends in quotes", b'a,b\n"x\ny",1\n"\r\n\n",2\n', [["x\ny", 1], ["\r\n\n", 2]]),
    ("lines that end in \\r\\n", b"a,b\r\nx,1\r\n\r\ny,2\r\n", [["x", 1], ["y", 2]]),
    ("no line end at the end", b"a,b\nx,1\ny,2", [["x", 1], ["y", 2]]),
    ("empty lines", b"\n\na,b\n\nx,1\n\n\ny,2\n\n", [["x", 1], ["y", 2]]),
    ("a byte order mark", b"\xef\xbb\xbfa,b\nx,1\n", [["x", 1]]),
    ("a byte order mark and quotes", b'\xef\xbb\xbf"a",b\nx,1\n', [["x", 1]]),
    ("a lone carriage return", b"a,b\nx,1\ry,2\nz,3\n", ["lines must end in \\n or \\r\\n, got a lone \\r in line 2 of", ["z", 3]]),
    ("a lone carriage return at the end", b"a,b\nx,1\ny,2\r", [["x", 1], "got a lone \\r in line 3 of"]),
    ("a carriage return in quotes", b'a,b\n"x\ry",1\n', [["x\ry", 1]]),
    ("a zero byte", b"a,b\nx,1\ny\0,2\nz,3\n", [["x", 1], "text must be without zero bytes, got one in line 3 of", ["z", 3]]),
    ("rows too short and too long", b"a,b\nx,1\ny\nz,3,4\nw,5\n", [["x", 1], "must have 2 fields, as the header, got 1 in line 3 of", "got 3 in line 4 of", ["w", 5]]),
    ("a quote that does not close", b'a,b\nx,1\n"y,2\nz,3\n', [["x", 1], "a quote that opens must close, got one without an end in line 3 of"]),
    ("text behind a quote", b'a,b\n"x"y,1\n"x" ,1\nz,3\n', ["where its quote closes, got '\"x\"y' in line 2 of", "in line 3 of", ["z", 3]]),
    ("text that is not UTF-8", b"a,b\nx,1\ncaf\xe9,2\nz,3\n", [["x", 1], "column 'a' must be UTF-8, got b'caf\\xe9' in line 3 of", ["z", 3]]),
    ("blanks around numbers", b"a,b\nx, 1\ny,2 \nz,\t3\n", [["x", 1], ["y", 2], ["z", 3]]),
    ("numbers in quotes", b'a,b\nx,"1"\ny,"2"\n', [["x", 1], ["y", 2]]),
]


@pytest.mark.parametrize(("fault", "data", "rows"), FAULTS, ids=[fault for fault, _, _ in FAULTS])
def test_what_may_be_in_a_file(tmp_path: Path, fault: str, data: bytes, rows: list[Any]) -> None:
    options = {"dtypes": {"a": str, "b": "int64"}}
    for path in (written(tmp_path / "a.csv", data), written(tmp_path / "a.csv.gz", gzip.compress(data))):
        found = outcome(hr.from_csv(path, **options))
        assert len(found) == len(rows)
        for one, expected in zip(found, rows, strict=True):
            if isinstance(expected, str):
                assert isinstance(one, ValueError) and expected in str(one) and str(path) in str(one)
                assert f"of '{path}'" in one.__notes__[0]
            else:
                assert shown([one]) == [expected]


@pytest.mark.parametrize(
    ("data", "what"),
    [
        ("a,b\nx,1\n".encode("utf-16"), "text must be UTF-8, got UTF-16 in"),
        (b"", "the first file must have a header, got none in"),
        (b"\n\r\n", "the first file must have a header, got none in"),
        (b"a,b,a\n1,2,3\n", "the names in the header must differ, got 'a' in columns 0 and 2 of"),
        (b"a,caf\xe9\n1,2\n", "the header must be a line of names in UTF-8, got 'caf\\xe9' in"),
        (b'a,"b\n1,2\n', "the header must be a line of names"),
    ],
)
def test_a_file_that_cannot_be_begun_with(tmp_path: Path, data: bytes, what: str) -> None:
    with pytest.raises(ValueError, match="from_csv") as caught:
        hr.from_csv(written(tmp_path / "a.csv", data))
    assert what in str(caught.value)


@pytest.mark.parametrize(
    ("values", "dtype", "given"),
    [
        (["1", "-2", "+3"], "int64", [1, -2, 3]),
        (["1", "", "3"], "float64", [1.0, None, 3.0]),
        (["1", "2.5", "1e3", "-.5", "inf"], "float64", [1.0, 2.5, 1000.0, -0.5, np.inf]),
        (["true", "False", "TRUE"], "bool", [True, False, True]),
        (["true", ""], "str", ["true", ""]),
        (["1", "x"], "str", ["1", "x"]),
        (["", "NA", "null", "-1.#IND", "<NA>"], "float64", [None] * 5),
        (["NA", "x"], "str", ["NA", "x"]),
        (["9223372036854775807"], "int64", [2**63 - 1]),
        (["9223372036854775808", "1"], "str", ["9223372036854775808", "1"]),
        (["9223372036854775808", "1.5"], "float64", [2.0**63, 1.5]),
        (["9007199254740993", ""], "str", ["9007199254740993", ""]),
        (["1e400", "-1e400", "1e-400"], "float64", [np.inf, -np.inf, 0.0]),
        (["007"], "int64", [7]),
        (["2020-01-01"], "str", ["2020-01-01"]),
    ],
)
def test_dtypes_that_are_found(tmp_path: Path, values: list[str], dtype: str, given: list[Any]) -> None:
    path = written(tmp_path / "a.csv", "x,y\n" + "".join(f"{value},0\n" for value in values))
    dataset = hr.from_csv(path)
    assert dtypes(dataset)["x"] == dtype
    found = [row["x"] for row in dataset]
    assert [None if isinstance(value, float) and np.isnan(value) else value for value in found] == given


def test_found_dtypes_are_kept_to(tmp_path: Path) -> None:
    path = written(tmp_path / "people.csv", "age,name\n" + "1,x\n" * 300_000 + "x1,y\n,z\n99999999999999999999,w\n2,v\n1.5,u\n")
    last = outcome(hr.from_csv(path))[300_000:]
    assert shown(last) == [ValueError, ValueError, ValueError, [2, "v"], ValueError]
    assert str(last[4]).endswith('people.csv\'; give dtypes={"age": "float64"}')
    assert "column 'age' must be int64, got 'x1' in line 300002 of" in str(last[0])
    assert str(last[0]).endswith('people.csv\'; give dtypes={"age": "str"}')
    assert "got a missing value in line 300003 of" in str(last[1]) and 'give defaults={"age": 0}' in str(last[1])
    assert "got '99999999999999999999' in line 300004 of" in str(last[2])
    again = hr.from_csv(path, dtypes={"age": "str"}, defaults={"age": "?"})
    assert [row["age"] for row in again][300_000:] == ["x1", "?", "99999999999999999999", "2", "1.5"]


@pytest.mark.parametrize("dtype", ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float32", "float64"])
def test_every_dtype(tmp_path: Path, dtype: str) -> None:
    path = written(tmp_path / "a.csv", "x\n1\n2\n")
    for given in (dtype, np.dtype(dtype), getattr(np, dtype), {"x": dtype}):
        found = [row["x"] for row in hr.from_csv(path, dtypes=given)]
        assert found == [1, 2] and all(value.dtype == dtype for value in found)
    if "int" in dtype:
        limits = np.iinfo(dtype)
        written(path, f"x\n{limits.max}\n{limits.min}\n{int(limits.max) + 1}\n{int(limits.min) - 1}\n1.0\n")
        assert shown(outcome(hr.from_csv(path, dtypes=dtype))) == [[limits.max], [limits.min], ValueError, ValueError, ValueError]


def test_float32_is_rounded_once(tmp_path: Path) -> None:
    halves = [f"{1 + (2 * k + 1) * 2.0**-24:.17f}" + more for k in range(50) for more in ("", "0000001")]
    halves += [f"{k}.{k}e-{45 + k % 8}" for k in range(1, 60)] + ["7.0064923216240854e-46", "-3.4028235677973362e38"]
    path = written(tmp_path / "a.csv", "x\n" + "\n".join(halves) + "\n" + "#" * 99)
    def nearest(text: str) -> float:
        exact = Fraction(text)
        below = np.float32(float(text))
        around = [below, np.nextafter(below, np.float32(0)), np.nextafter(below, np.float32(9))]
        return float(min(around, key=lambda f: (abs(Fraction(float(f)) - exact), struct.unpack("<I", struct.pack("<f", f))[0] & 1)))

    assert [float(row["x"]) for row in hr.from_csv(path, dtypes="float32", comment="#")] == [nearest(text) for text in halves]


def test_columns_and_their_structure(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b,c\n1,x,2.5\n")
    assert list(hr.from_csv(path)) == [{"a": 1, "b": "x", "c": 2.5}]
    assert list(hr.from_csv(path, "b")) == list(hr.from_csv(path, 1)) == ["x"]
    assert list(hr.from_csv(path, ("c", "a"))) == list(hr.from_csv(path, ["c", "a"])) == list(hr.from_csv(path, [2, 0])) == [(2.5, 1)]
    assert list(hr.from_csv(path, {"x": ("a", "c"), "y": "b"})) == [{"x": (1, 2.5), "y": "x"}]
    assert list(hr.from_csv(path, header=False, columns=("0", 2))) == [("a", "c"), ("1", "2.5")]
    assert list(hr.from_csv(written(path, "a;'b;c'\n1;'x;''y'\n# no\n"), delimiter=";", quote="'", comment="#")) == [{"a": 1, "b;c": "x;'y"}]
    assert list(hr.from_csv(written(path, 'a\tb\n"x\t"y\n'), delimiter="\t", quote=None)) == [{"a": '"x', "b": '"y'}]
    assert list(hr.from_csv(written(path, "a\n-\n1\n"), missing=["-"], defaults={"a": 7})) == [{"a": 7}, {"a": 1}]
    assert list(hr.from_csv(written(path, "a,b\n-999,-999\n1,2.5\n"), missing=["-999"], defaults={"a": 7, "b": 0})) == [{"a": 7, "b": 0.0}, {"a": 1, "b": 2.5}]
    assert list(hr.from_csv(written(path, "a\nb\xe9\n".encode("latin-1")), dtypes=bytes)) == [{"a": b"b\xe9"}]


@pytest.mark.parametrize(
    ("options", "error", "what"),
    [
        ({"columns": "x"}, ValueError, "columns must name columns of the file, got 'x'; it has 'a', 'b'"),
        ({"columns": 2}, ValueError, "columns must be below 2, got 2"),
        ({"columns": -1}, ValueError, "columns must be below 2, got -1"),
        ({"columns": ("a", "a")}, ValueError, "columns must name each column once, got 'a' twice"),
        ({"columns": 1.5}, TypeError, "columns must be names or positions"),
        ({"columns": ()}, ValueError, "columns must name at least one"),
        ({"dtypes": {"x": "int8"}}, ValueError, "dtypes must name columns of the file, got 'x'"),
        ({"dtypes": "complex64"}, TypeError, "dtypes must be bool, an integer's, float32, float64, str or bytes, got complex64()"),
        ({"dtypes": {"a": "datetime64[s]"}}, TypeError, "got datetime64[s]()"),
        ({"dtypes": {"a": 5}}, TypeError, "must be a dtype"),
        ({"dtypes": ("int8", "int8")}, TypeError, "dtypes must be one, or a dict of them by name"),
        ({"defaults": 0}, TypeError, "defaults must be a dict of scalars by name"),
        ({"defaults": {"a": [1]}}, TypeError, "defaults must be scalars, got int64(1) for 'a'"),
        ({"defaults": {"a": "x"}}, ValueError, "defaults must fit their columns, got 'x' for 'a', which is int64"),
        ({"defaults": {"a": 300}, "dtypes": {"a": "int8"}}, ValueError, "got '300' for 'a', which is int8"),
        ({"delimiter": ",,"}, ValueError, "delimiter must be one ASCII character"),
        ({"delimiter": "."}, ValueError, "delimiter must be one ASCII character"),
        ({"delimiter": "\n"}, ValueError, "delimiter must be one ASCII character"),
        ({"quote": ","}, ValueError, "delimiter, quote and comment must differ"),
        ({"comment": "é"}, ValueError, "comment must be one ASCII character"),
    ],
)
def test_bad_arguments(tmp_path: Path, options: dict[str, Any], error: type[Exception], what: str) -> None:
    path = written(tmp_path / "a.csv", "a,b\n1,2\n")
    with pytest.raises(error) as caught:
        hr.from_csv(path, **options)
    assert what in str(caught.value) and str(caught.value).startswith("[from_csv] ")


def test_every_file_has_the_first_ones_header(tmp_path: Path) -> None:
    good, other = written(tmp_path / "1.csv", "a,b\n1,2\n"), written(tmp_path / "2.csv", "b,a\n3,4\n5,6\n")
    third, short = written(tmp_path / "3.csv", "a,b\r\n7,8\r\n"), written(tmp_path / "4.csv", "a\n9\n")
    found = outcome(hr.from_csv([good, other, third, short]))
    assert shown(found) == [[1, 2], ValueError, [7, 8], ValueError]
    assert "every file must have the header of the first, got 'b' for 'a' as column 0 of" in str(found[1])
    assert "got none for 'b' as column 1 of" in str(found[3])
    assert shown(outcome(hr.from_csv(str(tmp_path / "[13].csv")))) == [[1, 2], [7, 8]]
    written(other, "")
    assert shown(outcome(hr.from_csv([good, other, third]))) == [[1, 2], [7, 8]]


def test_comments_before_a_late_header(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", '# "quoted, \n' * 200_000 + 'a,b\n1,2\n# 3,"4\n5,6\n')
    assert shown(outcome(hr.from_csv(path, comment="#"))) == [[1, 2], [5, 6]]


texts = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=6) | st.text('ab",;\n\r\'', max_size=6)


@given(st.lists(st.lists(texts, min_size=3, max_size=3), max_size=8), st.sampled_from([",", ";", "\t"]), st.booleans(), st.sampled_from(["\n", "\r\n"]))
def test_as_the_csv_module_writes(tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], delimiter: str, quote_all: bool, end: str) -> None:
    file = io.StringIO(newline="")
    quote_all |= end == "\n" and any("\r" in text for row in rows for text in row)  # older writers leave it bare
    writer = csv.writer(file, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL if quote_all else csv.QUOTE_MINIMAL)
    writer.writerows([["a", "b", "c"], *rows])
    path = tmp_path_factory.getbasetemp() / "module.csv"
    path.write_bytes(file.getvalue().encode())
    assert [list(row) for row in hr.from_csv(path, ("a", "b", "c"), dtypes=str, delimiter=delimiter)] == rows


def test_as_pandas_reads(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    exact: dict[str, Any] = {} if int(pandas.__version__.split(".")[0]) >= 3 else {"float_precision": "round_trip"}
    chance = random.Random(3)
    path = tmp_path / "a.csv"
    for _ in range(30):
        kinds = [chance.choice(["int", "real", "gaps", "text", "bool", "big"]) for _ in range(4)]

        def value(kind: str) -> str:
            match kind:
                case "int":
                    return str(chance.randrange(-1000, 1000))
                case "real":
                    return repr(chance.uniform(-1, 1) * 10 ** chance.randrange(-12, 12))
                case "gaps":
                    return chance.choice(["", "NA", "1", "2.25"])
                case "bool":
                    return chance.choice(["True", "False", "true"])
                case "big":
                    return str(chance.randrange(-(2**63), 2**63))
            return chance.choice(['"a, b"', "x", '"line\nend"', '"""q"""', "é"])

        written(path, "".join(",".join(row) + "\n" for row in [list("abcd"), *([value(kind) for kind in kinds] for _ in range(50))]))
        frame = pandas.read_csv(path, **exact)
        (batch,) = hr.from_csv(path).batch(50)
        for name in frame:
            theirs = frame[name].to_numpy()
            assert batch[name].dtype == theirs.dtype or theirs.dtype == object
            np.testing.assert_array_equal(batch[name], theirs)


def many_rows(path: Path) -> list[list[Any]]:
    """More than a block of them, with line ends in quotes, wide and narrow rows, errors among them."""
    chance = random.Random(5)
    rows: list[list[Any]] = []
    lines = ["i,text"]
    for i in range(9_000):
        text = chance.choice(["", "x", 'q"\n', "wide " * 60, "é"])
        rows.append([i, text])
        lines.append(f'{i},"{text.replace(chr(34), chr(34) * 2)}"')
    written(path, "\n".join(lines))
    return rows


def test_any_number_of_threads_and_any_batch_size(tmp_path: Path) -> None:
    rows = many_rows(tmp_path / "a.csv")
    for threads in (1, 2, 8):
        assert shown(list(hr.from_csv(tmp_path / "a.csv").with_options(threads=threads))) == rows
    for size in (1, 7, 1000, 10_000):
        batches = list(hr.from_csv(tmp_path / "a.csv").batch(size))
        assert [text for batch in batches for text in batch["text"]] == [text for _, text in rows]
        assert np.concatenate([batch["i"] for batch in batches]).tolist() == [i for i, _ in rows]


@pytest.mark.parametrize("compressed", [False, True])
def test_a_state_at_any_row_gives_the_rest(tmp_path: Path, compressed: bool) -> None:
    rows = many_rows(tmp_path / "a.csv")
    if compressed:
        written(tmp_path / "a.csv", gzip.compress((tmp_path / "a.csv").read_bytes()))
    for step in (0, 1, 700, 701, 4_321, 8_999, 9_000):
        iterator = hr.from_csv(tmp_path / "a.csv").iterator()
        for _ in range(step):
            next(iterator)
        state = iterator.state_dict()
        for threads in (1, 2):
            resumed = hr.from_csv(tmp_path / "a.csv").with_options(threads=threads).iterator()
            resumed.load_state_dict(state)
            assert shown(list(resumed)) == rows[step:]


def test_errors_keep_their_places_and_a_state_at_any_of_them_gives_the_rest(tmp_path: Path) -> None:
    lines = ["1,a", "short", "2,b", "x,c", '3,"d\ne"', "4,f,g", '5"x",h', '"6"x,i', "7,j"]
    path = written(tmp_path / "a.csv", "n,t\n" + "\n".join(lines) + "\n")
    options = {"dtypes": {"n": "int64", "t": "str"}}
    rows = [[1, "a"], ValueError, [2, "b"], ValueError, [3, "d\ne"], ValueError, ValueError, ValueError, [7, "j"]]
    for threads in (1, 2, 8):
        assert shown(outcome(hr.from_csv(path, **options).with_options(threads=threads))) == rows
    for step in range(len(rows) + 1):
        iterator = hr.from_csv(path, **options).iterator()
        for _ in range(step):
            try:
                next(iterator)
            except ValueError:
                pass
        state = iterator.state_dict()
        for _ in range(2):
            resumed = hr.from_csv(path, **options).with_options(threads=2).iterator()
            resumed.load_state_dict(state)
            found = []
            while True:
                try:
                    found.append(next(resumed))
                except StopIteration:
                    break
                except ValueError as error:
                    found.append(error)
            assert shown(found) == rows[step:]


def test_a_state_is_refused_where_other_dtypes_are_found(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a\n1\n2\n")
    iterator = hr.from_csv(path).iterator()
    next(iterator)
    state = iterator.state_dict()
    written(path, "a\n1\nx\n")
    with pytest.raises(ValueError, match="must be of this plan"):
        hr.from_csv(path).iterator().load_state_dict(state)


def test_accounts_count_the_failed_rows(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b\n1,2\n3\n4,5\n6,7,8\n")
    iterator = hr.from_csv(path).ignore_errors(log_warning=False).iterator()
    assert shown(list(iterator)) == [[1, 2], [4, 5]]
    stats = {stage["stage"]: stage for stage in iterator.stats()}
    assert stats["from_csv"]["failed"] == 2


def test_a_file_cut_anywhere_or_with_any_byte_changed(tmp_path: Path) -> None:
    """Rows are as they were, or errors, but for the one that was hit; more of them only where a quote was."""
    whole = b'a,b,c\r\n1,"x, ""y""",2.5\n-20,z,nan\n3,"line\nend",1e5\n4,,7\n'
    path = tmp_path / "a.csv"
    options = {"dtypes": {"a": "int64", "b": "str", "c": "float64"}}
    rows = shown(outcome(hr.from_csv(written(path, whole), **options)))
    same = lambda found, expected: repr(found) == repr(expected)  # noqa: E731: NaN
    for size in range(len(b"a,b,c\r\n"), len(whole)):
        found = shown(outcome(hr.from_csv(written(path, whole[:size]), **options)))
        assert same(found[:-1], rows[: max(len(found) - 1, 0)]), size
    chance = random.Random(2)
    for place in range(len(b"a,b,c\r\n"), len(whole)):
        for _ in range(6):
            changed = bytearray(whole)
            changed[place] ^= 1 << chance.randrange(8)
            found = shown(outcome(hr.from_csv(written(path, bytes(changed)), **options)))
            complete = sum(1 for _ in csv.reader(io.StringIO(whole[:place].decode(), newline=""))) - 2
            assert same(found[: max(complete, 0)], rows[: max(complete, 0)]), place


def test_pickled_and_shown(tmp_path: Path) -> None:
    path = written(tmp_path / "a.csv", "a,b\n1,x\n,y\n")
    dataset = hr.from_csv(path, ("a", "b"), dtypes={"a": "int8", "b": str}, defaults={"a": 5})
    again = pickle.loads(pickle.dumps(dataset))
    assert list(again) == list(dataset) == [(1, "x"), (5, "y")]
    assert again.fingerprint() == dataset.fingerprint()
    assert "from_csv(" in dataset.explain() and "int8" in dataset.explain()
