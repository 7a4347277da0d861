"""How do I read the weights in a Keras .h5 file?

Reads the tree of a weights file as Keras 2 writes it, lists its layers, and lets the dense one tell digits apart.

    python samples/keras_weights.py [weights.h5]
"""

import sys
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import headrace as hr

DATA = Path(__file__).parent / "data"


def text(name: bytes | str) -> str:
    """Old files of Keras have bytes, newer ones text."""
    return name.decode() if isinstance(name, bytes) else str(name)


def layers(path: Path) -> dict[str, dict[str, NDArray[np.float32]]]:
    """Each layer's weights by name, in the order in which the model has them."""
    tree = hr.read_hdf5(path)
    found = {}
    for layer in map(text, tree.attributes["layer_names"]):
        group = tree[layer]
        found[layer] = {name: hr.read_hdf5(path, f"{layer}/{name}") for name in map(text, group.attributes["weight_names"])}
    return found


def main() -> None:
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else DATA / "keras-digits.h5"
    weights = layers(path)
    for layer, named in weights.items():
        print(f"{layer}: " + (", ".join(f"{name} {array.dtype}{array.shape}" for name, array in named.items()) or "no weights"))
    if len(sys.argv) > 1:
        return

    table = np.loadtxt(DATA / "digits.csv.gz", dtype=np.uint8, delimiter=",")
    dataset = hr.from_tensor_slices((table[:, :64], table[:, 64])).batch(256)
    kernel, bias = weights["dense"]["dense/kernel:0"], weights["dense"]["dense/bias:0"]
    right = sum(int(((images / 16 @ kernel + bias).argmax(axis=1) == labels).sum()) for images, labels in dataset)
    print(f"{100 * right / len(table):.1f}% of {len(table)} digits are right")
    if right <= 0.9 * len(table):
        raise SystemExit("the accuracy should be above 90%: something is wrong")


if __name__ == "__main__":
    main()
