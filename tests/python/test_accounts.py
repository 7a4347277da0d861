"""Accounts and explain(): what became of every element, and the plan as text."""

from typing import Any

import numpy as np

import headrace as hr
from model import Boom, outcomes


def accounts(iterator: Any) -> dict[str, dict[str, Any]]:
    """By stage name; of stages that occur twice, the outer one."""
    found: dict[str, dict[str, Any]] = {}
    for account in iterator.stats():
        found.setdefault(account["stage"], account)
    return found


COUNTS = ("in", "used", "filtered", "dropped", "failed", "outputs", "bytes")


def even(i: Any) -> bool:
    return bool(i % 2 == 0)


def fails_at_7(i: Any) -> Any:
    if i == 7:
        raise Boom
    return i


def balance(account: dict[str, Any]) -> None:
    assert account["in"] == account["used"] + account["filtered"] + account["dropped"] + account["failed"] + account["held"], account


def counts_at_every_step(threads: int) -> list[Any]:
    ds = hr.range(100).map(fails_at_7).filter(even).batch(5).prefetch(3).with_options(threads=threads)
    iterator, seen = ds.iterator(epoch=0), []
    while True:
        for account in iterator.stats():
            balance(account)
        found = accounts(iterator)
        seen.append([{key: found[name][key] for key in COUNTS} for name in ("map", "filter", "batch")])
        if not outcomes(iterator, 1):
            return seen


def test_counts_are_those_at_the_consumers_position_whatever_the_threads() -> None:
    seen = counts_at_every_step(threads=1)
    mapped, filtered, batched = seen[-1]
    assert (mapped["in"], mapped["failed"], mapped["outputs"]) == (100, 1, 99)
    assert (filtered["filtered"], filtered["outputs"]) == (49, 50)
    assert (batched["failed"], batched["dropped"], batched["used"], batched["outputs"]) == (1, 4, 46, 10)
    for threads in (2, 8):
        assert counts_at_every_step(threads) == seen


def test_the_accounts_of_random_access_balance_too() -> None:
    ds = hr.from_tensor_slices(np.arange(1000.0)).map(lambda v: v).shuffle(seed=1).batch(64, drop_remainder=True).repeat(2)
    iterator = ds.iterator(epoch=0)
    outcomes(iterator)
    found = accounts(iterator)
    for account in found.values():
        balance(account)
    assert found["batch"]["outputs"] == 30 and found["batch"]["used"] == 1920 and found["batch"]["dropped"] == 80
    assert found["batch"]["bytes"] == 1920 * 8


def test_what_a_restored_stage_holds_counts_as_read() -> None:
    ds = hr.range(20).group_by_window(lambda i: i % 3, lambda key, window: window, 4)
    iterator, resumed = ds.iterator(epoch=0), ds.iterator(epoch=0)
    outcomes(iterator, 4)  # [0 3 6 9] were given, and [1 4 7], [2 5 8] are held
    resumed.load_state_dict(iterator.state_dict())
    assert accounts(resumed)["group_by_window"]["held"] == 6
    while outcomes(resumed, 1):
        account = accounts(resumed)["group_by_window"]
        assert account["held"] >= 0, account
    assert (account["in"], account["used"], account["held"]) == (16, 16, 0)


def test_a_gap_after_the_last_row_counts_nothing() -> None:
    iterator = hr.range(5).map(lambda i: i).batch(3).rebatch(1).window(1, shift=2).iterator(epoch=0)
    outcomes(iterator)
    found = accounts(iterator)["window"]
    assert (found["in"], found["used"], found["dropped"]) == (5, 3, 2)


def test_what_was_read_ahead_for_nothing_is_shown_apart() -> None:
    iterator = hr.range(10_000).map(abs).prefetch(8).iterator(epoch=0)
    outcomes(iterator, 3)
    assert accounts(iterator)["map"]["outputs"] == 3


def test_explain_prints_the_plan_and_calls_nothing() -> None:
    def never(i: Any) -> Any:
        raise AssertionError

    text = hr.range(10).map(never).batch(4, drop_remainder=True).prefetch(2).explain()
    lines = [line for line in text.splitlines() if line.strip()]
    assert [next(n for n in ("prefetch", "batch", "map", "range") if n in line) for line in lines[:4]] == ["prefetch", "batch", "map", "range"]
    assert "never" in text and "drop_remainder=True" in text and "?" in text
    assert "float32(16)" in hr.from_tensor_slices(np.zeros((3, 16), np.float32)).explain().replace("(16,)", "(16)")


def test_repr_is_short_and_a_fingerprint_is_16_digits() -> None:
    ds = hr.range(10).shuffle(seed=1).batch(3)
    assert "batch" in repr(ds) or "Dataset" in repr(ds)
    assert len(ds.fingerprint()) == 16 and int(ds.fingerprint(), 16) >= 0
    assert ds.fingerprint() == hr.range(10).shuffle(seed=1).batch(3).prefetch(1).fingerprint()
    assert ds.fingerprint() != hr.range(10).shuffle(seed=2).batch(3).fingerprint()
