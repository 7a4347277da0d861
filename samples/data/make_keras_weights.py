"""Writes keras-digits.h5 as Keras 2 lays out the weights of a model: a group a layer, named in attributes. Needs h5py.

    python samples/data/make_keras_weights.py
"""

from pathlib import Path

import h5py
import numpy as np

HERE = Path(__file__).parent


def main() -> None:
    table = np.loadtxt(HERE / "digits.csv.gz", dtype=np.uint8, delimiter=",")
    images, labels = np.column_stack([table[:, :64] / 16, np.ones(len(table))]), table[:, 64]
    weights = np.zeros((65, 10))
    for _ in range(300):  # plain gradient descent
        scores = images @ weights
        probabilities = np.exp(scores - scores.max(axis=1, keepdims=True))
        probabilities /= probabilities.sum(axis=1, keepdims=True)
        probabilities[np.arange(len(labels)), labels] -= 1
        weights -= images.T @ probabilities / len(labels)
    with h5py.File(HERE / "keras-digits.h5", "w") as file:
        file.attrs["layer_names"] = [b"flatten", b"dense"]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.15.0"
        file.create_group("flatten").attrs["weight_names"] = np.zeros(0, "S1")
        dense = file.create_group("dense")
        dense.attrs["weight_names"] = [b"dense/kernel:0", b"dense/bias:0"]
        dense.create_dataset("dense/kernel:0", data=weights[:64].astype("f4"))
        dense.create_dataset("dense/bias:0", data=weights[64].astype("f4"))


if __name__ == "__main__":
    main()
