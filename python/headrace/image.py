"""Images: decoded, encoded, resized, cropped, flipped, padded.

Each function takes one image (height, width, channels) or a batch, works without the GIL and returns a NumPy array. In map
it is built in: `ds.map(hr.image.decode_jpeg)`, and with options `ds.map(functools.partial(hr.image.resize, size=(224, 224)))`,
run no Python and use all threads; of an element that is a tuple they change the first component and leave the others alone.
"""

from headrace import _core

globals().update(_core.operations["image"])
__all__ = list(_core.operations["image"])
