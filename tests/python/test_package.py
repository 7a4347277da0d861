"""The package itself: one list of stages, help and signatures, stubs, import cost, and documents that tell the truth."""

import doctest
import inspect
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import headrace as hr

ROOT = Path(__file__).parents[2]
READMES = sorted(path for path in ROOT.glob("**/README.md") if not {".venv", "build", "node_modules"} & set(path.parts))


SOURCES = {name: getattr(hr, name) for name in hr._core.__all__}
METHODS = {name: getattr(hr.Dataset, name) for name in vars(hr._core.Plan) if not name.startswith("_") and name not in SOURCES}


@pytest.mark.parametrize("name", SOURCES | METHODS)
def test_each_stage_reads_as_a_python_function(name: str) -> None:
    function = (SOURCES | METHODS)[name]
    signature = inspect.signature(function)
    assert [*signature.parameters][-1] == "name" and signature.parameters["name"].kind is inspect.Parameter.KEYWORD_ONLY
    text = inspect.getdoc(function) or ""
    assert re.match(r"[A-Z][^\n]*\.\n", text), "one line says what it does"
    assert "Args:" in text
    for parameter in signature.parameters if "options" not in signature.parameters else ("options", "name"):
        assert parameter == "self" or f"    {parameter}: " in text, f"{parameter} is not described"


def test_signatures_have_the_documented_defaults() -> None:
    assert str(inspect.signature(hr.range(1).batch)) == "(batch_size, drop_remainder=False, num_parallel_calls=None, deterministic=None, *, name=None)"
    assert str(inspect.signature(hr.range(1).shuffle)) == "(buffer_size=None, seed=None, reshuffle_each_iteration=True, *, name=None)"
    assert str(inspect.signature(hr.from_tensor_slices)) == "(tensors, *, name=None)"


def test_every_source_is_a_function_and_a_static_method() -> None:
    for name in SOURCES:
        assert callable(getattr(hr.Dataset, name))
    assert list(hr.Dataset.range(3)) == list(hr.range(3)) == [0, 1, 2]


def test_every_public_name_has_a_docstring() -> None:
    for owner in (hr, hr.Dataset, hr.Iterator):
        for name in dir(owner):
            if not name.startswith("_") and callable(getattr(owner, name)):
                assert inspect.getdoc(getattr(owner, name)), f"{owner.__name__}.{name}"


def test_examples_in_docstrings_are_true() -> None:
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner()
    for owner in (hr, hr.Dataset, hr.Tensor):
        for name in dir(owner):
            if not name.startswith("_") and inspect.isroutine(getattr(owner, name)):
                for test in finder.find(getattr(owner, name), name, module=False, globs={"hr": hr}):
                    runner.run(test)
    results = runner.summarize(verbose=False)
    assert results.failed == 0 and results.attempted > 30


def mypy(*arguments: str, module: str = "mypy") -> "subprocess.CompletedProcess[str]":
    pytest.importorskip("mypy")
    package = str(Path(hr.__file__).parents[1])
    environment = {**os.environ, "MYPYPATH": package, "PYTHONPATH": package}
    return subprocess.run([sys.executable, "-m", module, *arguments], capture_output=True, text=True, env=environment, cwd=ROOT)


def test_the_samples_are_typed() -> None:
    result = mypy("--strict", *map(str, sorted((ROOT / "samples").glob("*.py"))))
    assert result.returncode == 0, result.stdout + result.stderr


def test_the_stubs_are_those_of_the_module() -> None:
    result = mypy("headrace", "--ignore-disjoint-bases", module="mypy.stubtest")
    assert result.returncode == 0, result.stdout + result.stderr


def test_importing_brings_numpy_and_nothing_else() -> None:
    code = "import sys, json, numpy; before = set(sys.modules); import headrace; print(json.dumps(sorted(set(sys.modules) - before)))"
    brought = json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout)
    foreign = {name.split(".")[0] for name in brought} - {"headrace", "numpy"} - set(sys.stdlib_module_names)
    assert foreign == set()
    assert {"json", "multiprocessing", "cloudpickle", "asyncio"} & set(brought) <= {"json"}


@pytest.mark.parametrize("path", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_python_blocks_of_a_readme_run(path: Path) -> None:
    for block in re.findall(r"```python\n(.*?)```", path.read_text(), re.DOTALL):
        result = subprocess.run([sys.executable, "-c", block], capture_output=True, text=True, cwd=ROOT)
        assert result.returncode == 0, block + result.stderr


def test_no_folder_of_the_tree_lacks_a_readme() -> None:
    for room in ("tensor", "pipeline", "io", "python", "tests", "samples"):
        assert (ROOT / room / "README.md").exists(), room


def trees(path: Path) -> Iterator[tuple[Path, set[str]]]:
    """Each block that begins with a folder's own name: the folder, and the names that its lines begin with."""
    for block in re.findall(r"```(?:text)?\n(.*?)```", path.read_text(), re.DOTALL):
        lines = block.splitlines()
        if lines and re.match(r"[\w./-]+/(\s|$)", lines[0]):
            folder = path.parent if lines[0].split("/")[0] == path.parent.name else path.parent / lines[0].split("/")[0]
            yield folder, {name for line in lines[1:] for name in re.findall(r"[\w./-]+", line.strip().split("  ")[0])}


@pytest.mark.parametrize("path", READMES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_tree_of_a_readme_names_what_is_there(path: Path) -> None:
    for folder, names in trees(path):
        for name in names:
            assert list(folder.glob(name)) or list(folder.rglob(name)), f"{path}: {name}"
        sources = {file.name for suffix in ("hpp", "cpp", "py", "csv.gz") for file in folder.glob(f"*.{suffix}")}
        assert sources <= names, f"{path} leaves out {sorted(sources - names)}"


def test_the_table_of_faults_names_tests() -> None:
    table = (ROOT / "tests" / "README.md").read_text().split("\n| fault | tests |\n")[1].split("\n\n")[0]
    sources = "".join(path.read_text() for path in [*ROOT.glob("tests/io/*_test.cpp"), *ROOT.glob("tests/python/test_*.py")])
    for name in re.findall("`(.*?)`", table):
        assert f"def {name}(" in sources or f", {name})" in sources, name
