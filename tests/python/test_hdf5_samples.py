"""One group a sample."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py, in_child


def image(i: int) -> Any:
    return np.arange((i % 4) * 3, dtype=np.float32).reshape(i % 4, 3) + i


def sampled(path: Path, names: list[str], start: int = 0, **options: Any) -> Path:
    with h5py.File(path, "w") as file:
        for i, name in enumerate(names, start):
            group = file.create_group(f"samples/{name}")
            group.create_dataset("image", data=image(i), maxshape=(None, 3) if options else None, **options)
            group["label"] = np.int64(i)
            group["meta/words"] = [f"a{i}", "b"]
    return path


def names(count: int) -> list[str]:
    return [f"sample_{i}" for i in range(count)]


@pytest.mark.parametrize(
    "options",
    [{}, {"chunks": (2, 2)}, {"chunks": (1, 3), "compression": "gzip", "shuffle": True}, {"chunks": (2, 3), "compression": "lzf", "fletcher32": True}],
    ids=str,
)
def test_each_group_is_an_element(tmp_path: Path, options: dict[str, Any]) -> None:
    ds = hr.from_hdf5(sampled(tmp_path / "a.h5", names(23), **options), groups="/samples/*")
    assert len(ds) == 23 and ds.random_access
    spec = ds.element_spec
    assert spec["image"].shape == (None, 3) and spec["label"].shape == () and spec["meta"]["words"].shape == (2,)
    for threads in (1, 2, 5):
        for i, element in enumerate(ds.with_options(hr.Options(threads=threads))):
            assert np.array_equal(element["image"], image(i)) and element["image"].dtype == np.float32
            assert element["label"] == i and element["meta"]["words"].tolist() == [f"a{i}", "b"]
    assert [int(e["label"]) for e in ds.shuffle(seed=3)] == [int(i) for i in hr.range(23).shuffle(seed=3)]
    assert np.array_equal(ds[-2]["image"], image(21))


def test_compact_datasets_of_groups(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for i in range(4):
            creation = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
            creation.set_layout(h5py.h5d.COMPACT)
            space = h5py.h5s.create_simple((i + 1,))
            h5py.h5d.create(file.create_group(f"{i}").id, b"x", h5py.h5t.NATIVE_INT32, space, creation).write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(i + 1, dtype=np.int32))
    assert [e.tolist() for e in hr.from_hdf5(tmp_path / "a.h5", "x", groups="*")] == [[0], [0, 1], [0, 1, 2], [0, 1, 2, 3]]


def test_groups_come_by_name_with_numbers_by_value(tmp_path: Path) -> None:
    wanted = ["a", "a1", "a01b", "a2", "a10", "a10b", "b", "b007", "b8", "ä"]
    given = [wanted[i] for i in np.random.default_rng(1).permutation(len(wanted))]
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for name in given:
            file[f"{name}/name"] = name
        file["not a group"] = 1
    assert list(hr.from_hdf5(tmp_path / "a.h5", "name", groups="/*")) == wanted
    assert list(hr.from_hdf5(tmp_path / "a.h5", "name", groups="b*")) == wanted[6:9]
    assert list(hr.from_hdf5(tmp_path / "a.h5", "name", groups="/a?")) == ["a1", "a2"]


def test_files_of_groups_follow_each_other(tmp_path: Path) -> None:
    sampled(tmp_path / "a.h5", names(5))
    sampled(tmp_path / "b.h5", [], start=5)
    with h5py.File(tmp_path / "b.h5", "a") as file:
        file.create_group("samples")
    sampled(tmp_path / "c.h5", names(7), start=5)
    ds = hr.from_hdf5(str(tmp_path / "*.h5"), ("label", "image"), groups="samples/sample_*")
    assert [int(label) for label, _ in ds] == list(range(12))
    assert pickle.loads(pickle.dumps(ds))[9][0] == 9
    padded = np.concatenate([batch for _, batch in ds.padded_batch(4)])
    assert padded.shape == (12, 3, 3) and all(np.array_equal(padded[i][: i % 4], image(i)) for i in range(12))


def test_datasets_of_groups_in_any_structure(tmp_path: Path) -> None:
    path = sampled(tmp_path / "a.h5", names(3))
    assert [int(x) for x in hr.from_hdf5(path, "label", groups="/samples/*")] == [0, 1, 2]
    first = hr.from_hdf5(path, {"y": "label", "m": ("meta", "image")}, groups="/samples/*")[1]
    assert first["y"] == 1 and first["m"][0]["words"].tolist() == ["a1", "b"] and np.array_equal(first["m"][1], image(1))


def test_groups_of_equal_shapes_are_stacked(tmp_path: Path) -> None:
    x = np.arange(12 * 6, dtype=np.int16).reshape(12, 2, 3)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for i in range(12):
            file[f"s/{i}/x"] = x[i].astype(">i2")
    ds = hr.from_hdf5(tmp_path / "a.h5", "x", groups="/s/*")
    assert ds.element_spec.shape == (2, 3)
    assert np.array_equal(np.concatenate(list(ds.batch(5))), x) and np.array_equal(ds.gather([7, 7, 2]), x[[7, 7, 2]])
    assert np.array_equal(np.stack(list(hr.from_hdf5(tmp_path / "a.h5", "x", groups="/s/*", mmap=True))), x)


def test_mapped_samples(tmp_path: Path) -> None:
    ds = hr.from_hdf5(sampled(tmp_path / "a.h5", names(6)), "image", groups="/samples/*", mmap=True)
    assert all(np.array_equal(x, image(i)) for i, x in enumerate(ds))
    assert "mapped" in ds.explain() and "'/samples/*/image'" in ds.explain()


def test_groups_that_differ_are_refused_when_made(tmp_path: Path) -> None:
    path = sampled(tmp_path / "a.h5", names(12))
    with h5py.File(path, "a") as file:
        file["samples/sample_3/rank"], file["samples/sample_4/rank"] = 1, [1]
        for i in range(12):
            file[f"samples/sample_{i}/kind"] = np.float32(1) if i < 10 else np.float64(1)
            if i != 7:
                file[f"samples/sample_{i}/most"] = i
        file["odd/sample_1/s"] = h5py.SoftLink("/nowhere")
    with pytest.raises(ValueError, match=r"^\[from_hdf5\] a dataset must be of one dtype and rank .*float32\(\) of '/samples/sample_0/kind'.*got float64\(\) of '/samples/sample_10/kind' in"):
        hr.from_hdf5(path, "kind", groups="/samples/*")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] .*there is no '/samples/sample_7/most'; '/samples/sample_7' holds"):
        hr.from_hdf5(path, "most", groups="/samples/*")
    with pytest.raises(ValueError, match=r"int64\(\) of '/samples/sample_3/rank'.*got int64\(1\) of '/samples/sample_4/rank'"):
        hr.from_hdf5(path, "rank", groups="/samples/sample_[34]")
    with pytest.raises(OSError, match="'/odd/sample_1/s'"):
        hr.from_hdf5(path, "s", groups="/odd/*")
    with pytest.raises(OSError, match=r"^\[from_hdf5\] no group matches '/samples/x\*'"):
        hr.from_hdf5(path, groups="/samples/x*")
    with pytest.raises(OSError, match=r"there is no '/sampls'; '/' holds 'odd', 'samples'"):
        hr.from_hdf5(path, groups="/sampls/*")
    for pattern in ("/samples", "/*/sample_1", "/s*/*", ""):
        with pytest.raises(ValueError, match=r"^\[from_hdf5\] groups must be a name with"):
            hr.from_hdf5(path, groups=pattern)
    with pytest.raises(ValueError, match="leave its first '/' off"):
        hr.from_hdf5(path, "/label", groups="/samples/*")
    with h5py.File(path, "a") as file:
        file["samples/sample_5/thing/x"], file["samples/sample_4/thing"] = 1, 1
    with pytest.raises(TypeError, match=r"'/samples/sample_5/thing' in .* has no dtype: it is a group"):
        hr.from_hdf5(path, "thing", groups="/samples/sample_[45]")


def test_an_error_takes_the_place_of_one_sample(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        for i in range(1, 12):
            file.create_dataset(f"s/{i}/x", data=np.full((i, 50), i, np.int32), chunks=(i, 50), compression="gzip", fletcher32=True)
        info = file["s/6/x"].id.get_chunk_info(0)
    data = bytearray((tmp_path / "a.h5").read_bytes())
    data[info.byte_offset + 9] ^= 0xFF
    (tmp_path / "a.h5").write_bytes(data)
    ds = hr.from_hdf5(tmp_path / "a.h5", ("x",), groups="/s/*")
    for threads in (1, 3):
        good = [len(x) for (x,) in ds.with_options(hr.Options(threads=threads)).ignore_errors()]
        assert good == [1, 2, 3, 4, 5, 7, 8, 9, 10, 11]
        assert [len(x) for (x,) in ds.map(lambda x: (x,)).ignore_errors()] == good
    with pytest.raises(OSError, match=r"cannot decode chunk \(0, 0\) of '/s/6/x'"):
        ds[5]


def test_text_of_groups_comes_back(tmp_path: Path) -> None:
    words = {"s": {str(i): {"w": np.array([["ä" * i, "bbb"]]), "b": np.array([bytes([255, i + 1])] * (1 + i % 2), object)} for i in range(4)}}
    hr.from_tensors(words).write_hdf5(tmp_path / "a.h5")
    for i, element in enumerate(hr.from_hdf5(tmp_path / "a.h5", groups="/s/*")):
        assert element["w"].dtype == "<U3" and element["w"].tolist() == [[["ä" * i, "bbb"]]]
        assert element["b"].tolist() == [[bytes([255, i + 1])] * (1 + i % 2)]


def test_samples_must_fit_in_memory_limit(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["s/0/x"] = [1]
        file.create_dataset("s/1/x", (1 << 40,), np.int64, chunks=(1 << 20,), compression="gzip")
    ds = hr.from_hdf5(tmp_path / "a.h5", "x", groups="/s/*")
    assert ds[0].tolist() == [1]
    with pytest.raises(MemoryError, match=r"a sample must fit in memory_limit, .* got 8796093022208 of '/s/1/x' in '.*a.h5'; raise it"):
        ds[1]


DAMAGE = """
from pathlib import Path
import numpy as np
import headrace as hr

data, path, random, seen = bytearray(Path({0!r}).read_bytes()), Path({1!r}), np.random.default_rng(5), 0
for _ in range(150):
    damaged = data.copy()
    damaged[random.integers(len(data))] ^= 1 << random.integers(8)
    path.write_bytes(damaged)
    try:
        seen += sum(1 for _ in hr.from_hdf5(path, groups="/samples/*").with_options(hr.Options(memory_limit=1 << 26)).ignore_errors())
    except (OSError, ValueError, TypeError) as error:
        assert not isinstance(error, UnicodeDecodeError) and str(error).startswith("[from_hdf5]"), error
assert seen > 200
"""


def test_samples_from_damaged_files_are_given_or_errors(tmp_path: Path) -> None:
    in_child(DAMAGE.format(str(sampled(tmp_path / "a.h5", names(4))), str(tmp_path / "b.h5")))
