"""ingest: data of every kind into HDF5, beside NumPy, the csv module and h5py."""

from __future__ import annotations

import csv
import gzip
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from hdf5_files import h5py
from tool import headrace

TEXTURES = Path(__file__).parents[2] / "samples" / "data" / "textures"
ROWS = 3000


def table(path: Path, rows: int = ROWS, delimiter: str = ",", bad: tuple[int, ...] = ()) -> dict[str, list[Any]]:
    """A CSV file of three columns; in the rows of `bad` the number is none."""
    generator = np.random.default_rng(rows)
    columns = {
        "id": list(range(rows)),
        "height": [float(f"{x:.3f}") for x in generator.normal(170, 10, rows)],
        "name": [f'no. "{i}"{delimiter} {"ä" * (i % 3)}' for i in range(rows)],
    }
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(columns)
        for i, row in enumerate(zip(*columns.values(), strict=True)):
            writer.writerow(("x", *row[1:]) if i in bad else row)
    return columns


def datasets(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = {}

    def take(name: str, thing: Any) -> None:
        if isinstance(thing, h5py.Dataset):
            found[name] = thing.asstr()[()] if h5py.check_string_dtype(thing.dtype) else thing[()]

    with h5py.File(path) as file:
        file.visititems(take)
    return found


def same(found: dict[str, Any], expected: dict[str, Any]) -> bool:
    return sorted(found) == sorted(expected) and all(np.array_equal(found[name], expected[name]) for name in found)


@pytest.mark.parametrize("name, delimiter", [("a.csv", ","), ("a.csv.gz", ","), ("a.tsv", "\t"), ("a.CSV", ",")])
def test_columns_of_a_table_become_datasets(tmp_path: Path, name: str, delimiter: str) -> None:
    columns = table(tmp_path / "plain", delimiter=delimiter)
    (tmp_path / name).write_bytes(gzip.compress((tmp_path / "plain").read_bytes()) if name.endswith("gz") else (tmp_path / "plain").read_bytes())
    ended = headrace("ingest", tmp_path / name, "-o", tmp_path / "out.h5")
    assert (ended.stdout, ended.stderr) == ("", "") and same(datasets(tmp_path / "out.h5"), columns)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "out.h5", "plain"])
    rows = list(hr.from_hdf5(tmp_path / "out.h5"))
    assert list(rows[0]) == ["id", "height", "name"] and [row["name"] for row in rows] == columns["name"]


def test_many_files_follow_each_other_and_columns_can_be_chosen(tmp_path: Path) -> None:
    first, second = table(tmp_path / "part-1.csv", 500), table(tmp_path / "part-2.csv", 700)
    headrace("ingest", f"{tmp_path}/part-*.csv", "-o", tmp_path / "out.h5", "--columns", "height,id", "--chunk-rows", 128, "--compress", "none")
    assert same(datasets(tmp_path / "out.h5"), {name: first[name] + second[name] for name in ("id", "height")})
    with h5py.File(tmp_path / "out.h5") as file:
        assert file["id"].chunks == (128,) and file["id"].compression is None


