"""Are shuffles random? Chi-square tests over many seeds and epochs, and every permutation of few elements alike often.

The seeds are fixed, so nothing here fails by chance. A statistic is compared through Wilson and Hilferty's normal
approximation; five deviations either way are the bar: too even is as wrong as too uneven.
"""

import math
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import headrace as hr

BAR = 5.0
Ints = NDArray[np.int64]


def deviations(observed: Any, expected: Any, freedom: int) -> float:
    """How many standard deviations the chi-square statistic is away from what chance gives."""
    statistic = float(((np.asarray(observed, float) - expected) ** 2 / expected).sum())
    spread = 2 / (9 * freedom)
    return ((statistic / freedom) ** (1 / 3) - (1 - spread)) / math.sqrt(spread)


def even(counts: Ints) -> float:
    return deviations(counts, counts.sum() / counts.size, counts.size - 1)


def table(a: Ints, b: Ints, bins: int) -> Ints:
    """How often each pair of values below `bins` occurs."""
    return np.bincount(a * bins + b, minlength=bins * bins).reshape(bins, bins)


def permutation(n: int, seed: int, epoch: int = 0) -> Ints:
    return np.concatenate(list(hr.range(n).shuffle(seed=seed).batch(1 << 16).iterator(epoch=epoch)))


def permutations(n: int, count: int, by: str) -> Ints:
    """Many of them, a row each: of neighbouring seeds, of seeds far apart, or of the epochs of one seed."""
    if by == "epochs":
        ds = hr.range(n).shuffle(seed=11).batch(n)
        return np.stack([next(ds.iterator(epoch=epoch)) for epoch in range(count)])
    seeds = range(count) if by == "seeds" else [int(s) for s in np.random.default_rng(3).integers(-(2**63), 2**63, count)]
    return np.stack([hr.range(n).shuffle(seed=seed).batch(n)[0] for seed in seeds])


BY = ["seeds", "far seeds", "epochs"]


@pytest.mark.parametrize("by", BY)
@pytest.mark.parametrize("n", [2, 3, 4, 5, 6])
def test_every_permutation_of_few_elements_is_alike_often(n: int, by: str) -> None:
    rows = permutations(n, 30 * math.factorial(n) + 2000, by)
    assert (np.sort(rows, axis=1) == np.arange(n)).all()
    codes = (rows * n ** np.arange(n)).sum(axis=1)
    _, counts = np.unique(codes, return_counts=True)
    assert len(counts) == math.factorial(n)
    assert abs(even(counts)) < BAR


@pytest.mark.parametrize("by", BY)
def test_each_of_ten_elements_is_at_each_place_alike_often(by: str) -> None:
    rows = permutations(10, 20_000, by)
    places = np.stack([np.bincount(rows[:, place], minlength=10) for place in range(10)])
    assert abs(deviations(places, len(rows) / 10, 9 * 9)) < BAR  # rows and columns have fixed sums
    different = ~np.eye(10, dtype=bool)
    assert abs(even(table(rows[:, :-1].ravel(), rows[:, 1:].ravel(), 10)[different])) < BAR
    assert abs(even(table(rows[:, 0], rows[:, 9], 10)[different])) < BAR


