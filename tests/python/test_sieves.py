"""Stages that look at elements one after the other: what only they can show."""

import json
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, outcomes


def test_take_while_calls_its_predicate_once_an_element_and_never_past_the_end() -> None:
    seen: list[int] = []

    def below_five(i: Any) -> bool:
        seen.append(int(i))
        return bool(i < 5)

    iterator = iter(hr.range(100).take_while(below_five).batch(4))
    assert seen == []
    assert next(iterator).tolist() == [0, 1, 2, 3]
    assert seen == [0, 1, 2, 3]
    assert outcomes(iterator) == [[4]]
    assert seen == list(range(6))
    assert next(iterator, None) is None
    assert seen == list(range(6))


def test_take_while_passes_errors_and_goes_on_after_a_predicate_that_raises() -> None:
    def fails_at_2(i: Any) -> Any:
        if i == 2:
            raise Boom("at 2")
        return i

    def below_seven(i: Any) -> bool:
        if i == 4:
            raise KeyError("at 4")
        return bool(i < 7)

    iterator = iter(hr.range(10).map(fails_at_2).take_while(below_seven))
    got: list[Any] = []
    for _ in range(8):
        try:
            got.append(int(next(iterator)))
        except (Boom, KeyError) as error:
            got.append(type(error))
        except StopIteration:
            break
    assert got == [0, 1, Boom, 3, KeyError, 5, 6]
    account = iterator.stats()[0]
    assert (account["in"], account["used"], account["filtered"], account["failed"]) == (8, 5, 1, 2)


def test_take_while_refuses_what_is_no_bool() -> None:
    iterator = iter(hr.range(3).take_while(lambda i: i))
    with pytest.raises(TypeError, match=r"\[take_while\] the predicate must return a bool"):
        next(iterator)
    with pytest.raises(TypeError, match=r"\[take_while\] predicate must be a function"):
        hr.range(3).take_while(3)  # type: ignore[arg-type]
    assert hr.range(0).take_while(bool).cardinality() == 0
    assert hr.range(5).take_while(bool).cardinality() == hr.UNKNOWN
    assert np.array_equal(list(hr.range(5).repeat().take_while(lambda i: bool(i < 4))), [0, 1, 2, 3])


def distinct(*values: Any) -> list[Any]:
    """What unique leaves of elements that a function gives, whatever they are."""
    return list(hr.range(len(values)).map(lambda i: values[int(i)]).unique())


def test_unique_tells_elements_by_dtype_shape_and_value() -> None:
    assert distinct("a", "b", "a", b"a", "", b"", "ab", b"a") == ["a", "b", b"a", "", b"", "ab"]
    assert [x.dtype.name for x in distinct(np.int32(1), np.int64(1), np.int32(1))] == ["int32", "int64"]
    assert [np.shape(x) for x in distinct(np.zeros(3), np.zeros((3, 1)), np.zeros(3), np.zeros(2))] == [(3,), (3, 1), (2,)]
    floats = distinct(np.nan, 0.0, -0.0, np.nan, 0.0)
    assert len(floats) == 3 and np.signbit(floats[2])
    assert distinct(("a", "bc"), ("ab", "c"), ("a", "bc")) == [("a", "bc"), ("ab", "c")]
    assert len(distinct(["a", "bc"], ["ab", "c"], ["a", "bc"])) == 2
    assert distinct({"x": 1, "y": 2}, {"y": 2, "x": 1}, {"x": 2, "y": 1}) == [{"x": 1, "y": 2}, {"x": 2, "y": 1}]
    assert distinct((1, None), (1,), (1, None)) == [(1, None), (1,)]
    assert distinct(np.datetime64("2020-01-01"), np.datetime64("NaT"), np.datetime64("NaT")).__len__() == 2
    assert len(distinct(np.array("ab"), np.array("ab"), np.array(b"ab"))) == 2


def test_unique_of_records_does_not_look_at_the_gaps_between_fields() -> None:
    dtype = np.dtype({"names": ["a", "b"], "formats": ["u1", "f8"], "offsets": [0, 8], "itemsize": 16})
    raw = np.frombuffer(np.random.default_rng(1).integers(0, 256, 64, np.uint8).tobytes(), dtype).copy()
    raw["a"], raw["b"] = [1, 1, 2, 1], 0.5
    assert [tuple(r) for r in hr.from_tensor_slices(raw).unique()] == [(1, 0.5), (2, 0.5)]


