# Written by python/stubs.py from the list of operations; edit that, or the docs in io/.
from os import PathLike
from typing import Any, SupportsIndex

__all__ = ["read_file"]

def read_file(path: Any) -> Any:
    """Reads a file as bytes.

    Shape: str (...) -> bytes (...).
    Args:
        path: a str, or an array of them.
    Memory: the whole file. In a pipeline its bytes know its name, so that an error of hr.image's functions says it.
    Errors: OSError, naming the file, where it cannot be read; TypeError for what is no str.
    Example: hr.list_files("photos/*.jpg").map(hr.io.read_file).map(hr.image.decode_jpeg).
    Source: tf.io.read_file.
    """
