"""What every stage must obey, on random access and on streams. The cases are data: cases_*.py."""

import gc
import inspect
import itertools
import json
from typing import Any

import numpy as np
import pytest

import cases_elements
import cases_files
import cases_grouping
import cases_nested
import cases_sources
import headrace as hr
from contract import ROWS, Case, upstream, upstream_model
from model import ERROR, Boom, outcomes

pytestmark = pytest.mark.asan

CASES = [case for group in (cases_sources, cases_elements, cases_grouping, cases_nested, cases_files) for case in group.CASES]
FORMS = [(case, stream) for case in CASES for stream in ((False,) if case.source else (False, True))]


def parametrize(forms: list[tuple[Case, bool]]) -> Any:
    return pytest.mark.parametrize("case, stream", forms, ids=[f"{case}{' on a stream' if stream else ''}" for case, stream in forms])


each_case = parametrize(FORMS)
each_stage = parametrize([form for form in FORMS if not form[0].source])


def build(case: Case, stream: bool, n: int = ROWS, failing: bool = False, threads: int | None = None) -> hr.Dataset:
    ds = case.attach(upstream(n, stream, failing))
    return ds if threads is None else ds.with_options(threads=threads)


def expected(case: Case, stream: bool, n: int = ROWS, failing: bool = False, epoch: int = 0) -> list[Any]:
    return case.model(upstream_model(n, failing), stream)(epoch)


def saved(iterator: Any) -> Any:
    return json.loads(json.dumps(iterator.state_dict()))


def resumed(ds: hr.Dataset, state: Any) -> Any:
    iterator = ds.iterator(epoch=0)
    iterator.load_state_dict(state)
    return iterator


def test_every_stage_of_the_list_has_cases() -> None:
    methods = {name for name, method in vars(hr._core.Plan).items() if inspect.ismethoddescriptor(method) and not name.startswith("_")}
    assert set(hr._core.__all__) | methods == {case.stage for case in CASES} - {"apply"}


@each_case
def test_values_are_those_of_the_model(case: Case, stream: bool) -> None:
    assert outcomes(build(case, stream).iterator(epoch=0)) == expected(case, stream)


@each_case
def test_dtypes_and_shapes_are_those_of_the_spec(case: Case, stream: bool) -> None:
    ds = build(case, stream)
    if not expected(case, stream):
        return
    spec = ds.element_spec
    for element in ds:
        assert fits(spec, element), (spec, element)


COMPONENT_PARTS = [("values", "row_splits"), ("indices", "values", "dense_shape")]


def fits(spec: Any, element: Any) -> bool:
    if isinstance(element, tuple):
        return len(spec) == len(element) and all(map(fits, spec, element))
    if isinstance(element, dict):
        return list(spec) == list(element) and all(fits(spec[key], element[key]) for key in element)
    if isinstance(spec, hr.DatasetSpec):
        return spec.element_spec is None or all(fits(spec.element_spec, inner) for inner in element)
    for parts in COMPONENT_PARTS:
        if all(hasattr(element, part) for part in parts):
            return type(spec) is type(element) and all(fits(getattr(spec, part), getattr(element, part)) for part in parts)
    if isinstance(element, str):
        return bool(spec == hr.TensorSpec((), str))
    if spec.dtype != element.dtype or len(spec.shape) != np.ndim(element):
        return False
    return all(known in (None, size) for known, size in zip(spec.shape, np.shape(element), strict=True))


@each_case
def test_cardinality_is_exact_or_unknown(case: Case, stream: bool) -> None:
    ds = build(case, stream)
    count = len(expected(case, stream))
    if case.exact and not stream:
        assert ds.cardinality() == count
        assert len(ds) == len(ds.iterator()) == count
    else:
        assert ds.cardinality() in (count, hr.UNKNOWN)


@each_case
def test_random_access_is_as_documented(case: Case, stream: bool) -> None:
    ds = build(case, stream)
    values = expected(case, stream)
    assert ds.random_access == (case.stays_random and not stream)
    if ds.random_access:
        assert outcomes(ds[i] for i in range(len(values))) == values
        assert outcomes(ds[i] for i in range(-len(values), 0)) == values
        assert outcomes(iter(ds[1::2])) == values[1::2]
        with pytest.raises(IndexError):
            ds[len(values)]
    else:
        with pytest.raises(TypeError, match="random access"):
            ds[0]


