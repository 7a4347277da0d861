"""JPEG and PNG: every form against Pillow; limits, damage, EXIF, encoding."""

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr

Image = pytest.importorskip("PIL.Image")
ImageOps = pytest.importorskip("PIL.ImageOps")


def picture(height: int = 37, width: int = 53, channels: int = 3, dtype: Any = np.uint8) -> Any:
    """Smooth, with a grain: what a photo is to a codec."""
    y, x, c = np.meshgrid(np.arange(height), np.arange(width), np.arange(channels), indexing="ij")
    grain = np.random.default_rng(height).normal(0, 0.02, (height, width, channels))
    values = 0.5 + 0.4 * np.sin(x / 9 + c) * np.cos(y / 7 - c) + grain
    return (values.clip(0, 1) * np.iinfo(dtype).max).astype(dtype)


def saved(image: Any, form: str, **options: Any) -> bytes:
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def opened(data: bytes, mode: str | None = None) -> Any:
    image = Image.open(io.BytesIO(data))
    array = np.asarray(image.convert(mode) if mode else image)
    return array if array.ndim == 3 else array[..., None]


FORMS = [{"quality": 90}, {"quality": 40, "progressive": True}, {"subsampling": 0}, {"subsampling": 1}, {"optimize": True, "quality": 75}]


@pytest.mark.parametrize("size", [(37, 53), (8, 16), (1, 1), (100, 3)])
@pytest.mark.parametrize("options", FORMS, ids=str)
def test_a_jpeg_is_decoded_as_pillow_decodes_it(options: dict[str, Any], size: tuple[int, int]) -> None:
    data = saved(Image.fromarray(picture(*size)), "JPEG", **options)
    for read in (hr.image.decode_jpeg, hr.image.decode_image):
        assert np.abs(read(data).astype(int) - opened(data)).max() <= 1
    grey = saved(Image.fromarray(picture(*size)).convert("L"), "JPEG", **options)
    assert hr.image.decode_jpeg(grey).shape == (*size, 1)
    assert np.array_equal(hr.image.decode_jpeg(grey, channels=3), np.repeat(hr.image.decode_jpeg(grey), 3, axis=2))
    with_alpha = hr.image.decode_jpeg(data, channels=4)
    assert np.array_equal(with_alpha[..., :3], hr.image.decode_jpeg(data)) and (with_alpha[..., 3] == 255).all()


def test_a_jpeg_in_grey_is_its_luminance() -> None:
    data = saved(Image.fromarray(picture()), "JPEG", quality=95)
    image = Image.open(io.BytesIO(data))
    image.draft("L", image.size)
    assert np.abs(hr.image.decode_jpeg(data, channels=1)[..., 0].astype(int) - np.asarray(image)).max() <= 1


def test_inks_become_rgb() -> None:
    inks = Image.fromarray(picture(channels=4), "CMYK")
    data = saved(inks, "JPEG", quality=95)
    decoded = hr.image.decode_jpeg(data)
    assert decoded.shape == (37, 53, 3) and np.abs(decoded.astype(int) - opened(data, "RGB")).max() <= 2
    assert np.abs(hr.image.decode_jpeg(data, channels=1).astype(int) - opened(data, "L")).max() <= 2
    assert hr.image.decode_jpeg(data, channels=4).shape == (37, 53, 4)


def ycck(image: Any) -> bytes:
    """(h, w, 4) as a JPEG whose first three components are to be turned into inks: Adobe's transform 2."""
    data = bytearray(saved(Image.fromarray(image, "CMYK"), "JPEG", quality=95))
    place = data.index(b"Adobe") + 11
    assert data[place] == 0
    data[place] = 2
    return bytes(data)