def test_a_schema_gives_the_options_of_the_source(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("1;-;x\n2;3;y\n")
    schema = {"header": False, "delimiter": ";", "columns": {"n": 0, "m": 1}, "dtypes": {"0": "uint8", "1": "float32"}, "missing": ["-"], "defaults": {"1": -1.5}}
    (tmp_path / "schema.json").write_text(json.dumps(schema))
    headrace("ingest", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "--schema", tmp_path / "schema.json")
    found = datasets(tmp_path / "out.h5")
    assert same(found, {"n": [1, 2], "m": [-1.5, 3]}) and (found["n"].dtype, found["m"].dtype) == (np.uint8, np.float32)


@pytest.mark.parametrize("big_endian", [False, True])
def test_npy_and_npz(tmp_path: Path, big_endian: bool) -> None:
    x = np.random.default_rng(1).normal(size=(100, 3, 2)).astype(">f4" if big_endian else "<f4")
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    np.savez_compressed(tmp_path / "xy.npz", x=x, y=np.arange(100))
    headrace("ingest", tmp_path / "x.npy", tmp_path / "x.npy", "-o", tmp_path / "x.h5")
    assert same(datasets(tmp_path / "x.h5"), {"data": np.concatenate([x, x])})
    headrace("ingest", tmp_path / "xy.npz", "-o", tmp_path / "xy.h5")
    assert same(datasets(tmp_path / "xy.h5"), {"x": x, "y": np.arange(100)})
    headrace("ingest", tmp_path / "xy.npz", "-o", tmp_path / "y.h5", "--columns", "y")
    assert same(datasets(tmp_path / "y.h5"), {"y": np.arange(100)})


def test_text_and_raw_records(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("one\n\ntwo ä\n")
    headrace("ingest", tmp_path / "a.log", "-o", tmp_path / "text.h5")
    assert same(datasets(tmp_path / "text.h5"), {"data": ["one", "", "two ä"]})
    images = np.random.default_rng(2).integers(0, 256, (10, 4, 5)).astype(np.uint8)
    (tmp_path / "images.bin").write_bytes(b"head" + images.tobytes())
    ended = headrace("ingest", tmp_path / "images.bin", "-o", tmp_path / "out.h5", code=2)
    assert "[ingest] 'record_bytes' must be given in --schema" in ended.stderr
    (tmp_path / "schema.json").write_text('{"record_bytes": 20, "header_bytes": 4, "shape": [4, 5]}')
    headrace("ingest", tmp_path / "images.bin", "-o", tmp_path / "out.h5", "-s", tmp_path / "schema.json")
    assert same(datasets(tmp_path / "out.h5"), {"data": images})


def test_other_hdf5_files(tmp_path: Path) -> None:
    for part in range(2):
        with h5py.File(tmp_path / f"{part}.h5", "w") as file:
            file["x"] = np.full((5, 2), part)
            file["deep/y"] = [f"row {i}" for i in range(5)]
    headrace("ingest", tmp_path / "0.h5", tmp_path / "1.h5", "-o", tmp_path / "out.h5")
    assert same(datasets(tmp_path / "out.h5"), {"x": np.repeat([[0, 0], [1, 1]], 5, axis=0), "deep/y": [f"row {i}" for i in range(5)] * 2})
    ended = headrace("ingest", tmp_path / "0.h5", "-o", tmp_path / "0.h5", code=2)
    assert "OUT must be another file than SRC" in ended.stderr


def test_a_folder_of_images_is_kept_or_decoded_to_one_shape(tmp_path: Path) -> None:
    ended = headrace("ingest", TEXTURES, "-o", tmp_path / "kept.h5")
    assert ended.stderr == "headrace: [ingest] images are kept as the files they are; --size HEIGHTxWIDTH decodes them\n"
    files = sorted(TEXTURES.glob("*/*.jpg"))
    with h5py.File(tmp_path / "kept.h5") as file:
        assert [bytes(image) for image in file["image"]] == [path.read_bytes() for path in files]
        assert list(file["label"].attrs["classes"]) == ["brick", "grass", "gravel"] and np.array_equal(file["label"], np.repeat(np.arange(3), 16))
    headrace("ingest", TEXTURES, "-o", tmp_path / "decoded.h5", "--size", "48x32")
    images, labels = next(iter(hr.from_image_folder(TEXTURES, size=(48, 32)).batch(48)))
    assert same(datasets(tmp_path / "decoded.h5"), {"image": images, "label": labels})
    (tmp_path / "grey.json").write_text('{"channels": 1, "classes": ["gravel", "brick"]}')
    headrace("ingest", TEXTURES, "-o", tmp_path / "grey.h5", "--size", "64x64", "-s", tmp_path / "grey.json")
    with h5py.File(tmp_path / "grey.h5") as file:
        assert file["image"].shape == (32, 64, 64, 1) and list(file["label"].attrs["classes"]) == ["gravel", "brick"]


@pytest.mark.parametrize("rows", [1, 2, 7, 300, ROWS])
def test_shuffling_keeps_every_row_once_and_splits_have_their_shares(tmp_path: Path, rows: int) -> None:
    columns = table(tmp_path / "a.csv", rows)
    headrace("ingest", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "--split", "train=0.8,val=0.15,test=0.05", "--shuffle-seed", 5, "--chunk-rows", 50)
    found = datasets(tmp_path / "out.h5")
    sizes = [len(found[f"{part}/id"]) for part in ("train", "val", "test")]
    assert sum(sizes) == rows and all(abs(size - share * rows) <= 1 for size, share in zip(sizes, (0.8, 0.15, 0.05), strict=True))
    order = np.concatenate([found[f"{part}/id"] for part in ("train", "val", "test")])
    assert np.array_equal(order, list(hr.range(rows).shuffle(seed=5, reshuffle_each_iteration=False)))
    for name in ("height", "name"):
        assert np.array_equal(np.concatenate([found[f"{part}/{name}"] for part in ("train", "val", "test")]), [columns[name][i] for i in order])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "out.h5"]


def test_what_is_read_by_position_is_shuffled_without_being_copied_first(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(1000).reshape(500, 2))
    headrace("ingest", tmp_path / "x.npy", "-o", tmp_path / "out.h5", "--shuffle-seed", 9)
    order = np.array(list(hr.range(500).shuffle(seed=9, reshuffle_each_iteration=False)))
    assert same(datasets(tmp_path / "out.h5"), {"data": np.arange(1000).reshape(500, 2)[order]})


def test_statistics_are_those_of_numpy(tmp_path: Path) -> None:
    height = np.random.default_rng(3).normal(170, 10, 5000)
    with (tmp_path / "a.csv").open("w") as file:
        file.write("height,count,big,flag,word\n")
        file.writelines(f"{h if i % 7 else ''},{i - 2000},{2**63 - 1 - i},{i % 2 == 0},{'w' * (i % 3)}\n" for i, h in enumerate(height))
    headrace("ingest", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "--stats", "--chunk-rows", 700)
    with h5py.File(tmp_path / "out.h5") as file:
        attributes = {name: dict(file[name].attrs) for name in file}
    known = height[np.arange(5000) % 7 != 0]
    for name, values in (("height", known), ("count", np.arange(-2000, 3000)), ("flag", np.arange(5000) % 2 == 0)):
        found = attributes[name]
        assert found["count"] == len(values) and found["nulls"] == 5000 - len(values)
        assert np.allclose([found["mean"], found["std"]], [values.mean(), values.std()], rtol=1e-13)
        assert (found["min"], found["max"]) == (values.min(), values.max())
    assert attributes["big"]["max"] == 2**63 - 1 and attributes["big"]["min"] == 2**63 - 5000
    assert attributes["word"] == {"count": 3333, "nulls": 1667}


def test_rows_that_cannot_be_read_stop_it_or_are_left_out(tmp_path: Path) -> None:
    columns = table(tmp_path / "a.csv", bad=(1400, 2900))
    words = ("ingest", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "--columns", "id,height", "--chunk-rows", 100)
    (tmp_path / "schema.json").write_text('{"dtypes": {"id": "int32"}}')
    words = (*words, "-s", tmp_path / "schema.json")
    ended = headrace(*words, code=1)
    assert "line 1402 of" in ended.stderr and "--on-error skip" in ended.stderr and not (tmp_path / "out.h5").exists()
    assert f"leaves such rows out, once '{tmp_path}/out.h5.journal' was removed" in ended.stderr
    (tmp_path / "out.h5.journal").unlink()
    good = [i for i in range(ROWS) if i not in (1400, 2900)]
    kept = {name: [columns[name][i] for i in good] for name in ("id", "height")}
    ended = headrace(*words, "--on-error", "skip")
    assert "2 rows were left out of 3000, the first: {" in ended.stderr and "line 1402" in ended.stderr and same(datasets(tmp_path / "out.h5"), kept)
    ended = headrace(*words, "--on-error", tmp_path / "bad.jsonl", "--shuffle-seed", 1)
    lines = [json.loads(line) for line in (tmp_path / "bad.jsonl").read_text().splitlines()]
    assert "2 rows were left out of 3000; see" in ended.stderr and [line["position"] for line in lines] == [1400, 2900]
    assert "line 1402" in lines[0]["origin"] and lines[0]["error"].startswith("ValueError: ")
    assert sorted(datasets(tmp_path / "out.h5")["id"]) == good
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "bad.jsonl", "out.h5", "schema.json"]


