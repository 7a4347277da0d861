"""Several datasets as one."""

from collections.abc import Callable

import numpy as np

import headrace as hr
import peers
from measure import Figure, Row, alternate, check, count

RANGES, EACH, BATCH = 8, 100_000, 256


def interleave() -> Row:
    def one_range(i: np.int64) -> hr.Dataset:
        return hr.range(EACH)

    dataset = hr.range(RANGES).interleave(one_range, cycle_length=RANGES).batch(BATCH)
    check(np.array_equal(np.concatenate(list(dataset)), np.repeat(np.arange(EACH), RANGES)), "interleaved ranges")
    row = Row("interleave of 8 ranges, batch(256)", alternate({"headrace": lambda: count(dataset)}))
    row.seconds |= peers.interleaved(RANGES, EACH, BATCH)
    row.ratio("faster than tf.data", "tf.data", "headrace", 3, at_least=True)
    row.figures.append(Figure("an element", row.seconds["headrace"] / (RANGES * EACH) * 1e6, "us"))
    return row


ROWS: dict[str, Callable[[], Row]] = {"interleave": interleave}
