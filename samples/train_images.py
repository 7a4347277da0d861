"""How do I train on a folder of images?

Cuts photos that scikit-image ships (in the public domain, or CC0) into small JPEGs, a folder a photo; reads that folder back in
shuffled batches, shows one of them in a grid, and trains a small network of torch to tell from which photo a piece is.

    python samples/train_images.py [grid.png [a folder of your own, with a sub-folder a class]]
"""

import importlib.util
import os
import sys
import tempfile
from pathlib import Path

import headrace as hr

NEEDED = {"matplotlib": "matplotlib", "skimage": "scikit-image", "torch": "torch"}
missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
if missing:
    raise SystemExit(f"this sample needs {', '.join(missing)}: .venv/bin/pip install '.[samples]' brings all that it needs")

import matplotlib
import numpy as np
import torch
from numpy.typing import NDArray

matplotlib.use("agg")
from matplotlib import pyplot

PHOTOS = ("astronaut.png", "brick.png", "chelsea.png", "coffee.png", "grass.png", "gravel.png", "hubble_deep_field.jpg", "rocket.jpg")
PIECE = 72  # pixels along an edge of what is cut from a photo
MOST = 48  # pieces of each
SIZE = 48  # pixels along an edge that the network sees
EPOCHS = 8
Images = NDArray[np.uint8]


def pieces(photo: Images) -> Images:
    """(height, width, 3) -> (pieces, PIECE, PIECE, 3), at most MOST of them, from all over the photo."""
    rows, columns = photo.shape[0] // PIECE, photo.shape[1] // PIECE
    top, left = (photo.shape[0] - rows * PIECE) // 2, (photo.shape[1] - columns * PIECE) // 2
    whole = hr.image.crop_to_bounding_box(photo, top, left, rows * PIECE, columns * PIECE)
    cut = whole.reshape(rows, PIECE, columns, PIECE, 3).swapaxes(1, 2).reshape(-1, PIECE, PIECE, 3)
    some: Images = cut[np.linspace(0, len(cut) - 1, min(len(cut), MOST)).astype(int)]
    return some


def write(folder: Path) -> None:
    """A sub-folder for each photo, and its pieces in it."""
    spec = importlib.util.find_spec("skimage")
    assert spec is not None and spec.origin is not None
    for name in PHOTOS:
        photo = hr.image.decode_image(hr.io.read_file(Path(spec.origin).parent / "data" / name), channels=3)
        (folder / Path(name).stem).mkdir()
        for i, data in enumerate(hr.image.encode_jpeg(pieces(photo), quality=92)):
            (folder / Path(name).stem / f"{i:03}.jpg").write_bytes(data)


def show(images: Images, names: list[str], path: Path) -> None:
    """A grid of images, eight in a row."""
    figure, axes = pyplot.subplots(len(images) // 8, 8, figsize=(10, 1.4 * (len(images) // 8)), squeeze=False, layout="constrained")
    for axis, image, name in zip(axes.flat, images, names):
        axis.imshow(image)
        axis.set_title(name.replace("_", " "), fontsize=8)
        axis.set_axis_off()
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def network(classes: int) -> torch.nn.Module:
    def block(inputs: int, outputs: int) -> list[torch.nn.Module]:
        return [torch.nn.Conv2d(inputs, outputs, 3, padding=1), torch.nn.BatchNorm2d(outputs), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]

    return torch.nn.Sequential(*block(3, 16), *block(16, 32), *block(32, 32), torch.nn.Flatten(), torch.nn.Linear(32 * (SIZE // 8) ** 2, classes))


def to_torch(images: Images) -> torch.Tensor:
    """(n, height, width, 3) in bytes -> (n, 3, height, width) from -1 to 1; torch shares the batch's memory until it converts."""
    return torch.from_numpy(images).permute(0, 3, 1, 2) / 127.5 - 1


def train(model: torch.nn.Module, dataset: hr.Dataset) -> list[float]:
    """The loss of each step."""
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3)
    losses = []
    for images, labels in dataset:
        loss = torch.nn.functional.cross_entropy(model(to_torch(images)), torch.from_numpy(labels))
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
        losses.append(loss.item())
    return losses


def main() -> None:
    torch.manual_seed(1)
    grid = Path(sys.argv[1] if len(sys.argv) > 1 else "images.png")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(sys.argv[2] if len(sys.argv) > 2 else scratch)
        if len(sys.argv) <= 2:
            write(folder)
        names = sorted(entry.name for entry in os.scandir(folder) if entry.is_dir())

        images = hr.from_image_folder(folder, size=(SIZE, SIZE), channels=3, antialias=True)
        mixed = images.shuffle(seed=7, reshuffle_each_iteration=False)
        held_out, rest = mixed.take(len(images) // 5), mixed.skip(len(images) // 5)
        dataset = rest.cache().shuffle(seed=3).batch(32, drop_remainder=True).repeat(EPOCHS)
        print(dataset.explain().rstrip())

        first, labels = next(iter(dataset))
        show(first, [names[label] for label in labels], grid)
        print(f"\na batch of {first.shape} in {grid}")

        model = network(len(names))
        losses = train(model, dataset)
        begin, end = np.mean(losses[:5]), np.mean(losses[-5:])
        print(f"{len(losses)} steps: the loss fell from {begin:.2f} to {end:.2f}")
        if not end < begin / 2:
            raise SystemExit("the loss should have fallen to less than half: something is wrong")

        model.eval()
        with torch.no_grad():
            right = np.mean([int(model(to_torch(image[None])).argmax()) == label for image, label in held_out])
        print(f"{100 * right:.0f}% of {len(held_out)} pieces that it has not seen are told right")


if __name__ == "__main__":
    main()