def test_inks_by_their_luminance_become_rgb() -> None:
    data = ycck(picture(channels=4))
    assert not np.array_equal(opened(data, "CMYK"), opened(saved(Image.fromarray(picture(channels=4), "CMYK"), "JPEG", quality=95), "CMYK"))
    assert np.abs(hr.image.decode_jpeg(data).astype(int) - opened(data, "RGB")).max() <= 2
    assert np.abs(hr.image.decode_jpeg(data, channels=1).astype(int) - opened(data, "L")).max() <= 2


def test_a_fraction_of_a_jpeg_is_as_large_as_it_says() -> None:
    data = saved(Image.fromarray(picture(100, 81)), "JPEG", quality=95)
    for ratio in (1, 2, 4, 8):
        small = hr.image.decode_jpeg(data, ratio=ratio)
        assert small.shape == (-(-100 // ratio), -(-81 // ratio), 3)
        image = Image.open(io.BytesIO(data))
        image.draft("RGB", (image.size[0] // ratio, image.size[1] // ratio))
        if image.size == (small.shape[1], small.shape[0]):
            assert np.abs(small.astype(int) - np.asarray(image)).max() <= 2


@pytest.mark.parametrize("channels", [1, 2, 3, 4])
def test_a_png_is_exact_both_ways(channels: int) -> None:
    image = picture(channels=channels)
    plain = Image.fromarray(image[..., 0] if channels == 1 else image)
    assert np.array_equal(hr.image.decode_png(saved(plain, "PNG")), image)
    for compression in (-1, 0, 9):
        assert np.array_equal(opened(hr.image.encode_png(image, compression)), image)
    for wanted, mode in ((1, "L"), (3, "RGB"), (4, "RGBA")):
        assert np.array_equal(hr.image.decode_png(saved(plain, "PNG"), channels=wanted), opened(saved(plain, "PNG"), mode))


def test_palettes_few_bits_and_transparent_colours_become_colours() -> None:
    palette = Image.fromarray(picture()).quantize(16)
    data = saved(palette, "PNG")
    assert np.array_equal(hr.image.decode_png(data), opened(data, "RGB"))
    clear = saved(palette, "PNG", transparency=3)
    assert np.array_equal(hr.image.decode_png(clear), opened(clear, "RGBA"))
    assert np.array_equal(hr.image.decode_png(clear, channels=3), opened(clear, "RGB"))
    bits = saved(Image.fromarray(picture()[..., 0]).convert("1"), "PNG")
    assert np.array_equal(hr.image.decode_png(bits), opened(bits, "L"))
    grey = saved(Image.fromarray(picture()[..., 0]), "PNG", transparency=7)
    assert hr.image.decode_png(grey).shape == (37, 53, 2)


def test_sixteen_bits_stay_by_choice() -> None:
    image = picture(channels=1, dtype=np.uint16)
    data = saved(Image.fromarray(image[..., 0]), "PNG")
    assert np.array_equal(hr.image.decode_png(data, dtype=np.uint16), image)
    assert np.array_equal(hr.image.decode_png(data), image >> 8)
    assert np.array_equal(hr.image.decode_image(data), image >> 8)
    few = picture()
    assert np.array_equal(hr.image.decode_png(hr.image.encode_png(few), dtype=np.uint16), few.astype(np.uint16) * 257)
    assert np.array_equal(hr.image.decode_png(hr.image.encode_png(picture(dtype=np.uint16)), dtype="uint16"), picture(dtype=np.uint16))


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def interlaced(image: Any) -> bytes:
    """Adam7, unfiltered."""
    rows = b""
    for y, x, down, right in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        part = image[y::down, x::right]
        if part.size:
            rows += b"".join(b"\0" + row.tobytes() for row in part)
    head = struct.pack(">IIBBBBB", image.shape[1], image.shape[0], 8, 2, 0, 0, 1)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(37, 53), (1, 1), (2, 9)])
def test_an_interlaced_png_is_put_together(size: tuple[int, int]) -> None:
    image = picture(*size)
    assert np.array_equal(opened(interlaced(image)), image)
    assert np.array_equal(hr.image.decode_png(interlaced(image)), image)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["PNG", "JPEG"])
def test_exif_turns_by_choice(form: str, orientation: int) -> None:
    image = Image.fromarray(picture(16, 24))
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(image, form, exif=exif, **({"subsampling": 0} if form == "JPEG" else {}))
    upright = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(data))))
    assert np.abs(hr.image.decode_image(data, exif_orientation=True).astype(int) - upright).max() <= 1
    assert hr.image.decode_image(data).shape == (16, 24, 3)


