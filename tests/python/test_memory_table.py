"""The README's table of what is shared and what is copied: each row is run, and its memory looked at."""

import ast
import pickle
import re
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr

README = Path(__file__).parents[2] / "README.md"
ROWS = re.findall(r"^\| `([^|]+)` \| (shared|shared, read-only|copied) \|", README.read_text(), re.MULTILINE)
VERSIONED = np.lib.NumpyVersion(np.__version__) >= "2.1.0"
OPTIONAL = {"torch", "jax", "pandas", "scipy"}


def array(value: Any) -> Any:
    if hasattr(value, "detach"):  # a torch tensor
        return value.detach().numpy()
    return np.asarray(value.values if isinstance(value, hr.SparseTensor) else value)


def test_the_table_has_rows_of_each_kind() -> None:
    assert len(ROWS) > 20 and {kind for _, kind in ROWS} == {"shared", "shared, read-only", "copied"}


@pytest.mark.parametrize(("code", "kind"), ROWS, ids=[code for code, _ in ROWS])
def test_a_row_of_the_table_is_true(code: str, kind: str) -> None:
    names = {node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)}
    x = np.arange(6.0).reshape(2, 3)
    namespace: dict[str, Any] = {"hr": hr, "np": np, "pickle": pickle, "x": x, "t": hr.tensor(x)}
    namespace |= {name: pytest.importorskip(name) for name in names & OPTIONAL}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        result = eval(code, namespace)
        got = array(result)
    assert np.shares_memory(got, x) == kind.startswith("shared"), f"{code}: {got}"
    says = "torch" not in code and (VERSIONED or "dlpack" not in code)  # who says whether memory may be written to
    if kind != "copied" and says:
        assert getattr(result, "writable", got.flags.writeable) == (kind == "shared")
    if kind == "shared":
        x[:] = 99
        assert (got == 99).all(), "what is written is seen"