def test_unique_of_large_elements_and_of_strided_ones() -> None:
    images = np.zeros((40, 50, 50), np.float32)
    images[:, 49, 49] = np.arange(40) % 7
    assert [int(image[49, 49]) for image in hr.from_tensor_slices(images).unique()] == list(range(7))
    numbers = np.arange(1000) % 123
    assert list(hr.from_tensor_slices(numbers[::-3]).unique()) == list(dict.fromkeys(numbers[::-3].tolist()))
    assert list(hr.from_tensor_slices(np.stack([numbers, numbers], 1)[:, ::-1]).map(lambda p: p[0]).unique()) == list(range(123))
    sizes = list(hr.range(200).map(lambda i: np.zeros(int(i) % 40 + 1)).unique())
    assert [len(x) for x in sizes] == list(range(1, 41))


def test_unique_agrees_with_python_and_remembers_through_its_state() -> None:
    rng = np.random.default_rng(7)
    numbers = rng.integers(0, 5000, 30_000)
    ds = hr.from_tensor_slices(numbers).unique()
    expected = list(dict.fromkeys(numbers.tolist()))
    assert [int(i) for i in ds] == expected
    iterator = iter(ds)
    head = [int(next(iterator)) for _ in range(3000)]
    state = iterator.state_dict()
    keys = next(value for name, value in state["mark"] if name == "seen")
    assert len(keys) < 3000 * (8 + 1) * 4 / 3 + 100
    again = ds.iterator(epoch=0)
    again.load_state_dict(state)
    assert head + [int(i) for i in again] == expected
    names = np.array(["name %d" % n for n in numbers[:4000]], object)
    assert list(hr.from_tensor_slices(names).unique()) == list(dict.fromkeys(names))


def test_the_keys_of_a_damaged_state_are_refused() -> None:
    ds = hr.range(9).unique()
    iterator = iter(ds)
    next(iterator)
    with pytest.raises(ValueError, match="state"):
        state = iterator.state_dict()
        state["mark"] = [[name, value + "?" if name == "seen" else value] for name, value in state["mark"]]
        ds.iterator().load_state_dict(state)


def test_unique_says_when_its_keys_pass_the_memory_limit() -> None:
    ds = hr.range(10**6).unique().with_options(memory_limit=100_000)
    with pytest.raises(MemoryError, match=r"\[unique\] the keys of the elements seen must fit the memory limit"):
        for _ in ds:
            pass


def test_the_account_of_unique_balances() -> None:
    iterator = iter(hr.from_tensor_slices(np.arange(100) % 10).unique())
    assert len(list(iterator)) == 10
    account = iterator.stats()[0]
    assert (account["in"], account["used"], account["filtered"], account["held"]) == (100, 10, 90, 0)


def fails_often(i: Any) -> Any:
    if i % 10 == 3:
        raise ValueError(f"bad {int(i)}")
    if i % 100 == 7:
        raise KeyError("x")
    return i


def lines(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text().splitlines()]


BAD = [i for i in range(200) if i % 10 == 3 or i % 100 == 7]


def test_ignore_errors_drops_and_counts_by_cause() -> None:
    iterator = iter(hr.range(200).map(fails_often).ignore_errors().batch(50))
    assert np.concatenate(list(iterator)).tolist() == [i for i in range(200) if i not in BAD]
    account = next(a for a in iterator.stats() if a["stage"] == "ignore_errors")
    assert (account["in"], account["used"], account["dropped"], account["failed"], account["held"]) == (200, 178, 22, 0, 0)
    assert account["causes"] == {"ValueError": 20, "KeyError": 2}
    assert hr.range(3).ignore_errors().cardinality() == hr.UNKNOWN


@pytest.mark.parametrize("ahead", [False, True])
def test_the_log_has_each_dropped_element_once_also_after_a_resume(ahead: bool, tmp_path: Path) -> None:
    for step in range(0, 178, 11):
        log = tmp_path / f"{step}.jsonl"
        ds = hr.range(200).map(fails_often).ignore_errors(log_file=str(log))
        ds = ds.prefetch(20) if ahead else ds
        iterator = iter(ds)
        got = [int(next(iterator)) for _ in range(step)]
        state = iterator.state_dict()
        assert [line["position"] for line in lines(log)] == [i for i in BAD if got and i < got[-1]]
        del iterator
        again = ds.iterator()
        again.load_state_dict(state)
        rest = [int(i) for i in again]
        assert got + rest == [i for i in range(200) if i not in BAD]
        assert [line["position"] for line in lines(log)] == BAD
        assert sum(next(a for a in again.stats() if a["stage"] == "ignore_errors")["causes"].values()) == len([i for i in BAD if not got or i > got[-1]])
    first = lines(log)[0]
    assert first["error"] == "ValueError: bad 3" and lines(log)[1]["error"] == "KeyError: 'x'"
    assert first["origin"].startswith("[map] element 3, attached at ")


