"""What bad arguments of the HDF5 functions get, and trees whose links go nowhere or in circles."""

from __future__ import annotations

import copy
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py


@pytest.mark.parametrize(
    ("argument", "error", "said"),
    [
        ({"chunk_rows": 2.5}, TypeError, r"chunk_rows must be an int or None, got 2.5 \(float\)"),
        ({"chunk_rows": 2**63}, ValueError, "chunk_rows must fit 64 bits, got 9223372036854775808"),
        ({"chunk_rows": True}, TypeError, "chunk_rows must be an int or None, got True"),
        ({"chunk_rows": -1}, ValueError, "chunk_rows must be >= 1, got -1"),
        ({"compression": 9}, TypeError, r"compression must be a str or None, got 9 \(int\)"),
        ({"compression": "szip"}, ValueError, "compression must be 'gzip', 'lzf' or None, got 'szip'"),
        ({"level": "x"}, TypeError, r"level must be an int, got 'x' \(str\)"),
        ({"level": None}, TypeError, "level must be an int, got None"),
        ({"shuffle": 1}, TypeError, r"shuffle must be a bool, got 1 \(int\)"),
        ({"checksum": "no"}, TypeError, "checksum must be a bool, got 'no'"),
        ({"attrs": {1: 2}}, TypeError, r"names in attrs must be str, got 1 \(int\)"),
        ({"attrs": [1]}, TypeError, r"attrs must be a dict or None, got \[1\] \(list\)"),
        ({"attrs": {"a": 1, "made": object()}}, TypeError, r"attrs\['made'\]"),
        ({"attrs": {"made": {"x": 1}}}, TypeError, r"attrs\['made'\] must be an array, got"),
        ({"attrs": {"made": None}}, TypeError, r"attrs\['made'\]"),
        ({"attrs": {"made": "a\0b"}}, ValueError, "'made'"),
        ({"attrs": {"headrace_structure": 1}}, OSError, "write attribute 'headrace_structure' of '/'"),
        ({"attrs": {"": 1}}, ValueError, "names of attributes must not be empty"),
        ({"attrs": {"a\0b": 1}}, ValueError, "or hold a zero byte"),
        ({"progress": 3}, TypeError, r"progress must be a function or None, got 3 \(int\)"),
    ],
    ids=lambda value: str(value) if isinstance(value, dict) else "",
)
def test_arguments_of_write_hdf5_are_refused_in_words(tmp_path: Path, argument: dict[str, Any], error: type[Exception], said: str) -> None:
    with pytest.raises(error, match=rf"^\[write_hdf5\] .*{said}"):
        hr.range(3).write_hdf5(tmp_path / "a.h5", **argument)
    assert not list(tmp_path.iterdir())


def test_arguments_may_be_numpys(tmp_path: Path) -> None:
    hr.range(3).write_hdf5(tmp_path / "a.h5", chunk_rows=np.int32(2), level=np.int8(1), shuffle=np.bool_(False))
    assert [int(i) for i in hr.from_hdf5(tmp_path / "a.h5")] == [0, 1, 2]


def test_arguments_of_read_hdf5_are_refused_in_words(tmp_path: Path) -> None:
    hr.range(3).write_hdf5(tmp_path / "a.h5")
    with pytest.raises(TypeError, match=r"^\[read_hdf5\] name must be a str, got 3 \(int\)"):
        hr.read_hdf5(tmp_path / "a.h5", 3)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^\[read_hdf5\] trusted must be a bool, got 'no' \(str\)"):
        hr.read_hdf5(tmp_path / "a.h5", trusted="no")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"^\[from_hdf5\] split_records must be a bool, got 1"):
        hr.from_hdf5(tmp_path / "a.h5", split_records=1)
    with pytest.raises(TypeError, match=r"^\[from_hdf5\] groups must be a str or None, got 1"):
        hr.from_hdf5(tmp_path / "a.h5", groups=1)


def test_explain_names_datasets(tmp_path: Path) -> None:
    hr.from_tensor_slices({"x": [1, 2], "y": [3, 4]}).write_hdf5(tmp_path / "a.h5")
    for datasets, text in (("x", "datasets='x'"), (("x", "y"), "datasets=('x', 'y')"), (["x", "y"], "datasets=['x', 'y']"), ({"a": "y"}, "datasets={'a': 'y'}")):
        assert text in hr.from_hdf5(tmp_path / "a.h5", datasets).explain()


def test_copies_of_groups_are_groups(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["g/x"] = [1, 2]
        file["g"].attrs["unit"] = "m"
    tree = hr.read_hdf5(tmp_path / "a.h5")
    for other in (tree.copy(), copy.copy(tree), copy.deepcopy(tree), pickle.loads(pickle.dumps(tree))):
        assert type(other) is hr.Hdf5Group and type(other["g"]) is hr.Hdf5Group
        assert other["g"].attributes == {"unit": "m"} and other["g"]["x"].tolist() == [1, 2]
    other = tree.copy()
    other["new"], other.attributes["a"] = 1, 2
    assert "new" not in tree and not tree.attributes


def test_trees_with_dangling_links_and_circles_are_read(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["a/x"], file["a/deep/y"] = [1], [2]
        file["gone"] = h5py.SoftLink("/nowhere/x")
        file["a/gone"] = h5py.SoftLink("gone too")
        file["soft"] = h5py.SoftLink("/a")
        file["hard"] = file["a"]
        file["a/deep/around"] = file["a"]
        file["a/deep/root"] = file["/"]
        file["self"], file["through"], file["a/up"] = h5py.SoftLink("/self"), h5py.SoftLink("gone/y"), h5py.SoftLink("deep/y")
        file["reference"] = file["a"].ref
    tree = hr.read_hdf5(tmp_path / "a.h5")
    nothing = {"gone", "self", "through", "reference"}
    assert {name for name in tree if tree[name] is None} == nothing and tree["a"]["gone"] is None
    assert set(tree) == {"a", "soft", "hard"} | nothing and tree["soft"] is tree["a"] is tree["hard"]
    assert set(tree["a"]) == {"x", "gone", "deep", "up"} and tree["a"]["up"].tolist() == [2] and set(tree["a"]["deep"]) == {"y"}
    assert pickle.loads(pickle.dumps(tree))["a"]["deep"]["y"].tolist() == [2]
    assert hr.read_hdf5(tmp_path / "a.h5", "a/deep")["around"]["x"].tolist() == [1]


def test_many_names_of_one_group_cost_no_more(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        group = file
        for _ in range(40):  # 2**40 ways to the last
            group = group.create_group("a")
            group.parent["b"] = group
        group["x"] = [1]
    tree = hr.read_hdf5(tmp_path / "a.h5")
    for i in range(40):
        tree = tree["ab"[i % 2]]
    assert tree["x"].tolist() == [1]


def test_links_that_are_not_followed_are_still_errors(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["out"] = h5py.ExternalLink("b.h5", "/x")
    with pytest.raises(OSError, match="trusted=True"):
        hr.read_hdf5(tmp_path / "a.h5")
