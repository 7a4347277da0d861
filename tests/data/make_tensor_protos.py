"""Writes tensor_protos.json: TensorProtos as TensorFlow writes them, and the arrays that it reads from them.

    python tests/data/make_tensor_protos.py [path]      with TensorFlow installed

A line is one message: "by" says who wrote it, "message" is its bytes in hexadecimal; "dtype", "shape" and "items" are what
TensorFlow's make_ndarray makes of it, "items" the memory of the array, or for strings each one's bytes. Those by
"make_tensor_proto" are what headrace must write, too; those by "serialize_tensor" hold everything in tensor_content; "fields" are
put together here: shortened lists, lists that are not packed, fields in another order, fields that nobody knows.
tests/python/test_tensor_proto.py compares. The arrays are made by rule: the same TensorFlow writes the same file.
"""

import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import ml_dtypes
import numpy as np
import tensorflow as tf
from google.protobuf.internal import encoder

SHAPES: list[tuple[int, ...]] = [(), (1,), (2,), (0,), (2, 3), (0, 3), (3, 1, 2), (1, 1, 1, 1, 1, 1, 1, 2)]
FLOATS = [0.0, -0.0, 1.5, -2.25, 6.1e-5, 65504.0, float("inf"), float("-inf"), float("nan")]
TEXTS = [b"", b"a", "é中😀".encode(), b"\x00\xff", b"x" * 200]
LISTS = {
    "float32": "float_val", "float64": "double_val", "complex64": "scomplex_val", "complex128": "dcomplex_val",
    "int8": "int_val", "int16": "int_val", "int32": "int_val", "uint8": "int_val", "uint16": "int_val", "int64": "int64_val",
    "uint32": "uint32_val", "uint64": "uint64_val", "bool": "bool_val", "float16": "half_val", "bfloat16": "half_val",
    "object": "string_val",
}  # fmt: skip


