# Written by python/stubs.py from the list of operations; edit that, or the docs in io/.
from os import PathLike
from typing import Any, SupportsIndex

__all__ = ["central_crop", "crop_to_bounding_box", "decode_image", "decode_jpeg", "decode_png", "encode_jpeg", "encode_png", "flip_left_right", "flip_up_down", "pad_to_bounding_box", "resize"]

def central_crop(image: Any, central_fraction: float) -> Any:
    """Cuts the middle out of images.

    Shape: (h, w, c) -> (h', w', c), as many rows and columns less on either side as fit into (1 - fraction) / 2.
    Args:
        image: (height, width, channels) of any dtype, or a batch of such.
        central_fraction: of height and width, in (0, 1].
    Memory: as crop_to_bounding_box.
    Errors: TypeError for other ranks.
    Example: hr.image.central_crop(image, 0.5).
    Source: tf.image.central_crop.
    """

def crop_to_bounding_box(image: Any, offset_height: SupportsIndex, offset_width: SupportsIndex, target_height: SupportsIndex, target_width: SupportsIndex) -> Any:
    """Cuts a box out of images.

    Shape: (h, w, c) -> (target_height, target_width, c); a batch likewise.
    Args:
        image: (height, width, channels) of any dtype, or a batch of such.
        offset_height: the box's first row, >= 0.
        offset_width: its first column, >= 0.
        target_height: its height, >= 1.
        target_width: its width, >= 1.
    Memory: in C++ and in map a view of the image; an array of its own for a call from Python.
    Errors: TypeError for other ranks; ValueError for a box that is not inside the image.
    Example: hr.image.crop_to_bounding_box(image, 0, 0, 64, 64).
    Source: tf.image.crop_to_bounding_box.
    """

def decode_image(contents: Any, channels: SupportsIndex = 0, exif_orientation: bool = False, max_pixels: SupportsIndex = 134217728) -> Any:
    """Decodes a JPEG or a PNG, whichever it is by its first bytes.

    Shape: bytes () -> uint8 (height, width, channels).
    Args:
        contents: bytes, or a vector of uint8; an array of bytes (n,) for n images of one size.
        channels: 0 as stored, 1 grey, 3 RGB, 4 RGBA.
        exif_orientation: turn the image upright, as EXIF says.
        max_pixels: the most pixels that are decoded.
    Memory: as decode_jpeg and decode_png.
    Errors: ValueError as they give it, and for other formats.
    Example: ds.map(hr.image.decode_image).
    Source: tf.io.decode_image, for these two formats.
    """

def decode_jpeg(contents: Any, channels: SupportsIndex = 0, ratio: SupportsIndex = 1, exif_orientation: bool = False, max_pixels: SupportsIndex = 134217728) -> Any:
    """Decodes a JPEG.

    Shape: bytes () -> uint8 (height, width, channels).
    Args:
        contents: bytes, or a vector of uint8; an array of bytes (n,) for n images of one size.
        channels: 0 as stored, 1 grey, 3 RGB, 4 RGB with an opaque alpha.
        ratio: 1, 2, 4 or 8: a smaller image of fewer frequencies, much faster; other pixels than resize gives.
        exif_orientation: turn the image upright, as EXIF says.
        max_pixels: the most pixels that are decoded.
    Memory: the image, and while it is read a progressive file's coefficients, 2 bytes a sample. Nothing is taken of more
        than max_pixels.
    Errors: ValueError for what is no JPEG, is damaged or cut short, has more than max_pixels, 12 bits a sample, or more than
        500 scans; of what read_file has read in a pipeline it names the file.
    Example: ds.map(functools.partial(hr.image.decode_jpeg, channels=3)).
    Source: tf.io.decode_jpeg; libjpeg-turbo, accurate DCT, fancy upsampling. CMYK as RGB, by its product with black.
    """

def decode_png(contents: Any, channels: SupportsIndex = 0, dtype: Any = 'uint8', exif_orientation: bool = False, max_pixels: SupportsIndex = 134217728) -> Any:
    """Decodes a PNG.

    Shape: bytes () -> dtype (height, width, channels).
    Args:
        contents: bytes, or a vector of uint8; an array of bytes (n,) for n images of one size.
        channels: 0 as stored (a palette as RGB or RGBA), 1 grey, 3 RGB, 4 RGBA.
        dtype: uint8 or uint16, whatever is stored.
        exif_orientation: turn the image upright, as EXIF says.
        max_pixels: the most pixels that are decoded.
    Memory: the image. Nothing is taken of more than max_pixels; texts and profiles in the file are passed over.
    Errors: ValueError for what is no PNG, is damaged or cut short, or has more than max_pixels; of what read_file has read
        in a pipeline it names the file.
    Example: hr.image.decode_png(hr.io.read_file("depth.png"), dtype=np.uint16).
    Source: tf.io.decode_png. 16 bits become 8 by their upper half, 8 become 16 by 257; a gamma is left alone.
    """

