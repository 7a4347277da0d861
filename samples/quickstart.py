"""How do I train on my arrays?

Streams 1,797 handwritten digits through shuffle, map, batch and prefetch, and trains a softmax classifier on them in
plain NumPy.

    python samples/quickstart.py [--epochs 30] [--batch-size 32] [--seed 7]
"""

import argparse
import time
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import headrace as hr

DIGITS = Path(__file__).parent / "data" / "digits.csv.gz"
Floats = NDArray[np.float32]


def load() -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Pixels (1797, 64), each 0 to 16, and the digits they show."""
    table = np.loadtxt(DIGITS, dtype=np.uint8, delimiter=",")
    return np.ascontiguousarray(table[:, :64]), table[:, 64].astype(np.int64)


def normalise(pixels: NDArray[np.uint8], digit: np.int64) -> tuple[Floats, np.int64]:
    return pixels.astype(np.float32) / np.float32(16), digit


class Softmax:
    """The linear classifier: probabilities are softmax(images @ weights + bias)."""

    def __init__(self) -> None:
        self.weights = np.zeros((64, 10), np.float32)
        self.bias = np.zeros(10, np.float32)

    def probabilities(self, images: Floats) -> Floats:
        scores = images @ self.weights + self.bias
        powers = np.exp(scores - scores.max(axis=1, keepdims=True))
        return np.asarray(powers / powers.sum(axis=1, keepdims=True))

    def step(self, images: Floats, digits: NDArray[np.int64], rate: float) -> float:
        """One step of gradient descent; returns the loss before it."""
        probabilities = self.probabilities(images)
        rows = np.arange(len(digits))
        loss = -np.log(probabilities[rows, digits] + 1e-9).mean()
        probabilities[rows, digits] -= 1
        self.weights -= rate * (images.T @ probabilities) / len(digits)
        self.bias -= rate * probabilities.mean(axis=0)
        return float(loss)


def accuracy(model: Softmax, dataset: hr.Dataset) -> float:
    right = sum(int((model.probabilities(images).argmax(axis=1) == digits).sum()) for images, digits in dataset.batch(256))
    return right / len(dataset)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()

    pixels, digits = load()
    held_out = np.arange(len(digits)) % 5 == 0
    train = (
        hr.from_tensor_slices((pixels[~held_out], digits[~held_out]))
        .shuffle(seed=options.seed)
        .map(normalise)
        .batch(options.batch_size)
        .prefetch(2)
    )
    test = hr.from_tensor_slices((pixels[held_out], digits[held_out])).map(normalise)
    print(train.explain(), "\n")

    model, seen = Softmax(), 0
    start = time.perf_counter()
    for epoch in range(1, options.epochs + 1):  # each pass over `train` is another order
        losses = []
        for images, labels in train:
            losses.append(model.step(images, labels, rate=0.5))
            seen += len(labels)
        print(f"epoch {epoch:2d}/{options.epochs}  loss {np.mean(losses):.3f}", flush=True)
    seconds = time.perf_counter() - start

    right = accuracy(model, test)
    print(f"\n{100 * right:.1f}% of {len(test)} held-out digits are right")
    print(f"{seen / seconds:,.0f} digits a second, training included")
    if right <= 0.9:
        raise SystemExit("the accuracy should be above 90%: something is wrong")


if __name__ == "__main__":
    main()
