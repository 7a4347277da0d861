"""The samples run, and do what they say."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import headrace as hr

ROOT = Path(__file__).parents[2]
SAMPLES = ROOT / "samples"


def run(*command: object) -> str:
    package = str(Path(hr.__file__).parents[1])
    result = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": package}
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_quickstart_learns_the_digits() -> None:
    out = run(sys.executable, SAMPLES / "quickstart.py")
    assert "held-out digits are right" in out and "digits a second" in out and "shuffle" in out


def test_resume_is_killed_and_goes_on() -> None:
    out = run(sys.executable, SAMPLES / "resume.py")
    assert out.count("killed with") == 3 and "equal to those of an undisturbed run" in out


def test_tensors_says_what_is_shared_and_what_is_copied() -> None:
    lines = run(sys.executable, SAMPLES / "tensors.py").splitlines()
    assert sum(line.endswith("shared") for line in lines) >= 9 and sum(line.endswith("copied") for line in lines) == 2
    assert any(line.startswith("7.0 [15.0, 3.0, 5.0]") for line in lines)


def test_preprocess_writes_what_numpy_reads(tmp_path: Path) -> None:
    program = ROOT / "build" / "release" / "samples" / "preprocess"
    if not program.exists():
        pytest.skip("the C++ samples are not built")
    run(program, SAMPLES / "data" / "digits.csv.gz", tmp_path)
    images, labels = np.load(tmp_path / "digits-images.npy"), np.load(tmp_path / "digits-labels.npy")
    table = np.loadtxt(SAMPLES / "data" / "digits.csv.gz", dtype=np.uint8, delimiter=",")
    order = np.concatenate(list(hr.range(len(table)).shuffle(seed=7).batch(256)))
    assert images.dtype == np.float32 and np.array_equal(images, table[order, :64].astype(np.float32) / 16)
    assert labels.dtype == np.uint8 and np.array_equal(labels, table[order, 64])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["digits-images.npy", "digits-labels.npy"]


def test_training_on_hdf5_goes_on_from_its_checkpoint_and_cpp_preprocesses_its_file(tmp_path: Path) -> None:
    path = tmp_path / "digits.h5"
    out = run(sys.executable, SAMPLES / "train_hdf5.py", path)
    assert "stopped after 333 of 1140 steps" in out and "equal to those of an undisturbed training" in out
    program = ROOT / "build" / "release" / "samples" / "preprocess_hdf5"
    if not program.exists():
        pytest.skip("the C++ samples are not built")
    assert "wrote 1797 rows" in run(program, path, tmp_path / "normalised.h5")
    before, after = hr.read_hdf5(path), hr.read_hdf5(tmp_path / "normalised.h5")
    assert np.array_equal(after["image"], before["image"].astype(np.float32) / 16) and np.array_equal(after["label"], before["label"])
    assert after.attributes["made of"] == str(path)


def test_what_was_ingested_is_used_in_python_and_cpp(tmp_path: Path) -> None:
    out = run(sys.executable, SAMPLES / "use_ingested.py", tmp_path)
    assert "$ headrace ingest wine.csv -o wine.h5" in out and "photos come in batches of (12, 64, 64, 3)" in out
    assert float(out.split("% of the 53 wines")[0].splitlines()[-1]) > 90
    program = ROOT / "build" / "release" / "samples" / "image_features"
    if not program.exists():
        pytest.skip("the C++ samples are not built")
    assert "wrote the features of 36 photos" in run(program, tmp_path / "textures.h5", tmp_path / "features.csv")
    table = np.loadtxt(tmp_path / "features.csv", delimiter=",", skiprows=1)
    images, labels = (hr.read_hdf5(tmp_path / "textures.h5", f"train/{name}") for name in ("image", "label"))
    order = list(hr.range(36).shuffle(seed=7, reshuffle_each_iteration=False))
    grey = images[order].astype(float).mean(axis=3)
    down = np.abs(np.diff(grey, axis=1)).sum(axis=(1, 2)) / 64**2
    assert np.allclose(table[:, 0], grey.mean(axis=(1, 2))) and np.allclose(table[:, 3], down) and np.array_equal(table[:, 4], labels[order])


def test_keras_weights_are_read() -> None:
    out = run(sys.executable, SAMPLES / "keras_weights.py")
    assert "dense: dense/kernel:0 float32(64, 10), dense/bias:0 float32(10,)" in out and "digits are right" in out


def test_training_on_a_folder_of_images_shows_a_batch_and_learns(tmp_path: Path) -> None:
    for package in ("matplotlib", "skimage", "torch"):
        pytest.importorskip(package)
    out = run(sys.executable, SAMPLES / "train_images.py", tmp_path / "grid.png")
    assert "from_image_folder" in out and "a batch of (32, 48, 48, 3)" in out and "steps: the loss fell from" in out
    grid = hr.image.decode_png(hr.io.read_file(tmp_path / "grid.png"), channels=3)
    assert min(grid.shape[:2]) > 400 and len(np.unique(grid.reshape(-1, 3), axis=0)) > 1000  # photos, no white page


def test_without_its_packages_a_sample_says_what_to_install() -> None:
    code = """import importlib.util, runpy
find = importlib.util.find_spec
importlib.util.find_spec = lambda name: find(name) if name != "torch" else None
runpy.run_path("samples/train_images.py", run_name="__main__")"""
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(Path(hr.__file__).parents[1])}
    )
    assert result.returncode == 1 and "this sample needs torch" in result.stderr and "'.[samples]'" in result.stderr
    assert "Traceback" not in result.stderr
