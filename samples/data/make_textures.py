"""Cuts three photos that scikit-image ships into the small JPEGs of textures/, a folder a photo.

    python samples/data/make_textures.py
"""

import importlib.util
from pathlib import Path

import headrace as hr

PIECE, STEP = 64, 128  # pixels along an edge of a piece, and from one to the next


def main() -> None:
    spec = importlib.util.find_spec("skimage")
    assert spec is not None and spec.origin is not None, "scikit-image is needed"
    for name in ("brick", "grass", "gravel"):
        photo = hr.image.decode_image(hr.io.read_file(Path(spec.origin).parent / "data" / f"{name}.png"), channels=1)
        folder = Path(__file__).parent / "textures" / name
        folder.mkdir(parents=True, exist_ok=True)
        places = [(top, left) for top in range(32, 512 - PIECE, STEP) for left in range(32, 512 - PIECE, STEP)]
        for i, (top, left) in enumerate(places):
            piece = hr.image.crop_to_bounding_box(photo, top, left, PIECE, PIECE)
            (folder / f"{i:02}.jpg").write_bytes(hr.image.encode_jpeg(piece, quality=85))


if __name__ == "__main__":
    main()
