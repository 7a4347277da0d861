"""choose_from_datasets and sample_from_datasets: what only they can show."""

import pickle
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, always, outcomes


def from_ten(i: Any) -> Any:
    return i + 10


def choices(*numbers: int) -> hr.Dataset:
    return hr.from_tensor_slices(np.array(numbers, np.int64))


def test_choices_follow_one_another_and_stop_at_an_empty_dataset_only_if_asked() -> None:
    datasets = [hr.range(2), hr.range(10, 20)]
    assert list(hr.choose_from_datasets(datasets, choices(0, 1, 1, 0, 1, 0, 1))) == [0, 10, 11, 1, 12]
    assert list(hr.choose_from_datasets(datasets, choices(0, 1, 1, 0, 1, 0, 1), stop_on_empty_dataset=False)) == [0, 10, 11, 1, 12, 13]
    assert list(hr.choose_from_datasets(tuple(datasets), hr.range(2).repeat(), False)) == [0, 10, 1, *range(11, 20)]
    assert list(hr.choose_from_datasets([hr.range(0)], choices(), False)) == []


def test_choices_of_any_integer_dtype_will_do_and_bad_ones_are_errors_in_their_places() -> None:
    for dtype in (np.int8, np.uint64, np.int32):
        chosen = hr.from_tensor_slices(np.array([1, 0], dtype))
        assert list(hr.choose_from_datasets([hr.range(3), hr.range(5, 9)], chosen)) == [5, 0]
    iterator = iter(hr.choose_from_datasets([hr.range(3), hr.range(5, 9)], choices(1, 2, 0, -1, 1)))
    got: list[Any] = []
    for _ in range(5):
        try:
            got.append(int(next(iterator)))
        except IndexError as error:
            assert "[choose_from_datasets] a choice must be within [0, 2), got" in str(error)
            got.append(IndexError)
    assert got == [5, IndexError, 0, IndexError, 6]
    account = iterator.stats()[0]
    assert (account["in"], account["used"], account["failed"], account["held"]) == (5, 3, 2, 0)


def test_bad_datasets_and_choices_are_refused_where_they_are_attached() -> None:
    with pytest.raises(TypeError, match="choice_dataset must have scalar integers as elements, got float64"):
        hr.choose_from_datasets([hr.range(3)], hr.from_tensor_slices(np.zeros(3)))
    with pytest.raises(TypeError, match="all datasets must have elements of one structure|both datasets must have"):
        hr.choose_from_datasets([hr.range(3), hr.from_tensor_slices(np.zeros(3))], hr.range(2))
    with pytest.raises(ValueError, match="datasets must hold at least one dataset"):
        hr.sample_from_datasets([])
    with pytest.raises(TypeError, match=r"datasets\[1\] must be a Dataset, got 3"):
        hr.sample_from_datasets([hr.range(3), 3])  # type: ignore[list-item]
    with pytest.raises(TypeError, match="datasets must be a list or tuple of Datasets, got"):
        hr.sample_from_datasets(hr.range(3))  # type: ignore[arg-type]
    for weights in ([1, 2, 3], [0, 0], [1, -1], [np.nan, 1], [[1, 2]], ["a", "b"]):
        with pytest.raises(ValueError, match=r"\[sample_from_datasets\] weights must"):
            hr.sample_from_datasets([hr.range(3), hr.range(4)], weights)


def test_dicts_come_in_the_first_ones_order() -> None:
    a = hr.from_tensor_slices({"x": np.arange(2), "y": np.arange(2.0)})
    b = hr.from_tensor_slices({"y": np.arange(5.0, 7.0), "x": np.arange(5, 7)})
    batches = list(hr.choose_from_datasets([a, b], hr.range(2).repeat()).batch(4))
    assert list(batches[0]) == ["x", "y"]
    assert batches[0]["x"].tolist() == [0, 5, 1, 6]


