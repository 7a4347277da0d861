"""Images: resized as TensorFlow does, cropped, flipped, padded; as built-in functions of map; folders of them."""

import functools
import os
import pickle
import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import headrace as hr

DATA = Path(__file__).parents[1] / "data"
EXPECTED = np.load(DATA / "resize.npz")
CASES = list(runpy.run_path(str(DATA / "make_resize.py"))["resize_cases"]())


@pytest.mark.parametrize("name, image, size, method, antialias", CASES, ids=[case[0] for case in CASES])
def test_resize_is_tensorflows(name: str, image: Any, size: tuple[int, int], method: str, antialias: bool) -> None:
    expected = EXPECTED[name]
    result = hr.image.resize(image, size, method, antialias=antialias)
    assert result.dtype == expected.dtype and result.shape == expected.shape
    assert np.abs(result.astype(float) - expected.astype(float)).max() <= 255e-3
    for dtype in (np.uint16, np.float32):
        other = hr.image.resize(image.astype(dtype), size, method, antialias=antialias)
        assert np.abs(other.astype(float) - expected.astype(float)).max() <= 255e-3
        assert other.dtype == (dtype if method == "nearest" else np.float32)
    rounded = hr.image.resize(image, size, method, antialias=antialias, dtype=np.uint8)
    assert rounded.dtype == np.uint8 and np.abs(rounded - expected.astype(float).clip(0, 255)).max() <= 0.76


shapes = st.tuples(st.integers(1, 24), st.integers(1, 24), st.integers(1, 5))
dtypes = st.sampled_from([np.uint8, np.uint16, np.float32])
methods = st.sampled_from(["bilinear", "nearest", "bicubic", "area"])


def numbers(shape: tuple[int, ...], dtype: Any) -> Any:
    return np.random.default_rng(sum(shape)).integers(0, 256, shape).astype(dtype)


@settings(max_examples=80, deadline=None)
@given(shapes, st.integers(1, 30), st.integers(1, 30), dtypes, methods, st.booleans())
def test_resizing_keeps_flat_images_and_treats_a_batch_as_its_images(shape: Any, height: int, width: int, dtype: Any, method: str, antialias: bool) -> None:
    resize = functools.partial(hr.image.resize, size=(height, width), method=method, antialias=antialias)
    assert np.abs(resize(np.full(shape, 77, dtype)) - np.float32(77)).max() < 1e-3
    batch = numbers((3, *shape), dtype)
    together = resize(batch)
    assert together.shape == (3, height, width, shape[2])
    assert all(np.array_equal(one, resize(image)) for one, image in zip(together, batch))
    strided = np.asfortranarray(batch[::-1, ::-1])
    assert np.array_equal(resize(strided), resize(np.ascontiguousarray(strided)))


@settings(max_examples=80, deadline=None)
@given(shapes, st.booleans(), st.sampled_from([np.uint8, np.uint16, np.float32, np.float64, np.int64, bool]), st.data())
def test_boxes_and_flips_are_numpys_slices(shape: Any, batched: bool, dtype: Any, data: st.DataObject) -> None:
    image = numbers((2, *shape) if batched else shape, dtype)
    height, width, _ = shape
    assert np.array_equal(hr.image.flip_left_right(image), image[..., ::-1, :])
    assert np.array_equal(hr.image.flip_up_down(image), image[..., ::-1, :, :])
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    h, w = data.draw(st.integers(1, height - top)), data.draw(st.integers(1, width - left))
    box = hr.image.crop_to_bounding_box(image, top, left, h, w)
    assert np.array_equal(box, image[..., top : top + h, left : left + w, :]) and box.flags.writeable
    padded = hr.image.pad_to_bounding_box(box, top, left, height, width)
    expected = np.zeros_like(image)
    expected[..., top : top + h, left : left + w, :] = box
    assert np.array_equal(padded, expected) and padded.dtype == image.dtype
    fraction = data.draw(st.floats(0.05, 1))
    y, x = int((height - height * fraction) / 2), int((width - width * fraction) / 2)  # tf.image.central_crop's
    assert np.array_equal(hr.image.central_crop(image, fraction), image[..., y : height - y, x : width - x, :])