def array(dtype: str, shape: tuple[int, ...]) -> Any:
    """Values of every kind that the dtype has, as many as there is room for."""
    size = int(np.prod(shape))
    if dtype == "object":
        values = np.empty(size, object)
        values[:] = [TEXTS[i % len(TEXTS)] for i in range(size)]
        return values.reshape(shape)
    kind = np.dtype(ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype)
    if kind.kind in "iu":
        limits = np.iinfo(kind)
        numbers = [limits.max, limits.min, 0, 1, limits.max // 3, limits.min // 3]
    elif kind.kind == "b":
        numbers = [True, False, True]
    elif kind.kind == "c":
        numbers = [complex(a, b) for a, b in zip(FLOATS, FLOATS[::-1], strict=True)]
    else:
        numbers = FLOATS
    with np.errstate(over="ignore"):
        return np.array([numbers[i % len(numbers)] for i in range(size)], kind).reshape(shape)


def values_of(part: Any) -> list[Any]:
    """The array's items as the list of its dtype has them."""
    flat = part.ravel()
    if flat.dtype.kind == "c":
        return flat.view(flat.real.dtype).tolist()
    return flat.view(np.uint16).tolist() if flat.dtype.itemsize == 2 and flat.dtype.kind in "fV" else flat.tolist()


def written(whole: Any) -> Any:
    """TensorFlow's own message."""
    if whole.dtype == object:
        return tf.make_tensor_proto(whole.tolist(), tf.string, whole.shape)
    return tf.make_tensor_proto(whole)


def with_list(whole: Any, values: list[Any]) -> Any:
    proto = written(whole[:0])
    proto.tensor_shape.CopyFrom(tf.TensorShape(whole.shape).as_proto())
    getattr(proto, LISTS[whole.dtype.name]).extend(values)
    return proto


def not_packed(whole: Any, values: list[Any]) -> bytes:
    """The same, a tag before each value."""
    field = with_list(whole, []).DESCRIPTOR.fields_by_name[LISTS[whole.dtype.name]]
    write: list[bytes] = [with_list(whole, []).SerializeToString()]
    encode = {field.TYPE_FLOAT: encoder.FloatEncoder, field.TYPE_DOUBLE: encoder.DoubleEncoder, field.TYPE_BOOL: encoder.BoolEncoder,
              field.TYPE_INT32: encoder.Int32Encoder, field.TYPE_INT64: encoder.Int64Encoder, field.TYPE_UINT32: encoder.UInt32Encoder,
              field.TYPE_UINT64: encoder.UInt64Encoder, field.TYPE_BYTES: encoder.BytesEncoder}[field.type]  # fmt: skip
    encode(field.number, True, False)(write.append, values, True)
    return b"".join(write)


def texts_in_content(whole: Any) -> bytes:
    """Sizes, then bytes: what TensorFlow's C++ code writes for strings."""
    write: list[bytes] = []
    for text in whole.ravel():
        encoder._EncodeVarint(write.append, len(text))
    proto = with_list(whole, [])
    proto.tensor_content = b"".join([*write, *whole.ravel()])
    return proto.SerializeToString()


def messages() -> Iterator[tuple[str, Any, bytes]]:
    for dtype in LISTS:
        for shape in SHAPES:
            whole = array(dtype, shape)
            yield "make_tensor_proto", whole, written(whole).SerializeToString()
            constant = tf.constant(whole.tolist(), tf.string, shape) if dtype == "object" else tf.constant(whole)
            yield "serialize_tensor", whole, tf.io.serialize_tensor(constant).numpy()
        whole = array(dtype, (2, 3))
        yield "fields", whole, with_list(whole, values_of(whole)).SerializeToString()
        yield "fields", whole, not_packed(whole, values_of(whole))
        known = whole.copy()
        known.ravel()[4:] = known.ravel()[3]
        yield "fields", known, with_list(known, values_of(known.ravel()[:4])).SerializeToString()
        yield "fields", known, not_packed(known, values_of(known.ravel()[:4]))
        splat = np.full_like(whole, whole.ravel()[2])
        yield "fields", splat, with_list(splat, values_of(splat.ravel()[:1])).SerializeToString()
        zeros = np.zeros_like(whole) if dtype != "object" else np.full((2, 3), b"", object)
        yield "fields", zeros, with_list(zeros, []).SerializeToString()
    whole = array("object", (2, 3))
    yield "content of texts", whole, texts_in_content(whole)
    named = tf.make_tensor_proto(array("float32", (2, 3)))
    named.tensor_shape.dim[0].name = "batch"
    yield "fields", array("float32", (2, 3)), b"\x9a\x06\x03abc" + named.SerializeToString()[2:] + b"\x98\x06\x05" + named.SerializeToString()[:2]


def line(by: str, whole: Any, message: bytes) -> str:
    """What TensorFlow reads is what was meant, or there is no file."""
    kind = tf.string if whole.dtype == object else tf.as_dtype(whole.dtype)
    read = tf.io.parse_tensor(message, kind).numpy()
    read = np.asarray(read, whole.dtype)
    items = [text.hex() for text in read.ravel()] if whole.dtype == object else read.tobytes().hex()
    assert read.shape == whole.shape and items == ([text.hex() for text in whole.ravel()] if whole.dtype == object else whole.tobytes().hex())
    if whole.dtype != object:  # of those it makes str, where a list is empty, and reads none from tensor_content
        again = tf.make_ndarray(type(tf.make_tensor_proto(0)).FromString(message))
        assert again.dtype == whole.dtype and again.tolist().__repr__() == whole.tolist().__repr__(), (whole, again)
    return json.dumps({"by": by, "dtype": whole.dtype.name, "shape": whole.shape, "items": items, "message": message.hex()})


def main() -> None:
    path = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).with_name("tensor_protos.json"))
    lines = [json.dumps({"tensorflow": tf.__version__}), *(line(*message) for message in messages())]
    path.write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