@pytest.mark.parametrize("n, count", [(1000, 300), (2**20 + 1, 12)])
@pytest.mark.parametrize("by", ["seeds", "epochs"])
def test_places_and_neighbours_of_many_elements_are_random(n: int, count: int, by: str) -> None:
    bins = 25
    place = np.arange(n) * bins // n
    places, pairs, steps = np.zeros((bins, bins), int), np.zeros((bins, bins), int), np.zeros(bins, int)
    for i in range(count):
        p = permutation(n, seed=i) if by == "seeds" else permutation(n, seed=11, epoch=i)
        if i == 0:
            assert np.array_equal(np.sort(p), np.arange(n))
        binned = p * bins // n
        places += table(place, binned, bins)
        pairs += table(binned[:-1], binned[1:], bins)
        steps += np.bincount((p[1:] - p[:-1]) % n * bins // n, minlength=bins)
    sizes = np.bincount(place)  # bins differ by one
    assert abs(deviations(places, count * np.outer(sizes, sizes) / n, (bins - 1) ** 2)) < BAR
    assert abs(deviations(pairs, count * np.outer(sizes, sizes) / n, (bins - 1) ** 2)) < BAR
    possible = np.bincount(place[1:], minlength=bins)  # a step is never 0
    assert abs(deviations(steps, steps.sum() * possible / possible.sum(), bins - 1)) < BAR


@pytest.mark.parametrize("n", [10, 1000, 2**20 + 1])
@pytest.mark.parametrize("by", ["seeds", "epochs"])
def test_first_elements_are_random(n: int, by: str) -> None:
    count, bins = 20_000, min(n, 100)
    if by == "seeds":
        heads = np.stack([hr.range(n).shuffle(seed=seed).batch(2)[0] for seed in range(count)])
    else:
        ds = hr.range(n).shuffle(seed=11).batch(2)
        heads = np.stack([next(ds.iterator(epoch=epoch)) for epoch in range(count)])
    for column in heads.T:
        assert abs(even(np.bincount(column * bins // n, minlength=bins))) < BAR
    both = heads * 10 // n
    if n > 10:  # the second element knows nothing of the first, nor a seed's of the next one's
        assert abs(even(table(both[:, 0], both[:, 1], 10))) < BAR
    assert abs(even(table(both[:-1, 0], both[1:, 0], 10))) < BAR


def test_seeds_and_epochs_give_different_orders() -> None:
    orders = {tuple(permutation(20, seed, epoch)) for seed in (-1, 0, 1, 2**40, 2**63 - 1) for epoch in range(20)}
    assert len(orders) == 100


@pytest.mark.parametrize("buffer_size", [10, 50, 250])
def test_a_windowed_shuffle_permutes_blocks_and_the_rows_of_each(buffer_size: int) -> None:
    n, count = 1000, 2000
    heads = np.zeros(count, int)
    for seed in range(count):
        p = hr.range(n).shuffle(buffer_size, seed=seed).batch(n)[0]
        assert np.array_equal(np.sort(p), np.arange(n))
        blocks = (p // buffer_size).reshape(-1, buffer_size)
        assert (blocks == blocks[:, :1]).all(), "the rows of a block stay together"
        heads[seed] = p[0]
    assert abs(even(np.bincount(heads // buffer_size, minlength=n // buffer_size))) < BAR
    assert abs(even(np.bincount(heads % buffer_size * 5 // buffer_size, minlength=5))) < BAR


def test_a_windowed_shuffle_of_one_keeps_the_order_and_of_all_is_the_full_one() -> None:
    assert list(hr.range(50).shuffle(1, seed=3)) == list(range(50))
    for size in (50, 51, 10**12):
        assert list(hr.range(50).shuffle(size, seed=3)) == list(hr.range(50).shuffle(seed=3))


@pytest.mark.parametrize("buffer_size", [1, 2, 10, 100])
def test_a_buffered_shuffle_holds_so_many_elements_and_picks_any_of_them(buffer_size: int) -> None:
    n = 200
    stream = hr.range(n).filter(lambda i: True)
    heads = np.zeros(buffer_size, int)
    for seed in range(300):
        p = np.array([int(i) for i in stream.shuffle(buffer_size, seed=seed)])
        assert np.array_equal(np.sort(p), np.arange(n))
        assert (p <= np.arange(n) + buffer_size - 1).all(), "nothing comes before it was read"
        heads[p[0]] += 1
    assert heads[0] == 300 if buffer_size == 1 else abs(even(heads)) < BAR


def test_a_buffered_shuffle_of_everything_gives_every_permutation_alike_often() -> None:
    stream = hr.range(4).filter(lambda i: True)
    rows = np.array([[int(i) for i in stream.shuffle(4, seed=seed)] for seed in range(3000)])
    _, counts = np.unique(rows @ 4 ** np.arange(4), return_counts=True)
    assert len(counts) == 24
    assert abs(even(counts)) < BAR
