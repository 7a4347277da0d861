"""The stub file, the methods and the list of stages say the same."""

import inspect
import os
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import headrace as hr

ROOT = Path(__file__).parents[2]
STAGES = hr._core.stages()


def test_the_stub_file_is_what_the_list_of_stages_gives() -> None:
    stubs = runpy.run_path(str(ROOT / "python/stubs.py"))
    for path, text in stubs["files"]().items():
        assert path.read_text() == text, f"{path.name}: run .venv/bin/python -P python/stubs.py"


@pytest.mark.parametrize("stage", STAGES, ids=lambda stage: stage["name"])
def test_a_method_has_the_names_order_defaults_and_docs_of_the_list(stage: dict[str, Any]) -> None:
    method = getattr(hr._core.Plan, stage["name"])
    parameters = [p for p in inspect.signature(method).parameters.values() if p.name != "self"]
    assert [p.name for p in parameters] == [option["name"] for option in stage["options"]] + ["name"]
    defaults = ["required" if p.default is p.empty else repr(p.default) for p in parameters[:-1]]
    assert defaults == ["required" if option["required"] else option["default"] for option in stage["options"]]
    assert parameters[-1].kind is inspect.Parameter.KEYWORD_ONLY
    assert (inspect.getdoc(method) or "").strip() == stage["doc"].strip()
    if stage["source"]:
        assert getattr(hr, stage["name"]) is getattr(hr.Dataset, stage["name"])


USE = """
import numpy as np
import headrace as hr
from collections.abc import Iterable
from typing import Any

x = np.zeros((4, 2))
ds = hr.Dataset.from_tensor_slices(x).map(lambda row: row + 1).batch(2, name="b")
reveal_type(ds)
reveal_type(hr.range(3).with_options(hr.Options(threads=2)).shuffle(seed=1)[1:])
reveal_type(ds.reduce(0, lambda state, element: state + 1))
reveal_type(hr.zip((ds, {"a": ds})).cardinality())
iterator = iter(ds)
iterator.load_state_dict(iterator.state_dict())
elements: Iterable[Any] = ds
"""
WRONG = "import headrace as hr\nhr.range(3).batch('2')\nhr.range(3).batch(2, drop=True)\nhr.range(3).batch()\n"


def mypy(text: str, folder: Path) -> str:
    pytest.importorskip("mypy")
    (folder / "use.py").write_text(text)
    environment = {**os.environ, "MYPYPATH": str(Path(hr.__file__).parents[1])}
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", os.devnull, "use.py"]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment).stdout


def test_a_checker_knows_what_comes_out_and_what_goes_in(tmp_path: Path) -> None:
    said = mypy(USE, tmp_path)
    assert "Success" in said, said
    assert [line.split('"')[1].split(".")[-1] for line in said.splitlines() if "Revealed" in line] == ["Dataset", "Dataset", "int", "int"]
    said = mypy(WRONG, tmp_path)
    assert all(f"use.py:{line}: error" in said for line in (2, 3, 4)), said