def test_element_spec_logs_nothing(tmp_path: Path) -> None:
    log = tmp_path / "log"
    ds = hr.range(5, 20).map(lambda i: 1 // max(int(i) - 8, 0)).ignore_errors(log_file=str(log))
    assert ds.element_spec.dtype == np.int64
    assert log.read_text() == ""
    assert len(list(ds)) == 11 and len(lines(log)) == 4


def test_warnings_come_through_python_and_may_be_errors() -> None:
    for ds in (hr.range(8).map(fails_often).ignore_errors(log_warning=True), hr.range(8).map(fails_often).ignore_errors(log_warning=True).prefetch(3)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            assert [int(i) for i in ds] == [0, 1, 2, 4, 5, 6]
        assert [str(w.message).partition(";")[0] for w in caught] == [
            "[ignore_errors] dropped element 3: ValueError: bad 3",
            "[ignore_errors] dropped element 7: KeyError: 'x'",
        ]
        assert all(w.category is hr.HeadraceWarning for w in caught) and caught[0].filename == __file__
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            iterator, got, raised = iter(ds), [], 0
            while True:
                try:
                    got.append(int(next(iterator)))
                except hr.HeadraceWarning:
                    raised += 1
                except StopIteration:
                    break
        assert (got, raised) == ([0, 1, 2, 4, 5, 6], 2)  # nothing is lost by it


def fatal(ds: hr.Dataset) -> tuple[int, str]:
    """How many elements came before the run was stopped, and what it said; it says so at every further call."""
    iterator, count = iter(ds), 0
    try:
        for _ in iterator:
            count += 1
    except RuntimeError as error:
        for _ in range(2):
            with pytest.raises(RuntimeError, match="may fail"):
                next(iterator)
        again = ds.iterator()
        again.load_state_dict(iterator.state_dict())
        with pytest.raises(RuntimeError) as told:
            next(again)
        assert str(told.value) == str(error)
        return count, str(error)
    return count, ""


def test_too_many_errors_stop_the_run() -> None:
    def failing(*numbers: int) -> Any:
        def fails(i: Any) -> Any:
            if int(i) in numbers:
                raise KeyError(i) if i == 0 else ValueError(i)
            return i

        return fails

    thousand = hr.range(1000)
    assert fatal(thousand.map(failing(0, 1, 2)).ignore_errors(max_fraction=0.03)) == (997, "")
    count, text = fatal(thousand.map(failing(0, 1, 2, 3)).ignore_errors(max_fraction=0.03))
    assert count == 95  # judged with the hundredth
    assert text.startswith("[ignore_errors] at most 0.03 of the elements may fail, got 4 of 100 (0.04), mostly ValueError (3); ")
    assert fatal(thousand.map(failing(*range(500, 600))).ignore_errors(max_fraction=0.1))[0] == 500
    assert fatal(thousand.map(failing(*range(500, 600))).ignore_errors(max_fraction=0.1).prefetch(30))[0] == 500
    assert fatal(hr.range(10).map(failing(0, 1)).ignore_errors(max_fraction=0.1))[0] == 8  # at the end
    assert fatal(hr.range(10).map(failing(1)).ignore_errors(max_fraction=0.1)) == (9, "")
    assert fatal(hr.range(10).map(failing(5)).ignore_errors(max_fraction=0))[0] == 5
    assert fatal(hr.range(10).map(failing(*range(10))).ignore_errors(max_fraction=1)) == (0, "")
    many = thousand.map(failing(*range(500, 700))).ignore_errors(max_fraction=0.1).map(abs, num_parallel_calls=3)
    assert fatal(many)[0] == 500


def test_what_is_no_elements_error_is_never_dropped() -> None:
    calls: list[int] = []

    def interrupted(i: Any) -> Any:
        calls.append(int(i))
        if i == 2 and len(calls) == 3:
            raise KeyboardInterrupt
        return i

    iterator = iter(hr.range(5).map(interrupted).ignore_errors())
    assert [int(next(iterator)) for _ in range(2)] == [0, 1]
    with pytest.raises(KeyboardInterrupt):
        next(iterator)
    assert [int(i) for i in iterator] == [2, 3, 4]


def test_ignore_errors_says_what_is_wrong_with_its_options(tmp_path: Path) -> None:
    for bad in (-0.1, 1.5, float("nan")):
        with pytest.raises(ValueError, match=r"\[ignore_errors\] max_fraction must be within \[0, 1\]"):
            hr.range(3).ignore_errors(max_fraction=bad)
    with pytest.raises(OSError, match="log_file must be a file that can be written"):
        iter(hr.range(3).ignore_errors(log_file=str(tmp_path / "no" / "where")))
    if Path("/dev/full").exists():
        iterator = iter(hr.range(9).map(fails_often).ignore_errors(log_file="/dev/full"))
        with pytest.raises(OSError, match="could not be written"):
            list(iterator)