def test_nothing_is_read_ahead_of_a_dataset_that_is_not_chosen() -> None:
    calls: list[str] = []

    def told(name: str) -> Any:
        def call(i: Any) -> Any:
            calls.append(f"{name}{i}")
            return i

        return call

    a, b = hr.range(9).map(told("a")), hr.range(9).map(told("b"))
    iterator = iter(hr.choose_from_datasets([a, b], choices(0, 0, 1, 0, 1)).batch(3))
    assert calls == []
    next(iterator)
    assert calls == ["a0", "a1", "b0"]
    next(iterator)
    assert calls == ["a0", "a1", "b0", "a2", "b1"]


def test_many_datasets_are_opened_as_they_are_chosen_and_the_state_names_only_those() -> None:
    datasets = [hr.range(i, i + 3).filter(always) for i in range(300)]
    iterator = iter(hr.choose_from_datasets(datasets, choices(7, 250, 7, 0)))
    assert [int(next(iterator)) for _ in range(3)] == [7, 250, 8]
    assert len(iterator.state_dict()["mark"]) < 20


def test_it_pickles_and_explains_itself() -> None:
    ds = hr.sample_from_datasets([hr.range(30).map(from_ten), hr.range(5)], [2, 1], seed=3)
    again = pickle.loads(pickle.dumps(ds))
    assert list(again) == list(ds.iterator(epoch=0))
    assert again.fingerprint() == ds.fingerprint()
    assert "sample_from_datasets([..., ...], weights=" in ds.explain()
    assert hr.sample_from_datasets([hr.range(3)] * 9, seed=1).explain().startswith("sample_from_datasets([9 datasets], seed=1)")
    assert ds.fingerprint() != hr.sample_from_datasets([hr.range(30).map(from_ten), hr.range(5)], [1, 2], seed=3).fingerprint()
    by_dataset = hr.sample_from_datasets([hr.range(9), hr.range(5)], hr.from_tensors([0.5, 0.5]).repeat(), seed=3)
    assert list(pickle.loads(pickle.dumps(by_dataset))) == list(by_dataset.iterator(epoch=0))