def test_the_aspect_ratio_stays_by_choice() -> None:
    assert hr.image.resize(np.zeros((30, 60, 3), np.uint8), (20, 20), preserve_aspect_ratio=True).shape == (10, 20, 3)
    assert hr.image.resize(np.zeros((60, 30, 3), np.uint8), (20, 20), preserve_aspect_ratio=True).shape == (20, 10, 3)


@pytest.mark.parametrize("method", ["bilinear", "bicubic", "area"])
@pytest.mark.parametrize("antialias", [False, True])
def test_nan_and_infinity_stay_near_and_are_rounded(method: str, antialias: bool) -> None:
    clean = numbers((40, 60, 3), np.float32)
    bad = clean.copy()
    bad[20, 30, 1], bad[4, 50, 0], bad[35, 8, 2] = np.nan, np.inf, -np.inf
    resize = functools.partial(hr.image.resize, size=(20, 30), method=method, antialias=antialias)
    result, expected = resize(bad), resize(clean)
    far = np.ones((20, 30), bool)  # more than a kernel away
    for y, x in ((10, 15), (2, 25), (17, 4)):
        far[max(y - 3, 0) : y + 4, max(x - 3, 0) : x + 4] = False
    assert np.array_equal(result[far], expected[far])
    assert np.isnan(result[10, 15, 1]) and not np.isfinite(result[2, 25, 0]) and not np.isfinite(result[17, 4, 2])
    for dtype in (np.uint8, np.uint16):
        rounded = resize(bad, dtype=dtype)
        finite = np.isfinite(result)
        assert np.array_equal(rounded[finite], (result[finite].clip(0, np.iinfo(dtype).max) + np.float32(0.5)).astype(dtype))
        assert (rounded[np.isnan(result)] == 0).all() and (rounded[result == -np.inf] == 0).all()
        assert (rounded[result == np.inf] == np.iinfo(dtype).max).all()
    same = functools.partial(hr.image.resize, size=(40, 60), method=method, antialias=antialias)
    assert np.array_equal(same(bad), bad, equal_nan=True)
    assert np.array_equal(hr.image.resize(bad, (40, 60), "nearest"), bad, equal_nan=True)


WRONG = [
    (lambda image: hr.image.resize(image, (0, 3)), ValueError, r"\[resize\] size must be \(height, width\), both >= 1"),
    (lambda image: hr.image.resize(image, 3), ValueError, r"\[resize\] size must be \(height, width\), both >= 1"),
    (lambda image: hr.image.resize(image, (3, 3), "cubic"), ValueError, "method must be 'bilinear', 'nearest', 'bicubic' or 'area', got 'cubic'"),
    (lambda image: hr.image.resize(image.astype(int), (3, 3)), TypeError, "pixels must be uint8, uint16 or float32, got int64"),
    (lambda image: hr.image.resize(image[:0], (3, 3)), ValueError, "images must have pixels"),
    (lambda image: hr.image.resize(image, (3, 3), dtype=np.int8), ValueError, "dtype must be uint8, uint16 or float32, got int8"),
    (lambda image: hr.image.resize((image, image), (3, 3)), TypeError, r"\[resize\] images must be .*, got"),
    (lambda image: hr.image.flip_left_right(image[..., 0]), TypeError, r"images must be \(height, width, channels\), or a batch"),
    (lambda image: hr.image.crop_to_bounding_box(image, 0, 0, 5, 1), ValueError, "the box must be inside the image of 4 x 6, got 5 x 1 at"),
    (lambda image: hr.image.crop_to_bounding_box(image, -1, 0, 1, 1), ValueError, "offsets must be >= 0"),
    (lambda image: hr.image.pad_to_bounding_box(image, 1, 0, 4, 6), ValueError, "the image of 4 x 6 must fit into 4 x 6 at"),
    (lambda image: hr.image.central_crop(image, 0.0), ValueError, r"central_fraction must be in \(0, 1\], got 0"),
    (lambda image: hr.range(3).map(functools.partial(hr.image.resize, size=(0, 1))), ValueError, r"\[resize\] size must be"),
    (lambda image: hr.range(3).map(hr.image.resize), TypeError, r"\[resize\] missing option 'size'"),
    (lambda image: next(iter(hr.from_tensors({"a": image}).map(hr.image.flip_up_down))), TypeError, "a tensor or a tuple that begins with one"),
]