@each_case
def test_each_pass_is_the_next_epoch(case: Case, stream: bool) -> None:
    ds = build(case, stream)
    for epoch in range(3):
        assert outcomes(iter(ds)) == expected(case, stream, epoch=epoch)
    assert outcomes(ds.iterator(epoch=1)) == expected(case, stream, epoch=1)
    if case.reshuffles and "(1)" not in case.text:
        assert expected(case, stream, epoch=0) != expected(case, stream, epoch=1)
    elif not case.reshuffles:
        assert expected(case, stream, epoch=0) == expected(case, stream, epoch=1)


@each_case
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_any_number_of_threads_gives_the_same(case: Case, stream: bool, threads: int) -> None:
    for n in (ROWS, 1000):
        assert outcomes(build(case, stream, n, threads=threads).iterator(epoch=0)) == expected(case, stream, n)


@each_stage
@pytest.mark.parametrize("n", [0, 1])
def test_no_element_and_one_element(case: Case, stream: bool, n: int) -> None:
    assert outcomes(build(case, stream, n).iterator(epoch=0)) == expected(case, stream, n)


@each_stage
@pytest.mark.parametrize("threads", [1, 2, 8])
def test_an_error_takes_the_place_of_the_output_it_prevents(case: Case, stream: bool, threads: int) -> None:
    assert outcomes(build(case, stream, failing=True, threads=threads).iterator(epoch=0)) == expected(case, stream, failing=True)


@each_stage
def test_a_position_fails_where_the_pass_fails(case: Case, stream: bool) -> None:
    ds = build(case, stream, failing=True)
    if ds.random_access:
        values = expected(case, stream, failing=True)
        assert len(ds) == len(values)
        assert [outcomes(ds[i] for _ in "1") for i in range(len(ds))] == [[value] for value in values]


@each_stage
def test_a_state_saved_after_an_error_goes_on_after_it(case: Case, stream: bool) -> None:
    values = expected(case, stream, failing=True)
    ds = build(case, stream, failing=True)
    iterator = ds.iterator(epoch=0)
    for step, value in enumerate(values):
        if value is ERROR:
            with pytest.raises(Boom):
                next(iterator)
            assert outcomes(resumed(build(case, stream, failing=True), saved(iterator))) == values[step + 1 :]
        else:
            next(iterator)


@each_case
def test_resuming_at_every_step_gives_exactly_the_rest(case: Case, stream: bool) -> None:
    values = expected(case, stream, epoch=1)
    iterator = build(case, stream).iterator(epoch=1)
    for step in range(len(values) + 1):
        state = saved(iterator)
        again = resumed(build(case, stream, threads=step % 3 + 1), state)
        state_again = saved(again)
        assert outcomes(again) == values[step:], step
        assert outcomes(resumed(build(case, stream), state_again)) == values[step:], step
        next(iterator, None)
    assert next(iterator, None) is None


@each_case
def test_resuming_twice_far_apart_gives_exactly_the_rest(case: Case, stream: bool) -> None:
    n = 3000
    values = expected(case, stream, n)
    iterator = build(case, stream, n).iterator(epoch=0)
    steps = sorted({0, 1, len(values) // 7, len(values) // 2, len(values)})
    for start, stop in itertools.pairwise(steps):
        assert outcomes(iterator, stop - start) == values[start:stop]
        iterator = resumed(build(case, stream, n, threads=stop % 3 + 1), saved(iterator))
    assert outcomes(iterator) == []


@each_case
def test_dropping_an_iterator_mid_way_harms_nobody(case: Case, stream: bool) -> None:
    ds = build(case, stream, 1000)
    values = expected(case, stream, 1000)
    for taken in (0, 1, 3):
        iterator = ds.iterator(epoch=0)
        outcomes(iterator, taken)
        del iterator
    gc.collect()
    closed = ds.iterator(epoch=0)
    outcomes(closed, 2)
    closed.close()
    with pytest.raises(ValueError, match="closed"):
        next(closed)
    assert outcomes(ds.iterator(epoch=0)) == values