def encode_jpeg(image: Any, quality: SupportsIndex = 95, progressive: bool = False, optimize_size: bool = False, chroma_downsampling: bool = True) -> Any:
    """Encodes an image as a JPEG.

    Shape: uint8 (height, width, 1 or 3) -> bytes (); a batch (n, ...) -> bytes (n,).
    Args:
        image: uint8 (height, width, 1 or 3), or a batch of such.
        quality: 0 to 100.
        progressive: coarse first, then finer.
        optimize_size: smaller, and slower to write.
        chroma_downsampling: colours at half the size.
    Errors: TypeError for other dtypes and ranks; ValueError for other channels, and sizes of 0 or above 65,500.
    Example: hr.image.encode_jpeg(image, quality=90).
    Source: tf.io.encode_jpeg.
    """

def encode_png(image: Any, compression: SupportsIndex = -1) -> Any:
    """Encodes an image as a PNG: grey, grey and alpha, RGB or RGBA.

    Shape: uint8 or uint16 (height, width, 1 to 4) -> bytes (); a batch (n, ...) -> bytes (n,).
    Args:
        image: uint8 or uint16 (height, width, 1 to 4), or a batch of such.
        compression: 0 (none) to 9 (small); -1: zlib's default, 6.
    Errors: TypeError for other dtypes and ranks; ValueError for other channels, and sizes of 0.
    Example: open("a.png", "wb").write(hr.image.encode_png(image)).
    Source: tf.io.encode_png.
    """

def flip_left_right(image: Any) -> Any:
    """Mirrors images: left becomes right.

    Shape: as it is.
    Args:
        image: (height, width, channels) of any dtype, or a batch of such.
    Memory: in C++ and in map a view of the image; an array of its own for a call from Python.
    Errors: TypeError for other ranks.
    Example: ds.map(hr.image.flip_left_right).
    Source: tf.image.flip_left_right.
    """

def flip_up_down(image: Any) -> Any:
    """Mirrors images: the top becomes the bottom.

    Shape: as it is.
    Args:
        image: (height, width, channels) of any dtype, or a batch of such.
    Memory: as flip_left_right.
    Errors: TypeError for other ranks.
    Example: ds.map(hr.image.flip_up_down).
    Source: tf.image.flip_up_down.
    """

def pad_to_bounding_box(image: Any, offset_height: SupportsIndex, offset_width: SupportsIndex, target_height: SupportsIndex, target_width: SupportsIndex) -> Any:
    """Puts images into larger ones of zeros.

    Shape: (h, w, c) -> (target_height, target_width, c); a batch likewise.
    Args:
        image: (height, width, channels) of any dtype, or a batch of such.
        offset_height: rows of zeros on top, >= 0.
        offset_width: columns of zeros on the left, >= 0.
        target_height: height of the result, >= 1.
        target_width: width of the result, >= 1.
    Errors: TypeError for other ranks; ValueError for an image that does not fit at that place.
    Example: hr.image.pad_to_bounding_box(image, 8, 8, 80, 80).
    Source: tf.image.pad_to_bounding_box.
    """

def resize(images: Any, size: Any, method: str | PathLike[str] = 'bilinear', preserve_aspect_ratio: bool = False, antialias: bool = False, dtype: Any | None = None) -> Any:
    """Resizes images.

    Shape: (h, w, c) -> (size[0], size[1], c), float32 unless dtype says otherwise, of nearest the images' own dtype; a batch
        likewise.
    Args:
        images: uint8, uint16 or float32 (height, width, channels), or a batch of such.
        size: (height, width), both >= 1.
        method: 'bilinear', 'nearest', 'bicubic' or 'area'.
        preserve_aspect_ratio: the largest size of that shape inside size.
        antialias: bilinear and bicubic look at all pixels of a larger image.
        dtype: float32, or uint8 or uint16: rounded, within range; None: float32, of nearest the images' own.
    Memory: the result, and a row of the images a thread; large images are shared among the threads.
        NaN and infinities make pixels NaN or infinite that are made of their neighbours, too; as an integer NaN is 0.
    Errors: TypeError for other dtypes and ranks; ValueError for images without pixels.
    Example: ds.map(functools.partial(hr.image.resize, size=(224, 224))).
    Source: tf.image.resize, whose pixel centres lie at halves, within 1e-3 of 255; bicubic is Keys' with a = -0.5. Where
        images have the size already, they still become float32.
    """