def test_damaged_images_are_left_out_also_where_they_are_shuffled(tmp_path: Path) -> None:
    shutil.copytree(TEXTURES, tmp_path / "photos")
    (tmp_path / "photos" / "grass" / "03.jpg").write_bytes(b"no image")
    ended = headrace("ingest", tmp_path / "photos", "-o", tmp_path / "out.h5", "--size", "16x16", code=1)
    assert "grass/03.jpg" in ended.stderr
    (tmp_path / "out.h5.journal").unlink(missing_ok=True)
    headrace("ingest", tmp_path / "photos", "-o", tmp_path / "out.h5", "--size", "16x16", "--on-error", tmp_path / "bad.jsonl", "--split", "a=0.5,b=0.5")
    found = datasets(tmp_path / "out.h5")
    assert len(found["a/label"]) + len(found["b/label"]) == 47 and "grass/03.jpg" in (tmp_path / "bad.jsonl").read_text()


def test_what_is_read_is_never_written_to(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"i": 1}\n' * 9)
    (tmp_path / "s.jsonl").write_text("{}")
    (tmp_path / "link.jsonl").symlink_to("a.jsonl")
    shutil.copytree(TEXTURES, tmp_path / "photos")
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    for words, said in [
        (("a.jsonl", "-f", "text", "-o", "out.h5", "--on-error", "link.jsonl"), "--on-error must be another file than SRC, got 'link.jsonl' as both"),
        (("a.jsonl", "-f", "text", "-o", "a.jsonl"), "OUT must be another file than SRC"),
        (("a.jsonl", "-f", "text", "-s", "s.jsonl", "-o", "out.h5", "--on-error", "s.jsonl"), "--on-error must be another file than --schema"),
        (("a.jsonl", "-f", "text", "-s", "s.jsonl", "-o", "s.jsonl"), "OUT must be another file than --schema"),
        (("a.jsonl", "-f", "text", "-o", "out.jsonl", "--on-error", "out.jsonl"), "--on-error must be another file than OUT"),
        (("photos", "-o", "photos/grass/00.jpg"), "OUT must lie outside of the folder SRC, got 'photos/grass/00.jpg' in 'photos'"),
        (("photos", "-o", "out.h5", "--on-error", "photos/bad.jsonl"), "--on-error must lie outside of the folder SRC"),
    ]:
        assert said in headrace("ingest", *words, code=2, cwd=tmp_path).stderr
    assert before == {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}


