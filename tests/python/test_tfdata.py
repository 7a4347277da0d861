"""The same elements as tf.data: tests/data/tfdata.json holds plans and what TensorFlow made of them."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
import tfdata

FILE = Path(__file__).parents[1] / "data" / "tfdata.json"
MADE_WITH, *PLANS = json.loads(FILE.read_text())
CHUNK = 100


def np_total(part: Any) -> np.int64:
    part = np.asarray(part, object) if isinstance(part, bytes) else part
    if part.dtype == object:
        return np.int64(sum(map(len, part.flat)))
    return np.int64(np.sum(part.astype(np.int64)))


def np_refuse(bad: Any, value: Any) -> Any:
    if bad:
        raise ValueError("refused")
    return value


NUMPY = tfdata.Library(
    Dataset=hr.Dataset,
    ragged=lambda values, row_splits: hr.RaggedTensor(values, row_splits),
    spec=lambda shape, dtype: hr.TensorSpec(shape, bytes if dtype == object else dtype),
    total=np_total,
    length=len,
    count=lambda n: np.arange(n, dtype=np.int64),
    refuse=np_refuse,
    function=lambda fn: fn,
    error=ValueError,
    array=lambda part: part,
)


def outcome(case: dict[str, Any]) -> dict[str, Any]:
    """What headrace makes of a plan. One that it refuses where a stage is attached fails in tf.data at its first element."""
    try:
        ds = tfdata.build(NUMPY, case["plan"])
    except ValueError:
        return case | {"elements": [tfdata.ERROR], "more": False, "dtypes": []}
    return tfdata.outcome(NUMPY, ds)


def differences(expected: dict[str, Any], got: dict[str, Any]) -> list[str]:
    """The keys by which headrace's outcome is another; it may know a cardinality that tf.data does not."""
    keys = [key for key in ("elements", "more", "dtypes") if expected[key] != got[key]]
    known = expected["cardinality"]
    if known == hr.UNKNOWN and got["cardinality"] >= 0 and not got["more"] and tfdata.ERROR not in got["elements"]:
        known = len(got["elements"])
    if got["cardinality"] != known and known != hr.UNKNOWN:
        keys.append("cardinality")
    return keys


def said(case: dict[str, Any]) -> str:
    """How headrace differs on that plan, in words; empty where it does not."""
    try:
        got = outcome(case)
    except Exception as error:
        return f"{json.dumps(case['plan'])}\n  {error!r}"
    lines = [f"  {key}: tf.data {case[key]!r}\n  {key}: headrace {got[key]!r}" for key in differences(case, got)]
    return "\n".join([json.dumps(case["plan"]), *lines]) if lines else ""


@pytest.mark.parametrize("start", range(0, len(PLANS), CHUNK))
def test_plans_give_what_tf_data_gives(start: int) -> None:
    found = list(filter(None, map(said, PLANS[start : start + CHUNK])))
    assert not found, f"{len(found)} of {CHUNK} plans differ:\n" + "\n".join(found[:5])


def test_the_plans_are_many_and_use_every_stage_that_they_can() -> None:
    names = {stage[0] for case in PLANS for stage in case["plan"]}
    assert len(PLANS) == 2000 and MADE_WITH["tensorflow"]
    of_chance = {"shuffle", "sample_from_datasets", "rejection_resample", "random"}
    of_files = {"list_files", "snapshot", "load", "from_hdf5", "from_image_folder", "from_csv", "from_fixed_records", "from_text", "from_npy", "from_npz"}
    assert {stage["name"] for stage in hr._core.stages()} - of_chance - of_files - {"with_options"} <= names