@pytest.mark.parametrize("call, kind, words", WRONG)
def test_what_is_wrong_is_said(call: Any, kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        call(numbers((4, 6, 3), np.uint8))


RESIZE = functools.partial(hr.image.resize, size=(8, 9))


def encoded(n: int) -> list[bytes]:
    return [hr.image.encode_png(numbers((5 + i, 7, 3), np.uint8)) for i in range(n)]


@pytest.mark.parametrize("options", [{}, {"num_parallel_calls": 4}, {"deterministic": False}], ids=str)
def test_in_map_they_give_what_a_call_gives(options: dict[str, Any]) -> None:
    files = encoded(20)
    expected = [RESIZE(hr.image.decode_image(file)) for file in files]
    ds = hr.from_tensor_slices((files, np.arange(20))).map(hr.image.decode_image, **options).map(RESIZE, **options)
    for threads in (1, 2, 8):
        for i, (image, label) in enumerate(ds.with_options(threads=threads)):
            assert label == i and np.array_equal(image, expected[i])
    stream = ds.filter(lambda image, label: label % 2 == 0).map(hr.image.flip_left_right).batch(4)
    assert np.array_equal(np.concatenate([image for image, _ in stream]), np.stack(expected)[::2, :, ::-1])


def test_a_plan_says_and_keeps_their_options() -> None:
    ds = hr.from_tensor_slices(encoded(3)).map(hr.image.decode_image).map(RESIZE)
    assert "map(decode_image())" in ds.explain() and "map(resize(" in ds.explain()
    assert ds.element_spec == hr.TensorSpec((8, 9, None), np.float32)
    assert ds.fingerprint() != hr.from_tensor_slices(encoded(3)).map(hr.image.decode_image).map(functools.partial(RESIZE, method="area")).fingerprint()
    again = pickle.loads(pickle.dumps(ds))
    assert again.fingerprint() == ds.fingerprint() and all(np.array_equal(a, b) for a, b in zip(again, ds))
    assert pickle.loads(pickle.dumps(hr.image.resize)) is hr.image.resize


def test_an_error_stands_in_the_place_of_its_image() -> None:
    files = encoded(6)
    files[2] = files[2][:60]
    it = iter(hr.from_tensor_slices(files).map(hr.image.decode_image))
    for i in range(6):
        if i == 2:
            with pytest.raises(ValueError, match=r"\[decode_image\] the image cannot be decoded as a PNG") as caught:
                next(it)
            assert "element 2" in "".join(caught.value.__notes__)
        else:
            assert next(it).shape == (5 + i, 7, 3)


@pytest.mark.parametrize("decode", [hr.image.decode_image, hr.image.decode_png, functools.partial(hr.image.decode_image, channels=3)])
@pytest.mark.parametrize("parallel", [None, 2])
def test_a_damaged_file_is_named_wherever_it_is_decoded(tmp_path: Path, decode: Any, parallel: int | None) -> None:
    for i in range(6):
        file = hr.image.encode_png(numbers((5, 7, 3), np.uint8))
        (tmp_path / f"{i}.png").write_bytes(file[:60] if i == 4 else file)
    files = hr.list_files(str(tmp_path / "*.png"), shuffle=False).map(hr.io.read_file, num_parallel_calls=parallel)
    named = rf"'{tmp_path}/4\.png' cannot be decoded as a PNG"
    images = files.map(decode, num_parallel_calls=parallel)
    for ds in (images, images.shuffle(6, seed=1), images.map(RESIZE).batch(2), files.shuffle(6, seed=1).map(decode), files.prefetch(2).map(decode)):
        with pytest.raises(ValueError, match=named):
            list(ds)
    bytes_alone = [file for file in files]
    with pytest.raises(ValueError, match="the image cannot be decoded as a PNG"):
        decode(bytes_alone[4])


def test_a_damaged_image_costs_its_batch_alone() -> None:
    files = [hr.image.encode_png(numbers((5 + i, 7, 3), np.uint8)) for i in range(12)]
    good = [RESIZE(hr.image.decode_image(file)) for file in files]
    files[6] = files[6][:60]
    ds = hr.from_tensor_slices((files, np.arange(12))).map(functools.partial(hr.image.decode_image, channels=3)).map(RESIZE).batch(4)
    for threads in (1, 2, 8):
        it = iter(ds.with_options(threads=threads))
        for batch in range(3):
            if batch == 1:
                with pytest.raises(ValueError, match="cannot be decoded") as caught:
                    next(it)
                assert any("element 6" in note for note in caught.value.__notes__)
            else:
                images, labels = next(it)
                assert labels.tolist() == [4 * batch + i for i in range(4)] and np.array_equal(images, good[4 * batch : 4 * batch + 4])
        for account in it.stats():
            assert account["in"] == account["used"] + account["filtered"] + account["dropped"] + account["failed"] + account["held"], account


def test_a_mirrored_or_cut_image_of_a_map_can_be_batched_and_kept() -> None:
    images = numbers((10, 6, 8, 3), np.uint8)
    cut = functools.partial(hr.image.crop_to_bounding_box, offset_height=1, offset_width=2, target_height=3, target_width=4)
    ds = hr.from_tensor_slices(images).map(hr.image.flip_left_right).map(cut)
    expected = images[:, :, ::-1][:, 1:4, 2:6]
    assert np.array_equal(list(ds), expected) and np.array_equal(next(iter(ds.batch(10))), expected)
    assert np.array_equal(list(ds.cache().shuffle(seed=1).batch(4).unbatch().batch(10)), list(ds.shuffle(seed=1).batch(10)))


def test_read_file_reads_bytes(tmp_path: Path) -> None:
    for i in range(4):
        (tmp_path / f"{i}.bin").write_bytes(b"\0x" * i)
    assert hr.io.read_file(tmp_path / "3.bin") == b"\0x" * 3 == hr.io.read_file(path=str(tmp_path / "3.bin"))
    assert list(hr.list_files(f"{tmp_path}/*.bin").map(hr.io.read_file)) == [b"\0x" * i for i in range(4)]
    assert hr.io.read_file([f"{tmp_path}/{i}.bin" for i in (2, 1)]).tolist() == [b"\0x\0x", b"\0x"]
    (tmp_path / "1.bin").unlink()
    it = iter(hr.from_tensor_slices([f"{tmp_path}/{i}.bin" for i in range(4)]).map(hr.io.read_file))
    assert next(it) == b""
    with pytest.raises(OSError, match="1.bin"):
        next(it)
    assert next(it) == b"\0x\0x"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, count in (("dog", 3), ("cat", 2), ("emu/far", 1), (".hidden", 1)):
        (tmp_path / name).mkdir(parents=True)
        for i in range(count):
            (tmp_path / name / f"{i}.{'PNG' if i else 'jpg'}").write_bytes(
                (hr.image.encode_png if i else hr.image.encode_jpeg)(np.full((4 + i, 5, 3), 40 * i, np.uint8))
            )
    (tmp_path / "dog" / "notes.txt").touch()
    (tmp_path / "top.png").touch()
    return tmp_path


def test_a_folder_of_images_is_its_classes(folder: Path) -> None:
    ds = hr.from_image_folder(folder)
    assert len(ds) == 6 and [int(label) for _, label in ds] == [0, 0, 1, 1, 1, 2]
    assert [image.shape for image, _ in ds] == [(4, 5, 3), (5, 5, 3), (4, 5, 3), (5, 5, 3), (6, 5, 3), (4, 5, 3)]
    assert np.array_equal(ds[1][0], np.full((5, 5, 3), 40)) and ds[-1][1] == 2
    chosen = hr.from_image_folder(folder, classes=["emu", "cat"])
    assert [int(label) for _, label in chosen] == [0, 1, 1]
    data, label = hr.from_image_folder(folder, decode=False)[3]
    assert data == (folder / "dog" / "1.PNG").read_bytes() and label == 1
    batch, labels = next(iter(hr.from_image_folder(str(folder), size=(3, 2)).batch(6)))
    assert batch.shape == (6, 3, 2, 3) and batch.dtype == np.uint8 and labels.tolist() == [0, 0, 1, 1, 1, 2]
    assert hr.from_image_folder(folder, size=(3, 2), channels=1).element_spec[0].shape == (3, 2, 1)
    assert ds.fingerprint() == hr.from_image_folder(folder).fingerprint() != chosen.fingerprint()
    assert "6 images of 3 classes" in ds.explain()
    assert [int(label) for _, label in pickle.loads(pickle.dumps(chosen))] == [0, 1, 1]


def test_a_folder_names_the_file_that_is_wrong(folder: Path) -> None:
    ds = hr.from_image_folder(folder, size=(3, 2))
    path = folder / "dog" / "1.PNG"
    path.write_bytes(path.read_bytes()[:50])
    os.remove(folder / "cat" / "0.jpg")
    it = iter(ds)
    with pytest.raises(OSError, match=r"\[from_image_folder\] cannot open '.*/cat/0\.jpg'"):
        next(it)
    assert [int(next(it)[1]) for _ in range(2)] == [0, 1]
    with pytest.raises(ValueError, match=r"\[from_image_folder\] '.*/dog/1\.PNG' cannot be decoded as a PNG"):
        next(it)
    assert [int(label) for _, label in it] == [1, 2]
    batches = iter(ds.batch(2))
    with pytest.raises(OSError, match=r"cat/0\.jpg"):
        next(batches)
    with pytest.raises(ValueError, match=r"dog/1\.PNG"):
        next(batches)
    assert next(batches)[1].tolist() == [1, 2]


@pytest.mark.parametrize(
    "arguments, kind, words",
    [
        ({"directory": "/nowhere"}, OSError, r"\[from_image_folder\] '/nowhere' must be a folder"),
        ({"classes": ["dog", "cow"]}, OSError, "there is no class 'cow' in"),
        ({"classes": []}, ValueError, "classes must name at least one sub-folder"),
        ({"size": (0, 4)}, ValueError, r"size must be \(height, width\)"),
        ({"size": (3, 4), "decode": False}, ValueError, "size needs decoded images"),
        ({"size": (3, 4), "method": "lanczos"}, ValueError, "method must be"),
        ({"channels": 2}, ValueError, "channels must be 0, 1, 3 or 4"),
    ],
)
def test_a_folder_that_is_wrong_is_said_at_once(folder: Path, arguments: dict[str, Any], kind: type[Exception], words: str) -> None:
    with pytest.raises(kind, match=words):
        hr.from_image_folder(**({"directory": folder} | arguments))
    (folder / "dog" / "empty").mkdir()
    with pytest.raises(OSError, match="no .jpg, .jpeg or .png is in the classes of"):
        hr.from_image_folder(folder / "dog")