def test_a_jpeg_is_encoded_as_pillow_would() -> None:
    image = picture()
    for options, pillow in (({}, {"quality": 95}), ({"quality": 50, "chroma_downsampling": False}, {"quality": 50, "subsampling": 0})):
        ours = opened(hr.image.encode_jpeg(image, **options)).astype(int)
        theirs = opened(saved(Image.fromarray(image), "JPEG", **({"subsampling": 2} | pillow))).astype(int)
        assert np.abs(ours - theirs).max() <= 2
    assert Image.open(io.BytesIO(hr.image.encode_jpeg(image, progressive=True))).info.get("progressive")
    assert len(hr.image.encode_jpeg(image, optimize_size=True)) <= len(hr.image.encode_jpeg(image))
    assert opened(hr.image.encode_jpeg(image[..., :1])).shape == (37, 53, 1)


def test_arrays_batches_and_buffers_are_contents() -> None:
    image = picture()
    data = hr.image.encode_png(image)
    for contents in (np.frombuffer(data, np.uint8), bytearray(data), memoryview(data)):
        assert np.array_equal(hr.image.decode_png(contents), image)
    files = hr.image.encode_png(np.stack([image, image[::-1]]))
    assert files.shape == (2,) and np.array_equal(hr.image.decode_png(files), [image, image[::-1]])
    assert np.array_equal(hr.image.decode_image([data, data, data]), [image] * 3)
    with pytest.raises(ValueError, match=r"\[decode_png\] images that are decoded at once must be of one shape"):
        hr.image.decode_png([data, hr.image.encode_png(image[1:])])


def test_a_bomb_is_refused_before_memory_is_taken() -> None:
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 6, 0, 0, 0)
    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 10_000)) + chunk(b"IEND", b"")
    before = hr._core.memory()["allocated"]
    with pytest.raises(ValueError, match=r"\[decode_png\] the image has 60000 x 60000 pixels, more than max_pixels, 134217728"):
        hr.image.decode_png(bomb)
    assert hr._core.memory()["allocated"] <= before + 2
    for data in (hr.image.encode_png(picture()), hr.image.encode_jpeg(picture())):
        with pytest.raises(ValueError, match="has 37 x 53 pixels, more than max_pixels, 1960"):
            hr.image.decode_image(data, max_pixels=37 * 53 - 1)
        assert hr.image.decode_image(data, max_pixels=37 * 53).shape == (37, 53, 3)


def test_a_text_bomb_is_passed_over() -> None:
    data = hr.image.encode_png(picture())
    text = b"Comment\0\0" + zlib.compress(b"0" * 50_000_000)
    assert np.array_equal(hr.image.decode_png(data[:33] + chunk(b"zTXt", text) + data[33:]), picture())


def test_a_jpeg_of_endless_scans_is_refused() -> None:
    data = hr.image.encode_jpeg(picture(16, 16), progressive=True)
    first = data.index(b"\xff\xda")
    end = min(data.index(marker, first + 2) for marker in (b"\xff\xda", b"\xff\xc4"))
    again = data[:first] + data[first:end] * 600 + data[-2:]
    with pytest.raises(ValueError, match="more than 500 scans"):
        hr.image.decode_jpeg(again)


