"""hr.range(10**12), shuffled: the first batch, memory, state, and the price of going on far in."""

import json

import numpy as np

import headrace as hr
from measure import RUNS, Figure, Row, check, rss_bytes, seconds_of

N = 10**12


def endless() -> Row:
    dataset = hr.range(N).shuffle(seed=1).batch(256)
    hr.range(10).shuffle(seed=1).batch(2).gather([0])  # so that what follows pays for no first use
    before = rss_bytes()
    first = sorted(seconds_of(lambda: next(dataset.iterator(epoch=0))) for _ in range(RUNS))[RUNS // 2]
    iterator = dataset.iterator(epoch=0)
    batches = [next(iterator) for _ in range(1000)]
    grown = rss_bytes() - before
    values = np.concatenate(batches)
    check(values.min() >= 0 and values.max() < N and len(np.unique(values)) == len(values), "different values in range")
    check(bool(np.array_equal(batches[999], dataset[999])), "the 1,000th batch by position")
    grown -= sum(b.nbytes for b in batches)

    states = {position: state_at(dataset, position) for position in (10, 10**6)}
    times = {position: resume_seconds(dataset, state) for position, state in states.items()}
    row = Row("range(10**12), shuffled, batch 256", {"headrace": first})
    row.figures = [
        Figure("first batch", first * 1e3, "ms", 1),
        Figure("memory growth over 1,000 batches", max(grown, 0) / 1e6, "MB", 1),
        Figure("state", len(json.dumps(states[10**6])), "bytes", 1000),
        Figure("going on at batch 10**6", times[10**6] * 1e3, "ms", 1),
        Figure("that, over going on at batch 10", times[10**6] / times[10], "x", 1.5),
    ]
    return row


def state_at(dataset: hr.Dataset, position: int) -> dict[str, object]:
    """The state of an iterator that has given so many batches."""
    iterator = dataset.iterator(epoch=0)
    for _ in range(position):
        next(iterator)
    state: dict[str, object] = iterator.state_dict()
    return state


def resume_seconds(dataset: hr.Dataset, state: dict[str, object]) -> float:
    def resume() -> None:
        iterator = dataset.iterator(epoch=0)
        iterator.load_state_dict(state)
        next(iterator)

    resume()
    return sorted(seconds_of(resume) for _ in range(101))[50]


ROWS = {"endless": endless}
