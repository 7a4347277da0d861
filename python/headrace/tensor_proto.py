"""TensorFlow's TensorProto, one array as bytes, without TensorFlow."""

from __future__ import annotations

from typing import Any

import numpy as np

from headrace import _core


def make_tensor_proto(tensor: Any) -> bytes:
    """The array as a serialised TensorProto: the bytes that TensorFlow's make_tensor_proto(array) gives.

    Equal arrays give equal bytes, whatever their strides. tf.io.parse_tensor and TensorProto.FromString read them.

    Args:
        tensor: whatever is array data: an array of any dtype that TensorFlow has too, a number, str, bytes, a list.

    Errors: TypeError for times, records, a RaggedTensor, a SparseTensor or several arrays; ValueError from 2 GiB on, which no
        message may have.
    Example: make_tensor_proto(np.float32(1.5)) is b"\\x08\\x01\\x12\\x00*\\x04\\x00\\x00\\xc0?".
    Source: tensorflow/core/framework/tensor.proto; tf.make_tensor_proto.
    """
    return _core.make_tensor_proto(tensor)


def make_ndarray(message: bytes | bytearray | memoryview, *, max_bytes: int = 1 << 30) -> Any:
    """The array that a serialised TensorProto holds, a writable copy; strings come as an object array of bytes.

    Read are tensor_content and the typed lists, packed or not. Where a list is shorter than the shape its last value repeats,
    and an empty one means zeros.

    Args:
        message: bytes, such as proto.SerializeToString() or tf.io.serialize_tensor(t).numpy().
        max_bytes: what values may take that the shape claims and the message does not hold.

    Errors: ValueError for a message that is cut short or contradicts itself, before memory is taken, and for a dtype that NumPy
        has not. Cut right behind its shape, a message says that all is zero: no reader can tell.
    Example: make_ndarray(make_tensor_proto([1, 2])) is array([1, 2]).
    Source: as make_tensor_proto; tf.make_ndarray.
    """
    array = _core.make_ndarray(message, max_bytes)
    return np.asarray(array, object if isinstance(array, bytes) else None)
