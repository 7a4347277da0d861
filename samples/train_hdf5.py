"""How do I train on HDF5 files?

Writes the handwritten digits to an HDF5 file in compressed chunks, trains a softmax classifier on it with a shuffle that
decodes each chunk once an epoch, stops in the middle and goes on from a checkpoint with exactly the batches that are left.

    python samples/train_hdf5.py [digits.h5]
"""

import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import headrace as hr

DIGITS = Path(__file__).parent / "data" / "digits.csv.gz"
EPOCHS = 20
Floats = NDArray[np.float32]


def digits() -> Iterator[dict[str, object]]:
    """One by one, as they would come from a camera or a data base."""
    for row in np.loadtxt(DIGITS, dtype=np.uint8, delimiter=","):
        yield {"image": row[:64], "label": row[64]}


def write(path: Path) -> None:
    signature = {"image": hr.TensorSpec((64,), np.uint8), "label": hr.TensorSpec((), np.uint8)}
    hr.from_generator(digits, output_signature=signature).write_hdf5(path, chunk_rows=128, attrs={"pixels are": "0 to 16"})


def normalise(batch: dict[str, NDArray[np.uint8]]) -> tuple[Floats, NDArray[np.int64]]:
    return batch["image"].astype(np.float32) / np.float32(16), batch["label"].astype(np.int64)


def batches(path: Path) -> hr.Dataset:
    """Of all epochs. A full shuffle() would decode chunks again and again; this one holds 512 rows."""
    return hr.from_hdf5(path).shuffle(buffer_size=512, seed=3).batch(32).map(normalise).repeat(EPOCHS).prefetch(2)


def step(weights: Floats, images: Floats, labels: NDArray[np.int64]) -> None:
    """Gradient descent; the last row of the weights is the bias."""
    inputs = np.column_stack([images, np.ones(len(images), np.float32)])
    scores = inputs @ weights
    probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
    probabilities /= probabilities.sum(axis=1, keepdims=True)
    probabilities[np.arange(len(labels)), labels] -= 1
    weights -= 0.5 * (inputs.T @ probabilities) / len(labels)


def train(path: Path, checkpoint: Path, most: int) -> tuple[Floats, int]:
    """At most so many steps, from the checkpoint where there is one; the weights, and how many steps were made in all."""
    weights, steps, iterator = np.zeros((65, 10), np.float32), 0, iter(batches(path))
    if checkpoint.exists():
        saved = json.loads(checkpoint.read_text())
        weights, steps = np.array(saved["weights"], np.float32), saved["steps"]
        iterator.load_state_dict(saved["iterator"])
    for images, labels in iterator:
        step(weights, images, labels)
        steps += 1
        if steps % 50 == 0 or steps == most:  # weights and position in one file, which replaces the old one in one step
            part = checkpoint.with_suffix(".part")
            part.write_text(json.dumps({"weights": weights.tolist(), "steps": steps, "iterator": iterator.state_dict()}))
            os.replace(part, checkpoint)
        if steps == most:
            break
    return weights, steps


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(sys.argv[1] if len(sys.argv) > 1 else Path(folder) / "digits.h5")
        write(path)
        dataset = batches(path)
        print(f"{path.name}: {path.stat().st_size} bytes, of {hr.read_hdf5(path, 'image').nbytes} of pixels\n{dataset.explain()}\n")

        _, steps = train(path, Path(folder) / "stopped.json", most=333)
        print(f"stopped after {steps} of {len(dataset)} steps, inside an epoch")
        resumed, steps = train(path, Path(folder) / "stopped.json", most=len(dataset))
        undisturbed, _ = train(path, Path(folder) / "undisturbed.json", most=len(dataset))
        if not np.array_equal(resumed, undisturbed):
            raise SystemExit("the resumed training differs from the undisturbed one: something is wrong")
        print(f"went on to step {steps}: the weights are equal to those of an undisturbed training")

        images, labels = normalise({name: hr.read_hdf5(path, name) for name in ("image", "label")})
        right = np.mean((images @ resumed[:64] + resumed[64]).argmax(axis=1) == labels)
        print(f"{100 * right:.1f}% of the digits are right")
        if right <= 0.9:
            raise SystemExit("the accuracy should be above 90%: something is wrong")


if __name__ == "__main__":
    main()