def origins(ds: hr.Dataset, n: int) -> np.ndarray:
    return np.concatenate([batch // 10**9 for batch in ds.take(n).batch(1000)])


def numbered(count: int) -> list[hr.Dataset]:
    return [hr.range(i * 10**9, (i + 1) * 10**9) for i in range(count)]


@pytest.mark.parametrize("weights", [None, [1, 2, 3, 4], [0.7, 0.0, 0.1, 0.2], [1e-3, 1, 1, 1e3]])
def test_draws_fall_as_the_weights_say(weights: list[float] | None) -> None:
    n = 200_000
    for seed in (1, 2, 3):
        drawn = np.bincount(origins(hr.sample_from_datasets(numbered(4), weights, seed=seed), n), minlength=4)
        shares = np.array(weights or [1, 1, 1, 1], float)
        expected = n * shares / shares.sum()
        live = expected > 0
        assert (drawn[~live] == 0).all()
        chi2 = ((drawn - expected)[live] ** 2 / expected[live]).sum()
        assert chi2 < 22  # p < 1e-4 for 3 degrees of freedom


def test_draws_do_not_depend_on_those_before() -> None:
    drawn = origins(hr.sample_from_datasets(numbered(3), seed=4), 90_000)
    pairs = np.bincount(3 * drawn[:-1] + drawn[1:], minlength=9)
    expected = (len(drawn) - 1) / 9
    assert ((pairs - expected) ** 2 / expected).sum() < 32


def test_the_weights_that_are_left_decide_once_a_dataset_is_empty() -> None:
    after: list[np.ndarray] = []
    for seed in range(40):
        ds = hr.sample_from_datasets([hr.range(3), *numbered(3)[1:]], [8, 1, 3], seed=seed)
        drawn = origins(ds, 2000)
        after.append(drawn[np.flatnonzero(drawn == 0)[2] + 1 :])
    left = np.concatenate(after)
    expected = len(left) * np.array([1, 3]) / 4
    assert (((np.bincount(left, minlength=3)[1:] - expected) ** 2) / expected).sum() < 15
    first = np.array([part[0] for part in after])  # the very draw that found it empty is fair, too
    assert 2 <= (first == 1).sum() <= 20


def test_every_element_comes_once_unless_told_to_stop() -> None:
    ds = hr.sample_from_datasets([hr.range(50), hr.range(100, 110), hr.range(0)], seed=1)
    assert ds.cardinality() == 60
    assert sorted(map(int, ds)) == [*range(50), *range(100, 110)]
    stopped = hr.sample_from_datasets([hr.range(50), hr.range(100, 105)], seed=1, stop_on_empty_dataset=True)
    got = [int(i) for i in stopped]
    assert [i for i in got if i >= 100] == list(range(100, 105)) or [i for i in got if i < 100] == list(range(50))
    assert len(got) < 55
    assert stopped.cardinality() == hr.UNKNOWN
    assert hr.sample_from_datasets([hr.range(5), hr.range(9).repeat()], [1, 0]).cardinality() == 5
    assert hr.sample_from_datasets([hr.range(5), hr.range(9).repeat()]).cardinality() == hr.INFINITE


def test_weights_may_come_from_a_dataset_one_vector_a_draw() -> None:
    vectors = np.array([[1, 0], [0, 1], [0, 2], [1, 0], [-1, 2], [0, 0], [0, 1.0]])
    ds = hr.sample_from_datasets([hr.range(9), hr.range(100, 109)], hr.from_tensor_slices(vectors), seed=1)
    assert outcomes(ds.iterator(epoch=0)) == [0, 100, 101, 1, "an error", "an error", 102]
    endless = hr.sample_from_datasets([hr.range(2), hr.range(100, 109)], hr.from_tensors([1.0, 0.0]).repeat(), seed=1)
    assert list(endless) == [0, 1]  # no weight is left
    n = 30_000
    half = hr.sample_from_datasets(numbered(2), hr.from_tensor_slices(np.array([[0.9, 0.1], [0.2, 0.8]])).repeat(), seed=1)
    drawn = origins(half, n)
    assert abs((drawn[::2] == 0).mean() - 0.9) < 0.01
    assert abs((drawn[1::2] == 0).mean() - 0.2) < 0.015


def test_seeds_and_epochs() -> None:
    def order(ds: hr.Dataset) -> list[int]:
        return [int(i) for i in ds.take(100)]

    parts = numbered(2)
    assert order(hr.sample_from_datasets(parts, seed=1)) == order(hr.sample_from_datasets(parts, seed=1))
    assert order(hr.sample_from_datasets(parts, seed=1)) != order(hr.sample_from_datasets(parts, seed=2))
    drawn = hr.sample_from_datasets(parts)
    assert order(drawn) == order(drawn)  # take(100) is a new object each time: epoch 0
    both = hr.sample_from_datasets(parts, rerandomize_each_iteration=True).take(100)
    assert [int(i) for i in both] != [int(i) for i in both]
    fixed = drawn.take(100)
    assert [int(i) for i in fixed] == [int(i) for i in fixed]
    iterator = iter(both)
    expected = [int(i) for i in both.iterator(epoch=2)]
    assert [int(next(iterator)) for _ in range(10)] == expected[:10]
    other = hr.sample_from_datasets(parts, rerandomize_each_iteration=True).take(100).iterator()  # another drawn seed: the state brings its own
    other.load_state_dict(iterator.state_dict())
    assert [int(i) for i in other] == expected[10:]
    with pytest.raises(ValueError, match="without a seed"):
        drawn.shard(2, 0)


def test_errors_of_a_dataset_stand_in_the_places_of_its_elements() -> None:
    def fails_at_1(i: Any) -> Any:
        if i == 1:
            raise Boom
        return i

    ds = hr.choose_from_datasets([hr.range(3).map(fails_at_1), hr.range(10, 13)], choices(0, 1, 0, 1, 0))
    assert outcomes(iter(ds)) == [0, 10, "an error", 11, 2]
    assert outcomes(iter(ds.prefetch(2))) == [0, 10, "an error", 11, 2]
