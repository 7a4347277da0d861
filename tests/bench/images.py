"""JPEG photos in memory: decoded, resized and batched."""

from functools import cache, partial
from typing import Any

import numpy as np

import headrace as hr
import peers
from measure import Row, alternate, check, count

N, KINDS, SIZE = 400, 50, (224, 224)


def photo(seed: int) -> Any:
    """500 x 375: smooth shades and a grain, about as large as a photo once encoded."""
    generator = np.random.default_rng(seed)
    y, x = np.mgrid[0:375, 0:500]
    tilt, wave = generator.uniform(0.02, 0.12, (2, 3))
    shades = [128 + 60 * np.sin(x * a + seed) + 50 * np.cos(y * b - seed) for a, b in zip(tilt, wave)]
    return (np.stack(shades, -1) + generator.normal(0, 10, (375, 500, 1))).clip(0, 255).astype(np.uint8)


@cache
def files() -> list[bytes]:
    kinds = [hr.image.encode_jpeg(photo(seed), quality=85) for seed in range(KINDS)]
    return [kinds[i % KINDS] for i in range(N)]


def bilinear(image: Any) -> Any:
    """By hand: pixel centres at halves, the edge repeated."""
    for axis, size in enumerate(SIZE):
        places = (np.arange(size) + 0.5) * image.shape[axis] / size - 0.5
        low = np.floor(places).astype(int)
        part = (places - low).reshape((-1, 1, 1) if axis == 0 else (1, -1, 1))
        last = image.shape[axis] - 1
        image = (1 - part) * image.take(low.clip(0, last), axis) + part * image.take((low + 1).clip(0, last), axis)
    return image


def photos() -> Row:
    dataset = (
        hr.from_tensor_slices(files())
        .map(partial(hr.image.decode_jpeg, channels=3))
        .map(partial(hr.image.resize, size=SIZE))
        .batch(32)
    )
    first = next(iter(dataset))
    check(first.shape == (32, *SIZE, 3) and first.dtype == np.float32, "a batch of 32 images in float32")
    for i in (0, 31):
        check(bool(np.abs(first[i] - bilinear(hr.image.decode_jpeg(files()[i]).astype(float))).max() < 0.01), "resized pixels")
        check(bool(np.abs(hr.image.decode_jpeg(files()[i]).astype(float) - photo(i)).mean() < 12), "decoded pixels")
    row = Row("400 JPEGs of 500 x 375 to 224 x 224 float32, batch 32", alternate({"headrace": lambda: count(dataset)}))
    row.seconds |= peers.photos(files(), SIZE, 32)
    row.ratio("faster than tf.data", "tf.data", "headrace", 1.2, at_least=True)
    row.ratio("faster than mlx-data", "mlx-data", "headrace", 1.2, at_least=True)
    return row


ROWS = {"photos": photos}
