"""random and counter."""

import pickle

import numpy as np
import pytest

import headrace as hr
from model import plain, random_numbers


def numbers(ds: hr.Dataset, count: int, epoch: int = 0) -> list[int]:
    return plain(next(ds.batch(count).iterator(epoch=epoch)))


def test_random_numbers_are_the_same_each_epoch_unless_asked_for_others() -> None:
    for choice in (None, False):
        ds = hr.random(seed=5, rerandomize_each_iteration=choice)
        assert numbers(ds, 9) == numbers(ds, 9, epoch=3) == random_numbers(5, 9)
    anew = hr.random(seed=5, rerandomize_each_iteration=True)
    assert [numbers(anew, 9, epoch) for epoch in (0, 3)] == [random_numbers(5, 9, epoch) for epoch in (0, 3)]


def test_random_is_endless_random_access_of_int64() -> None:
    ds = hr.random(seed=1)
    assert ds.cardinality() == hr.INFINITE and ds.random_access
    assert ds.element_spec == hr.TensorSpec((), np.int64)
    assert ds[10**15] == numbers(ds.skip(10**15), 1)[0]
    assert hr.Dataset.random(1).take(3).repeat(2).batch(6)[0].tolist() == random_numbers(1, 3) * 2


def test_random_numbers_are_spread_evenly_and_do_not_repeat() -> None:
    drawn = next(iter(hr.random(seed=9).batch(100_000)))
    assert drawn.min() >= 0 and drawn.max() < 2**32
    assert len(np.unique(drawn)) > 99_990
    for bits in (drawn >> 28, drawn & 15):  # chi-square of 15 degrees of freedom
        counts = np.bincount(bits, minlength=16)
        assert ((counts - 6250) ** 2 / 6250).sum() < 45


def test_a_drawn_seed_is_in_the_state_and_in_the_pickle() -> None:
    ds = hr.random()
    it = iter(ds)
    first = [next(it) for _ in range(3)]
    other = iter(hr.random())
    other.load_state_dict(it.state_dict())
    assert [next(it) for _ in range(4)] == [next(other) for _ in range(4)]
    assert numbers(pickle.loads(pickle.dumps(ds)), 3) == first
    assert numbers(hr.random(), 4) != numbers(hr.random(), 4)
    with pytest.raises(ValueError, match=r"\[shard\] num_shards must be 1 downstream of random\(\) without a seed"):
        ds.shard(2, 0)


@pytest.mark.parametrize("dtype", ["int8", np.uint16, np.dtype(np.int32), "<i8", ">u8", np.float32, float])
def test_counter_counts_in_any_number_type(dtype: object) -> None:
    ds = hr.counter(5, 2, dtype)
    counted = next(iter(ds.batch(4)))
    assert counted.tolist() == [5, 7, 9, 11]
    assert counted.dtype == ds.element_spec.dtype == np.dtype(dtype).newbyteorder("=")
    assert pickle.loads(pickle.dumps(ds))[3] == 11


def test_counter_wraps_around() -> None:
    assert numbers(hr.counter(2, -1, np.uint8), 4) == [2, 1, 0, 255]
    assert numbers(hr.counter(2**63 - 1), 2) == [2**63 - 1, -(2**63)]
    assert hr.counter(step=-3)[2**40] == -3 * 2**40


def test_counter_refuses_what_it_cannot_count() -> None:
    for dtype in (bool, str, "U3", np.complex64):
        with pytest.raises(TypeError, match=r"\[counter\] dtype must be int8 to uint64, float32 or float64, got"):
            hr.counter(dtype=dtype)
    for wrong in ("nonsense", None, 3):
        with pytest.raises(TypeError, match=r"\[counter\] dtype must be a dtype, such as np.int32"):
            hr.counter(dtype=wrong)
    with pytest.raises(ValueError, match=r"\[counter\] start must fit uint8, got -1"):
        hr.counter(-1, dtype=np.uint8)
    with pytest.raises(ValueError, match=r"\[counter\] step must fit int8, got 200"):
        hr.counter(step=200, dtype=np.int8)


def test_the_dtype_tells_plans_apart() -> None:
    assert repr(hr.counter(dtype=np.int8)) != repr(hr.counter())
    state = iter(hr.counter()).state_dict()
    with pytest.raises(ValueError, match="plan"):
        iter(hr.counter(dtype=np.int8)).load_state_dict(state)
