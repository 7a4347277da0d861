"""Writes headrace/_core.pyi from the list of stages in the built module. After a change of a stage, run

    .venv/bin/python -P python/stubs.py
"""

from pathlib import Path
from typing import Any

from headrace import _core

FILE = Path(__file__).with_name("headrace") / "_core.pyi"

TYPES = {
    "bool": "bool",
    "int": "SupportsIndex",
    "float": "float",
    "str": "str | PathLike[str]",
    "function": "Callable[..., Any]",
    "generator": "Callable[..., Iterable[Any]]",
    "dataset": "Plan",
    "datasets": "Any",
    "dataset_list": "Sequence[Plan]",
    "tensors": "Any",
    "spec": "Any",
    "shapes": "Any",
    "dtype": "Any",
    "strings": "str | PathLike[str] | Sequence[str | PathLike[str]]",
}

HEAD = '''\
# Written by python/stubs.py from the list of stages; edit that, or the docs in pipeline/ and io/.
from collections.abc import Callable, Iterable, Sequence
from os import PathLike
from typing import Any, SupportsIndex, final

from headrace.dataset import Dataset

__all__ = {sources}

__version__: str
'''

TAIL = '''
@final
class Iterator:
    """One pass over a Dataset, made by iter(dataset) or dataset.iterator(). Threads may share it."""

    def __iter__(self) -> Iterator: ...
    def __next__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __enter__(self) -> Iterator: ...
    def __exit__(self, *exception: object) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any], /) -> None: ...
    def close(self) -> None: ...
    def stats(self) -> list[dict[str, Any]]: ...
    @property
    def epoch(self) -> int: ...
    @property
    def position(self) -> int: ...

def at(plan: Plan, position: int, /) -> Any: ...
def cardinality(plan: Plan, /) -> int: ...
def element_spec(plan: Plan, /) -> Any: ...
def explain(plan: Plan, /) -> str: ...
def fingerprint(plan: Plan, /) -> str: ...
def gather(plan: Plan, indices: Any, /) -> Any: ...
def iterator(plan: Plan, epoch: int | None, /) -> Iterator: ...
def memory() -> dict[str, int]: ...
def options(plan: Plan, /) -> tuple[int | None, int | None, bool | None, bool | None]: ...
def hdf5_rows(file: str, name: str, trusted: bool, /) -> int | None: ...
def read_hdf5_array(file: str, name: str, begin: int | None, end: int | None, trusted: bool, /) -> Any: ...
def read_hdf5_group(file: str, group: str, trusted: bool, /) -> tuple[Any, Any, Any]: ...
def parts(plan: Plan, array: Callable[[Any], Any], function: Callable[[str, Any], Any], /) -> tuple[Any, ...]: ...
def peak_workers() -> int: ...
def random_access(plan: Plan, /) -> bool: ...
def rebuild(*parts: Any) -> Dataset: ...
def reset_peak_workers() -> None: ...
def set_component_classes(ragged: type, sparse: type, /) -> None: ...
def save(plan: Plan, path: str, /) -> None: ...
def set_dataset_class(cls: type[Plan], /) -> None: ...
def write_hdf5(
    plan: Plan, path: str, chunk_rows: Any, compression: Any, level: Any, shuffle: Any, checksum: Any, attrs: Any, progress: Any, /
) -> None: ...
def stages() -> list[dict[str, Any]]: ...
def stats(plan: Plan, /) -> list[dict[str, Any]]: ...
'''


def parameter(option: dict[str, Any]) -> str:
    hint = TYPES[option["type"]] + (" | None" if option["nullable"] else "")
    return f"{option['name']}: {hint}" + ("" if option["required"] else f" = {option['default']}")


def function(stage: dict[str, Any], indent: str, first: list[str]) -> str:
    parameters = first + [parameter(option) for option in stage["options"]] + ["*", "name: str | None = None"]
    lines = [f"def {stage['name']}({', '.join(parameters)}) -> Dataset:", *f'"""{stage["doc"].strip()}'.splitlines(), '"""']
    lines[1:] = ["    " + line if line else "" for line in lines[1:]]
    return "".join(f"{indent}{line}".rstrip() + "\n" for line in lines)


def generate() -> str:
    stages = _core.stages()
    sources = [stage for stage in stages if stage["source"]]
    text = HEAD.format(sources=str([stage["name"] for stage in sources]).replace("'", '"'))
    for stage in sources:
        text += "\n" + function(stage, "", [])
    text += '\nclass Plan:\n    """A plan: sources and stages. headrace.Dataset is its public face."""\n'
    for stage in stages:
        text += "\n" + ("    @staticmethod\n" if stage["source"] else "")
        text += function(stage, "    ", [] if stage["source"] else ["self"])
    return text + TAIL


if __name__ == "__main__":
    FILE.write_text(generate())