@pytest.mark.parametrize("options", [(), ("--stats", "--shuffle-seed", 3, "--split", "a=0.7,b=0.3"), ("--compress", "gzip:9", "--chunk-rows", 77)])
def test_the_same_bytes_for_any_number_of_jobs(tmp_path: Path, options: tuple[Any, ...]) -> None:
    table(tmp_path / "a.csv")
    made = set()
    for jobs in (1, 2, 8):
        headrace("ingest", "-q", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "--jobs", jobs, *options)
        made.add((tmp_path / "out.h5").read_bytes())
    assert len(made) == 1


def test_no_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("x,y\n")
    (tmp_path / "schema.json").write_text('{"dtypes": "float32"}')
    for options in ((), ("--split", "a=0.5,b=0.5", "--stats")):
        headrace("ingest", tmp_path / "a.csv", "-o", tmp_path / "out.h5", "-s", tmp_path / "schema.json", *options)
        assert all(len(values) == 0 for values in datasets(tmp_path / "out.h5").values())


def test_mistakes_are_said_in_words(tmp_path: Path) -> None:
    table(tmp_path / "a.csv", 10)
    (tmp_path / "unknown").write_bytes(b"\0\1\2")
    (tmp_path / "twice.h5.gz").write_bytes(gzip.compress(b"\x89HDF\r\n\x1a\n"))
    (tmp_path / "schema.json").write_text('{"dtype": "float32"}')
    (tmp_path / "list.json").write_text("[]")
    (tmp_path / "broken.json").write_text('{\n"header": true,\n"delimiter": }\n')
    (tmp_path / "wrong.json").write_text('{"header": 1}')
    np.save(tmp_path / "x.npy", np.arange(3))
    for words, code, said in [
        (("missing.csv",), 1, "missing.csv"),
        (("unknown",), 2, "cannot tell what 'unknown' is, by its first bytes or by its name; --format csv, tsv, npy, npz, text, records, hdf5, images says so"),
        (("twice.h5.gz",), 2, "must not be compressed by gzip"),
        (("a.csv", "x.npy"), 2, "all inputs must be of one kind, got csv in 'a.csv' and npy in 'x.npy'"),
        (("a.csv", "--format", "excel"), 2, "--format must be one of csv, tsv, npy"),
        (("a.csv", "--columns", "id,"), 2, "--columns must be names with commas between them, got 'id,'"),
        (("a.csv", "--columns", "age"), 2, "'age'"),
        (("x.npy", "--columns", "age"), 2, "--columns is for csv, tsv, npz and hdf5, got npy"),
        (("a.csv", "--size", "3x3"), 2, "--size is for folders of images, got csv"),
        (("a.csv", "--schema", "schema.json"), 2, "unknown option 'dtype' in the schema; from_csv takes files, columns, dtypes"),
        (("a.csv", "--schema", "list.json"), 2, "must be a JSON object"),
        (("a.csv", "--schema", "wrong.json"), 2, "'header' of the schema must be true or false, got 1"),
        (("a.csv", "--schema", "broken.json"), 2, "'broken.json' must be JSON, but line 3 of it is not"),
        (("a.csv", "--schema", "none.json"), 1, "cannot read 'none.json': No such file or directory"),
        (("a.csv", "--split", "train=0.9"), 2, "the shares of --split must add up to 1, got 0.9"),
        (("a.csv", "--split", "train=0.5,train=0.5"), 2, "must name each part once"),
        (("a.csv", "--split", "train"), 2, "--split must be names with shares"),
        (("a.csv", "--on-error", "ignore"), 2, "--on-error must be stop, skip, or a file whose name ends with .jsonl, got 'ignore'"),
        (("a.csv", "--compress", "lzma"), 2, "--compress must be gzip:0 to gzip:9, or none, got 'lzma'"),
        (("a.csv", "--chunk-rows", "-1"), 2, "--chunk-rows must be >= 0, got -1"),
        (("a.csv", "--shuffle-seed", "x"), 2, "--shuffle-seed must be a whole number, got 'x'"),
    ]:
        ended = headrace("ingest", *words, "-o", "out.h5", code=code, cwd=tmp_path)
        assert said in ended.stderr and ended.stderr.startswith("headrace: [") and ended.stderr.count("\n") == 1, ended.stderr
        assert not list(tmp_path.glob("out.h5*"))
