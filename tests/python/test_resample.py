"""rejection_resample: what only it can show."""

import pickle
from typing import Any

import numpy as np
import pytest

import headrace as hr

N = 60_000


def labels(shares: list[float], seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).choice(len(shares), N, p=shares)


def identity(c: Any) -> Any:
    return c


def chi2(classes: np.ndarray, target: list[float]) -> float:
    expected = len(classes) * np.array(target)
    live = expected > 0
    counts = np.bincount(classes, minlength=len(target))
    assert (counts[~live] == 0).all()
    return float((((counts - expected)[live]) ** 2 / expected[live]).sum())


@pytest.mark.parametrize("target", [[0.5, 0.3, 0.2], [1 / 3, 1 / 3, 1 / 3], [0.0, 0.5, 0.5], [0.2, 0.3, 0.5]])
def test_classes_come_in_the_shares_of_the_target(target: list[float]) -> None:
    initial = [0.5, 0.3, 0.2]
    ds = hr.from_tensor_slices(labels(initial))
    for seed in (1, 2):
        given = np.concatenate([batch[0] for batch in ds.rejection_resample(identity, target, initial, seed=seed).batch(1000)])
        assert chi2(given, target) < 20  # p < 1e-4 for 2 degrees of freedom
        counted = np.concatenate([batch[0] for batch in ds.rejection_resample(identity, target, seed=seed).batch(1000)])
        assert chi2(counted[len(counted) // 10 :], target) < 25
    if target == initial:
        assert len(given) == N  # what comes as it should is all kept


def test_as_many_are_kept_as_can_be() -> None:
    initial, target = [0.8, 0.2], [0.5, 0.5]
    kept = list(hr.from_tensor_slices(labels(initial)).rejection_resample(identity, target, initial, seed=4))
    rare = [c for c, _ in kept if c == 1]
    assert len(rare) == int((labels(initial) == 1).sum())  # none of the class that is wanted most is lost
    assert abs(len(kept) / N - 0.4) < 0.01


def test_elements_keep_their_order_and_come_at_most_once_with_their_class() -> None:
    ds = hr.range(5000).map(lambda i: (i, {"half": i / 2})).rejection_resample(lambda i, rest: int(i) % 3, [0.2, 0.3, 0.5], seed=1)
    elements = list(ds)
    numbers = [int(i) for _, (i, _) in elements]
    assert numbers == sorted(set(numbers))
    assert all(c == i % 3 and rest["half"] == i / 2 for c, (i, rest) in elements)
    assert elements[0][0].dtype == np.int64


def test_it_is_fair_to_every_position_and_differs_by_seed_and_epoch() -> None:
    def run(seed: int | None, epoch: int = 0) -> list[int]:
        ds = hr.range(200).rejection_resample(lambda i: 0 if i % 4 else 1, [0.5, 0.5], [0.75, 0.25], seed=seed)
        return [int(i) for _, i in ds.iterator(epoch=epoch)]

    assert run(1) == run(1) != run(2)
    assert run(1, 0) != run(1, 1)
    assert run(None) != run(None)
    kept = np.zeros(200)
    for seed in range(400):
        kept[run(seed)] += 1
    assert (kept[::4] == 400).all()
    others = np.delete(kept, np.s_[::4])
    assert abs(others.mean() / 400 - 1 / 3) < 0.01 and others.min() > 90 and others.max() < 180


def test_the_counts_are_in_the_state() -> None:
    ds = hr.from_tensor_slices(labels([0.9, 0.1])).rejection_resample(identity, [0.5, 0.5], seed=2)
    whole = [int(c) for c, _ in ds.iterator(epoch=0)]
    iterator = ds.iterator(epoch=0)
    for _ in range(3000):
        next(iterator)
    state = iterator.state_dict()
    assert sum(name == "count" for name, _ in state["mark"]) == 2
    again = ds.iterator()
    again.load_state_dict(state)
    assert whole[3000:] == [int(c) for c, _ in again]
    assert [int(c) for c, _ in pickle.loads(pickle.dumps(ds)).iterator(epoch=0)] == whole


def test_bad_classes_are_errors_in_their_places() -> None:
    for bad, error in ((3, ValueError), (-1, ValueError), (0.5, TypeError), ("a", TypeError)):
        for initial in (None, [0.5, 0.5]):
            ds = hr.range(3).rejection_resample(lambda i, bad=bad: bad if i == 1 else 0, [0.5, 0.5], initial, seed=1)
            iterator, raised = iter(ds), 0
            while True:
                try:
                    next(iterator)
                except error as caught:
                    assert "[rejection_resample] class_func must return a" in str(caught)
                    raised += 1
                except StopIteration:
                    break
            assert raised == 1


def test_distributions_are_checked_when_it_is_attached() -> None:
    def attach(target: Any, initial: Any = None) -> None:
        hr.range(3).rejection_resample(identity, target, initial)

    for bad in ([], [0.5, 0.6], [1.5, -0.5], [np.nan, 1], [[0.5, 0.5]], ["a"]):
        with pytest.raises(ValueError, match=r"\[rejection_resample\] target_dist must"):
            attach(bad)
    with pytest.raises(ValueError, match="initial_dist must be as long as target_dist, 2, got 3"):
        attach([0.5, 0.5], [0.2, 0.3, 0.5])
    with pytest.raises(ValueError, match="initial_dist must be > 0 for every class of target_dist, got 0 for class 1"):
        attach([0.5, 0.5], [1.0, 0.0])
    attach(np.array([0.5, 0.5], np.float32), [0.999, 0.001])
    a, b = (hr.range(3).rejection_resample(identity, target, seed=1) for target in ([0.5, 0.5], [0.4, 0.6]))
    assert a.fingerprint() != b.fingerprint()
    assert a.cardinality() == hr.UNKNOWN and hr.range(0).rejection_resample(identity, [1.0]).cardinality() == 0
