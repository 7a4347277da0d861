"""How do I bring my files into HDF5, and use them?

The program `headrace` makes one HDF5 file of a CSV of real measurements (178 wines) and one of a folder of real images (48 photos of
textures), both split into train and val. The wines are streamed in shuffled batches, standardised by the statistics that the program
left beside them, and a softmax classifier learns from whose vineyard a wine is.

    python samples/use_ingested.py [FOLDER]     what is made goes there; samples/image_features.cpp reads it
"""

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import headrace as hr

DATA = Path(__file__).parent / "data"
EPOCHS = 60


def headrace(*words: str | Path) -> None:
    """Runs the program, as `headrace WORDS` in a shell would."""
    print("$ headrace", *[Path(word).name if isinstance(word, Path) else word for word in words], flush=True)
    subprocess.run([sys.executable, "-m", "headrace", *map(str, words)], check=True)


def statistics(path: Path, group: str) -> tuple[NDArray[Any], NDArray[Any]]:
    """Mean and standard deviation of each column, as `ingest --stats` wrote them."""
    found = hr.read_hdf5(path, group).array_attributes
    columns = [found[name] for name in sorted(found) if name != "cultivar"]
    return np.array([column["mean"] for column in columns]), np.array([column["std"] for column in columns])


def batches(path: Path, group: str, mean: NDArray[Any], deviation: NDArray[Any]) -> hr.Dataset:
    """Batches of (wines, 13) and of the number of each one's cultivar."""

    def standardised(batch: dict[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
        columns = np.stack([batch[name] for name in sorted(batch) if name != "cultivar"], axis=1)
        return (columns - mean) / deviation, batch["cultivar"]

    return hr.from_hdf5(path, group).shuffle(seed=1).batch(16).map(standardised)


def softmax(x: NDArray[Any]) -> NDArray[Any]:
    e: NDArray[Any] = np.exp(x - x.max(axis=1, keepdims=True))
    shares: NDArray[Any] = e / e.sum(axis=1, keepdims=True)
    return shares


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else tempfile.mkdtemp())
    wines, photos = folder / "wine.h5", folder / "textures.h5"
    headrace("ingest", DATA / "wine.csv", "-o", wines, "--split", "train=0.7,val=0.3", "--shuffle-seed", "7", "--stats")
    headrace("ingest", DATA / "textures", "-o", photos, "--size", "64x64", "--split", "train=0.75,val=0.25")
    headrace("verify", "--quiet", wines)

    mean, deviation = statistics(wines, "train")
    weights = np.zeros((len(mean), 3))
    for _ in range(EPOCHS):
        for x, cultivar in batches(wines, "train", mean, deviation):
            weights -= 0.1 * x.T @ (softmax(x @ weights) - np.eye(3)[cultivar]) / len(x)
    right = [np.argmax(x @ weights, axis=1) == cultivar for x, cultivar in batches(wines, "val", mean, deviation)]
    share = np.concatenate(right).mean()
    print(f"{100 * share:.0f}% of the {len(np.concatenate(right))} wines that it has not seen are told right")

    images = hr.from_hdf5(photos, "train")
    batch = next(iter(images.shuffle(seed=1).batch(12)))
    print(f"photos come in batches of {batch['image'].shape}, labels {np.bincount(batch['label'], minlength=3)} of each class")


if __name__ == "__main__":
    main()
