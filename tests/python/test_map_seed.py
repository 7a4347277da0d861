"""map(seed=): randomness that follows from seed, epoch and position, however the plan is run."""

import json
import pickle
import weakref
from typing import Any

import numpy as np
import pytest

import headrace as hr
from model import Boom, outcomes
from settling import comes_true

pytestmark = pytest.mark.asan


def draw(x: Any, random: np.random.Generator) -> Any:
    return np.array([x, random.integers(2**40), int(random.normal() * 1e6)])


def draws(ds: hr.Dataset, epoch: int = 0) -> list[list[int]]:
    return [row.tolist() for row in ds.iterator(epoch=epoch)]


def every(x: Any) -> bool:
    return True


def odd(x: Any) -> bool:
    return bool(x % 2)


PLANS = {
    "random access": lambda: hr.range(300),
    "shuffled": lambda: hr.range(300).shuffle(seed=3),
    "after a function": lambda: hr.range(300).map(lambda x: x + 1),
    "pieces": lambda: hr.range(300).filter(odd),
    "expanded": lambda: hr.range(300).batch(7).filter(every).unbatch(),
    "expanded, random access": lambda: hr.range(300).map(lambda x: x).batch(7).unbatch(),
    "stream": lambda: hr.range(300).filter(every).shuffle(20, seed=1),
    "scan": lambda: hr.range(300).scan(0, lambda s, x: (s, x)),
    "epochs": lambda: hr.range(50).repeat(6),
}


@pytest.mark.parametrize("plan", PLANS)
def test_what_is_drawn_does_not_depend_on_how_the_plan_is_run(plan: str) -> None:
    def build(**options: Any) -> hr.Dataset:
        return PLANS[plan]().map(draw, seed=5, **options)

    expected = draws(build(), epoch=1)
    assert len({tuple(row[1:]) for row in expected}) == len(expected)
    for threads in (1, 2, 8):
        for calls in (None, 1, 4):
            ds = build(num_parallel_calls=calls).with_options(threads=threads)
            assert draws(ds, epoch=1) == expected
            assert draws(ds.prefetch(3), epoch=1) == expected
            assert draws(ds.batch(16).unbatch(), epoch=1) == expected
    assert draws(build(), epoch=0) != expected
    it = build().iterator(epoch=1)
    for step in range(0, len(expected), 37):
        other = build(num_parallel_calls=2).iterator()
        other.load_state_dict(json.loads(json.dumps(it.state_dict())))
        assert [row.tolist() for row in other] == expected[step:]
        outcomes(it, 37)


@pytest.mark.parametrize("plan", ["random access", "shuffled", "after a function", "expanded, random access"])
def test_an_index_gives_what_epoch_0_gives(plan: str) -> None:
    ds = PLANS[plan]().map(draw, seed=5)
    expected = draws(ds)
    assert [ds[i].tolist() for i in (0, 7, 150, -1)] == [expected[i] for i in (0, 7, 150, -1)]
    assert ds.gather([9, 2, 9]).tolist() == [expected[9], expected[2], expected[9]]
    assert draws(ds.skip(100).take(5)) == expected[100:105]
    assert draws(ds[3::50]) == expected[3::50]


def test_seed_epoch_and_position_each_change_it() -> None:
    def numbers(seed: int, epoch: int) -> list[int]:
        return [int(x) for x in hr.range(20).map(lambda _, r: r.integers(2**62), seed=seed).iterator(epoch=epoch)]

    seen = [number for seed in (0, 1, -1, 2**40) for epoch in range(3) for number in numbers(seed, epoch)]
    assert len(set(seen)) == len(seen)


def test_uniform_numbers_are_uniform_over_positions() -> None:
    drawn = np.array([float(x) for x in hr.range(20_000).map(lambda _, r: r.random(), seed=2)])
    counts = np.bincount((drawn * 16).astype(int), minlength=16)
    assert ((counts - 1250) ** 2 / 1250).sum() < 45
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.03


def test_the_generator_is_the_last_argument() -> None:
    def check(*arguments: Any) -> int:
        assert isinstance(arguments[-1], np.random.Generator)
        return len(arguments)

    pair = hr.zip((hr.range(2), hr.range(2)))
    assert list(pair.map(check, seed=0)) == [3, 3]
    assert list(hr.range(2).map(check, seed=0)) == [2, 2]
    assert list(hr.zip({"a": hr.range(2)}).map(check, seed=0)) == [2, 2]
    assert list(hr.zip((pair, hr.range(2))).map(check, seed=0)) == [3, 3]


def test_a_generator_that_is_kept_goes_on_by_itself() -> None:
    kept: list[np.random.Generator] = []

    def keep(x: Any, random: np.random.Generator) -> int:
        kept.append(random)
        return int(random.integers(100))

    list(hr.range(5).map(keep, seed=1))
    assert len({id(random) for random in kept}) == 5


def test_half_used_bits_do_not_reach_the_next_call() -> None:
    def odd_draws(x: Any, random: np.random.Generator) -> int:
        for _ in range(int(x) % 3):
            random.integers(100, dtype=np.uint32)
        return int(random.integers(2**30, dtype=np.uint32))

    ds = hr.range(30).map(odd_draws, seed=1)
    assert [int(x) for x in ds] == [int(ds[i]) for i in range(30)]


def test_errors_keep_their_place_and_say_where() -> None:
    def fail(x: Any, random: np.random.Generator) -> int:
        if x == 2:
            raise Boom
        return int(x)

    ds = hr.range(4).map(fail, seed=1, name="noise")
    assert outcomes(iter(ds)) == [0, 1, "an error", 3]
    it = iter(ds)
    outcomes(it, 2)
    with pytest.raises(Boom) as error:
        next(it)
    note = "\n".join(error.value.__notes__)
    assert "map 'noise'" in note and "test_map_seed.py" in note and "element 2" in note


def test_it_pickles_and_is_part_of_the_plan() -> None:
    ds = hr.range(10).map(draw, seed=4)
    assert draws(pickle.loads(pickle.dumps(ds))) == draws(ds)
    assert ds.fingerprint() != hr.range(10).map(draw, seed=5).fingerprint()
    assert len(ds) == 10 and ds.random_access
    signed = hr.range(3).map(draw, output_signature=hr.TensorSpec((3,), np.int64), seed=1)
    assert signed.element_spec == hr.TensorSpec((3,), np.int64) and draws(signed) == draws(hr.range(3).map(draw, seed=1))


def test_a_cycle_through_the_function_is_collected() -> None:
    class Owner:
        def __init__(self) -> None:
            self.ds = hr.range(3).map(self.noise, seed=1)

        def noise(self, x: Any, random: np.random.Generator) -> Any:
            return x

    owner = Owner()
    assert list(owner.ds) == [0, 1, 2]
    gone = weakref.ref(owner)
    del owner
    assert comes_true(lambda: gone() is None)
