"""The built-in functions of map run without the GIL, and on several elements at once."""

import ctypes
import functools
import gc
import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import headrace as hr
from settling import live_bytes, settled_bytes

DATA = Path(__file__).parents[1] / "data"


class Held:
    """While it lives no other thread gets the GIL: this one gives it up neither by time nor by a call, nor does it collect garbage."""

    def __enter__(self) -> None:
        self.before = sys.getswitchinterval()
        sys.setswitchinterval(1e6)
        gc.disable()

    def __exit__(self, *_: object) -> None:
        gc.enable()
        sys.setswitchinterval(self.before)


def made_while_the_gil_is_held(call: Any, elements: Any, seconds: float) -> tuple[bool, list[Any]]:
    """Whether all batches of a map were made while this thread kept the GIL, by the memory that they take; and the batches."""
    stream = hr.from_tensor_slices(elements).ignore_errors()  # a stream: the whole of it is read ahead by a worker
    ds = stream.map(call).batch(2).prefetch(len(elements)).with_options(threads=2)
    sizes = [sum(map(len, batch)) if batch.dtype == object else batch.nbytes for batch in ds]
    it = iter(ds)
    before = settled_bytes()
    with Held():
        first = next(it).copy()  # gives up the GIL until it has this one; what is read ahead after that must do without
        end = time.monotonic() + seconds
        while not (made := live_bytes() - before >= sum(sizes[1:])) and time.monotonic() < end:
            ctypes.PyDLL(None).usleep(100)  # keeps the GIL
    return made, [first, *it]


PIXELS = np.random.default_rng(1).integers(0, 256, (12, 40, 48, 3)).astype(np.uint8)
BUILT_IN = [
    (hr.image.decode_jpeg, [hr.image.encode_jpeg(image) for image in PIXELS]),
    (hr.image.decode_png, [hr.image.encode_png(image) for image in PIXELS]),
    (hr.image.decode_image, [hr.image.encode_png(image) for image in PIXELS]),
    (hr.image.encode_jpeg, PIXELS),
    (hr.image.encode_png, PIXELS),
    *((functools.partial(hr.image.resize, size=(50, 30), method=method), PIXELS) for method in ("bilinear", "nearest", "bicubic", "area")),
    (functools.partial(hr.image.crop_to_bounding_box, offset_height=1, offset_width=1, target_height=30, target_width=40), PIXELS),
    (functools.partial(hr.image.central_crop, central_fraction=0.5), PIXELS),
    (functools.partial(hr.image.pad_to_bounding_box, offset_height=1, offset_width=1, target_height=60, target_width=60), PIXELS),
    (hr.image.flip_left_right, PIXELS),
    (hr.image.flip_up_down, PIXELS),
    (hr.io.read_file, [str(DATA / "resize.npz")] * 12),
]


def test_every_operation_is_among_those_that_are_tried() -> None:
    tried = {getattr(call, "func", call) for call, _ in BUILT_IN}
    assert tried == {getattr(module, name) for module in (hr.image, hr.io) for name in module.__all__}


@pytest.mark.parametrize("call, elements", BUILT_IN, ids=lambda value: getattr(getattr(value, "func", value), "__name__", ""))
def test_in_map_they_work_while_another_thread_keeps_the_gil(call: Any, elements: Any) -> None:
    made, batches = made_while_the_gil_is_held(call, elements, 30)
    assert made
    assert all(np.array_equal(a, call(b)) for a, b in zip([row for batch in batches for row in batch], elements, strict=True))


def test_a_python_function_waits_for_the_gil() -> None:
    made, batches = made_while_the_gil_is_held(lambda image: image[::-1], PIXELS, 0.3)  # or the test above would prove nothing
    assert not made and np.array_equal(np.concatenate(batches), PIXELS[:, ::-1])


def test_two_elements_of_a_map_are_worked_on_at_once(tmp_path: Path) -> None:
    """Each read_file waits at its pipe: of the last two, the second can be fed first only where both are being read."""
    pipes = [tmp_path / str(i) for i in range(6)]
    for pipe in pipes:
        os.mkfifo(pipe)
    results: list[bytes] = []
    ds = hr.from_tensor_slices([str(pipe) for pipe in pipes]).map(hr.io.read_file).with_options(threads=2)
    thread = threading.Thread(target=lambda: results.extend(ds), daemon=True)
    thread.start()
    for pipe in [*pipes[:4], *reversed(pipes[4:])]:  # the first ones are slow, so that it pays to call a second thread
        end = time.monotonic() + 30
        while True:
            try:
                descriptor = os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)  # an OSError until somebody reads it
                break
            except OSError:
                assert time.monotonic() < end, f"nobody reads pipe {pipe.name}"
                time.sleep(0.002)
        time.sleep(0.002)
        os.write(descriptor, pipe.name.encode())
        os.close(descriptor)
    thread.join(30)
    assert results == [b"%d" % i for i in range(6)]
