"""Writes resize.npz: what tf.image.resize gives for the images of resize_cases(). Needs TensorFlow; the tests do not.

    python tests/data/make_resize.py
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

FILE = Path(__file__).with_name("resize.npz")
SIZES = [((9, 13), (5, 7)), ((9, 13), (20, 31)), ((9, 13), (9, 13)), ((40, 52), (17, 26)), ((12, 12), (4, 24)), ((1, 5), (3, 1)), ((30, 7), (7, 30))]
METHODS = ["nearest", "bilinear", "bicubic", "area"]


def picture(height: int, width: int, channels: int) -> Any:
    """Numbers that look random and follow from the size alone."""
    numbers = np.arange(height * width * channels, dtype=np.uint64) * np.uint64(2654435761) % np.uint64(2**32)
    return (numbers >> np.uint64(24)).astype(np.uint8).reshape(height, width, channels)


def resize_cases() -> Iterator[tuple[str, Any, tuple[int, int], str, bool]]:
    """(name, image, size, method, antialias)."""
    for (height, width), size in SIZES:
        for method in METHODS:
            for antialias in (False, True):
                name = f"{height}x{width} to {size[0]}x{size[1]}, {method}" + (", antialias" if antialias else "")
                yield name, picture(height, width, 3), size, method, antialias


if __name__ == "__main__":
    import tensorflow as tf

    results = {
        name: tf.image.resize(image, size, method, antialias=antialias).numpy() for name, image, size, method, antialias in resize_cases()
    }
    np.savez_compressed(FILE, **results)