@pytest.mark.asan
@pytest.mark.parametrize("form", ["jpeg", "progressive", "cmyk", "png", "interlaced", "palette"])
def test_cut_anywhere_is_an_error_and_flipped_an_error_or_an_image(form: str) -> None:
    small = Image.fromarray(picture(9, 12))
    data = {
        "jpeg": lambda: saved(small, "JPEG"),
        "progressive": lambda: saved(small, "JPEG", progressive=True),
        "cmyk": lambda: saved(small.convert("CMYK"), "JPEG"),
        "png": lambda: saved(small, "PNG"),
        "interlaced": lambda: interlaced(picture(9, 12)),
        "palette": lambda: saved(small.quantize(8), "PNG", transparency=1),
    }[form]()
    for size in range(len(data)):
        with pytest.raises(ValueError):
            hr.image.decode_image(data[:size])
    for place in range(len(data)):
        for flip in (1, 0x10, 0xFF):
            damaged = bytearray(data)
            damaged[place] ^= flip
            try:
                assert hr.image.decode_image(bytes(damaged), exif_orientation=True, max_pixels=1 << 20).ndim == 3
            except ValueError:
                pass


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.integers(1, 4), st.sampled_from([np.uint8, np.uint16]))
def test_any_shape_comes_back_from_a_png(height: int, width: int, channels: int, dtype: Any) -> None:
    image = np.random.default_rng(height * width).integers(0, np.iinfo(dtype).max, (height, width, channels), dtype, endpoint=True)
    assert np.array_equal(hr.image.decode_png(hr.image.encode_png(image), dtype=dtype), image)


WRONG = [
    (lambda: hr.image.decode_jpeg("text"), TypeError, r"\[decode_jpeg\] contents must be bytes or a vector of uint8, got str"),
    (lambda: hr.image.decode_jpeg(b""), ValueError, r"\[decode_jpeg\] the image cannot be decoded as a JPEG"),
    (lambda: hr.image.decode_png(b"GIF89a"), ValueError, r"\[decode_png\] the image cannot be decoded as a PNG"),
    (lambda: hr.image.decode_image(b"GIF89a"), ValueError, "neither a JPEG nor a PNG"),
    (lambda: hr.image.decode_png(b"", channels=2), ValueError, "channels must be 0, 1, 3 or 4, got 2"),
    (lambda: hr.image.decode_png(b"", dtype=np.int32), ValueError, "dtype must be uint8 or uint16, got int32"),
    (lambda: hr.image.decode_jpeg(b"", ratio=3), ValueError, "ratio must be 1, 2, 4 or 8, got 3"),
    (lambda: hr.image.decode_jpeg(b"", chanels=3), TypeError, "unknown option 'chanels'; did you mean 'channels'"),
    (lambda: hr.image.decode_jpeg(), TypeError, "missing option 'contents'"),
    (lambda: hr.image.encode_jpeg(picture(), quality=101), ValueError, "quality must be 0 to 100, got 101"),
    (lambda: hr.image.encode_jpeg(picture(channels=4)), ValueError, "channels must be 1 or 3, got 4"),
    (lambda: hr.image.encode_jpeg(picture(dtype=np.uint16)), TypeError, "pixels must be uint8, got uint16"),
    (lambda: hr.image.encode_png(np.zeros((2, 2, 5), np.uint8)), ValueError, "channels must be 1 to 4, got 5"),
    (lambda: hr.image.encode_png(np.zeros((2, 2), np.uint8)), TypeError, r"images must be \(height, width, channels\)"),
    (lambda: hr.image.encode_png(np.zeros((0, 2, 1), np.uint8)), ValueError, "height and width must be >= 1"),
    (lambda: hr.io.read_file("/nowhere/at/all"), OSError, r"\[read_file\] cannot open '/nowhere/at/all'"),
    (lambda: hr.io.read_file(3), TypeError, r"\[read_file\] path must be a str, got int64"),
]


@pytest.mark.parametrize("call, kind, words", WRONG)
def test_what_is_wrong_is_said(call: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call()
