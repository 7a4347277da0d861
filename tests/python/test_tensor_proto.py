"""make_tensor_proto, make_ndarray: as TensorFlow writes and reads them; damaged and lying messages."""

import json
from pathlib import Path
from typing import Any

import hypothesis.extra.numpy as hnp
import ml_dtypes
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import headrace as hr
from settling import live_bytes, settled_bytes

LINES = [json.loads(line) for line in (Path(__file__).parents[1] / "data" / "tensor_protos.json").read_text().splitlines()][1:]
NAMES = ["bool", "float16", "float32", "float64", "complex64", "complex128", "bfloat16", *(f"{u}int{n}" for n in (8, 16, 32, 64) for u in ("", "u"))]


def dtype(name: str) -> Any:
    return np.dtype(ml_dtypes.bfloat16 if name == "bfloat16" else name)


def expected(line: dict[str, Any]) -> Any:
    if line["dtype"] == "object":
        array = np.empty(len(line["items"]), object)
        array[:] = [bytes.fromhex(item) for item in line["items"]]
    else:
        array = np.frombuffer(bytes.fromhex(line["items"]), dtype(line["dtype"]))
    return array.reshape(line["shape"])


def same(a: Any, b: Any) -> bool:
    """Bit for bit: a NaN is itself, and zero has a sign."""
    if not (type(a) is type(b) is np.ndarray and a.dtype == b.dtype and a.shape == b.shape):
        return False
    return bool(a.tolist() == b.tolist()) if a.dtype == object else a.tobytes() == b.tobytes()


@pytest.mark.asan
@pytest.mark.parametrize("name", sorted({line["dtype"] for line in LINES}))
def test_tensorflows_messages_are_read_and_written_bit_for_bit(name: str) -> None:
    lines = [line for line in LINES if line["dtype"] == name]
    assert len(lines) > 20 and {line["by"] for line in lines} >= {"make_tensor_proto", "serialize_tensor", "fields"}
    for line in lines:
        message, array = bytes.fromhex(line["message"]), expected(line)
        assert same(hr.make_ndarray(message), array), line
        if line["by"] == "make_tensor_proto":
            assert hr.make_tensor_proto(array) == message, line


@given(st.data(), st.sampled_from(NAMES))
def test_an_array_of_any_strides_comes_back(data: st.DataObject, name: str) -> None:
    shape = data.draw(hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    kind = dtype(name)
    raw = data.draw(hnp.arrays(np.uint8, (*shape, kind.itemsize)))
    whole = (raw & 1 if name == "bool" else raw).view(kind)[..., 0]
    index = data.draw(hnp.basic_indices(shape, allow_newaxis=False)) if shape and data.draw(st.booleans()) else ()
    array = np.asarray(whole[index]).transpose()
    back = hr.make_ndarray(hr.make_tensor_proto(array))
    assert same(back, np.ascontiguousarray(array).reshape(array.shape)) and back.flags.writeable and back.flags.aligned
    assert hr.make_tensor_proto(back) == hr.make_tensor_proto(array) == hr.make_tensor_proto(array.astype(kind.newbyteorder(">") if kind.kind != "V" else kind))


@given(hnp.arrays(object, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3), elements=st.binary(max_size=300)))
def test_bytes_come_back(array: Any) -> None:
    assert same(hr.make_ndarray(hr.make_tensor_proto(array)), array)


@given(st.lists(st.text(max_size=5), min_size=1, max_size=5))
def test_texts_come_back_as_utf8_however_they_were_kept(texts: list[str]) -> None:
    objects = np.array([text.encode() for text in texts], object)
    assert same(hr.make_ndarray(hr.make_tensor_proto(texts)), objects)
    fixed = np.array(texts)  # NumPy's U drops zeros at the end
    assert hr.make_ndarray(hr.make_tensor_proto(fixed)).tolist() == [text.encode() for text in fixed.tolist()]
    assert hr.make_tensor_proto(objects.astype("S")) == hr.make_tensor_proto(objects.astype("S").astype(object))


def test_numbers_and_lists_are_taken_as_everywhere() -> None:
    assert hr.make_ndarray(hr.make_tensor_proto(3)).item() == 3
    assert hr.make_ndarray(hr.make_tensor_proto("é")).item() == "é".encode()
    assert hr.make_ndarray(hr.make_tensor_proto([[1.5], [2]])).tolist() == [[1.5], [2.0]]
    assert hr.make_ndarray(bytearray(hr.make_tensor_proto(3))) == hr.make_ndarray(memoryview(hr.make_tensor_proto(3))) == 3


def field(number: int, payload: bytes | int) -> bytes:
    """A varint, or bytes."""

    def varint(value: int) -> bytes:
        value &= (1 << 64) - 1
        groups = [value >> shift & 0x7F for shift in range(0, max(value.bit_length(), 1), 7)]
        return bytes([group | 0x80 for group in groups[:-1]] + groups[-1:])

    if isinstance(payload, int):
        return varint(number << 3) + varint(payload)
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def proto(number: int, sizes: list[int], *fields: bytes) -> bytes:
    shape = b"".join(field(2, field(1, size)) for size in sizes)
    return field(1, number) + field(2, shape) + b"".join(fields)


def claims(number: int, sizes: list[int]) -> Any:
    return pytest.param(proto(number, sizes), id=f"dtype {number} of {sizes}")


@pytest.mark.parametrize(
    "message",
    [
        *(claims(1, sizes) for sizes in ([-1], [2, -3], [1 << 40], [1 << 62], [1 << 32, 1 << 32], [(1 << 63) - 1, 2], [0, 1 << 62, 1 << 62], [1 << 29])),
        *(claims(n, [1]) for n in (0, 11, 13, 20, 21, 24, 101, 1 << 40)),
        claims(7, [1 << 27]),
        pytest.param(proto(1, [1] * 65), id="65 axes"),
        pytest.param(field(1, 1) + field(2, field(3, 1)), id="unknown rank"),
        pytest.param(b"", id="nothing"),
        pytest.param(field(1, 1), id="a dtype alone"),
        pytest.param(proto(1, [2], field(4, b"\0" * 7)), id="short content"),
        pytest.param(proto(1, [2], field(4, b"\0" * 12)), id="long content"),
        pytest.param(proto(1, [1 << 61], field(4, b"\0" * 8)), id="content of a huge shape"),
        pytest.param(proto(1, [0], field(4, b"\0" * 4)), id="content of nothing"),
        pytest.param(proto(1, [1], field(4, b"\0" * 4), field(5, b"\0" * 4)), id="content and a list"),
        pytest.param(proto(1, [1], field(3, 7)), id="a later version"),
        pytest.param(proto(1, [1], field(7, 3)), id="values of another dtype"),
        pytest.param(proto(1, [1], field(5, 3)), id="a float as a varint"),
        pytest.param(proto(1, [1], field(5, b"\0" * 5)), id="a float and a quarter"),
        pytest.param(proto(1, [1], field(5, b"\0" * 8)), id="too many floats"),
        pytest.param(proto(8, [2], field(9, b"\0" * 12)), id="one and a half complex"),
        pytest.param(proto(4, [1], field(7, 300)), id="300 as uint8"),
        pytest.param(proto(4, [1], field(7, -1)), id="-1 as uint8"),
        pytest.param(proto(3, [1], field(7, 1 << 31)), id="2**31 as int32"),
        pytest.param(proto(19, [1], field(13, 1 << 16)), id="17 bits as half"),
        pytest.param(proto(3, [2], field(7, b"\x01\x81")), id="a packed number without its end"),
        pytest.param(proto(3, [2], field(7, b"\x80" * 11 + b"\x01")), id="a number of 12 bytes"),
        pytest.param(proto(7, [2], field(8, 5)), id="a number as string"),
        pytest.param(proto(7, [1], field(8, b"a"), field(8, b"b")), id="too many strings"),
        pytest.param(proto(7, [1 << 20], field(8, b"x" * 5000)), id="a long string for a million places"),
        pytest.param(proto(7, [2], field(4, b"\x01\x01a")), id="strings that end early"),
        pytest.param(proto(7, [2], field(4, b"\x01\x01abc")), id="strings that end late"),
        pytest.param(proto(7, [2], field(4, b"\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01ab")), id="a string of 2**64 - 1 bytes"),
        pytest.param(proto(7, [1 << 40], field(4, b"\x01a")), id="strings for a huge shape"),
    ],
)
@pytest.mark.asan
def test_lying_messages_are_refused_before_memory_is_taken(message: bytes) -> None:
    before, cached = settled_bytes(), hr._core.memory()["cached_bytes"]
    with pytest.raises(ValueError, match=r"^\[make_ndarray\] "):
        hr.make_ndarray(message)
    assert live_bytes() == before
    assert hr._core.memory()["cached_bytes"] - cached < 1 << 16, "it was taken and given back"


def test_max_bytes_is_for_what_a_message_does_not_hold() -> None:
    assert hr.make_ndarray(proto(1, [1000], field(4, b"\0" * 4000)), max_bytes=0).shape == (1000,)
    splat = proto(3, [1000], field(7, 5))
    assert hr.make_ndarray(splat, max_bytes=999 * 4).tolist() == [5] * 1000
    with pytest.raises(ValueError, match=r"at most max_bytes, 3995, got 999 of 4 bytes for the shape \(1000,\); raise max_bytes"):
        hr.make_ndarray(splat, max_bytes=999 * 4 - 1)
    with pytest.raises(ValueError, match="max_bytes must be >= 0, got -1"):
        hr.make_ndarray(splat, max_bytes=-1)
    with pytest.raises(TypeError, match="max_bytes must be an int, got 1.5"):
        hr.make_ndarray(splat, max_bytes=1.5)  # type: ignore[arg-type]
    assert hr.make_ndarray(splat, max_bytes=1 << 100)[-1] == 5


def boundaries(message: bytes) -> set[int]:
    """Where a cut leaves whole fields: another message, which says something else."""
    at, ends = 0, {0}
    while at < len(message):
        wire, at = message[at] & 7, at + 1 + (message[at] >> 7)
        assert wire in (0, 2)
        size = shift = 0
        while True:
            byte, at = message[at], at + 1
            size, shift = size | (byte & 0x7F) << shift, shift + 7
            if byte < 0x80:
                break
        at += size if wire == 2 else 0
        ends.add(at)
    return ends


DAMAGED = [
    hr.make_tensor_proto(x)
    for x in (
        np.arange(5, dtype=np.float32),
        np.float64(1.5),
        np.array([[True, False]]),
        np.array([1 + 2j, 3]),
        np.arange(-3, 3, dtype=np.int8),
        np.arange(300, 303, dtype=np.uint16),
        np.array([b"abc", b"", b"x" * 40], object),
        np.uint64(1 << 63),
        np.float16(2),
    )
] + [proto(7, [2], field(4, b"\x01\x02abc")), proto(3, [2, 2], field(7, b"\x01\xff\x01"))]


@pytest.mark.asan
@pytest.mark.parametrize("message", DAMAGED, ids=range(len(DAMAGED)))
def test_a_message_cut_anywhere_is_refused(message: bytes) -> None:
    ends = boundaries(message)
    for cut in range(len(message)):
        if cut in ends and cut > 2:
            hr.make_ndarray(message[:cut])
        else:
            with pytest.raises(ValueError, match=r"^\[make_ndarray\] "):
                hr.make_ndarray(message[:cut])


@pytest.mark.asan
@pytest.mark.parametrize("message", DAMAGED, ids=range(len(DAMAGED)))
def test_a_message_with_a_changed_bit_is_read_or_refused(message: bytes) -> None:
    for place in range(8 * len(message)):
        flipped = bytearray(message)
        flipped[place // 8] ^= 1 << place % 8
        try:
            array = hr.make_ndarray(flipped, max_bytes=1 << 20)
        except ValueError as error:
            assert str(error).startswith("[make_ndarray] ")
        else:
            array.tolist()  # every byte is ours


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (np.datetime64("2020-01-01"), r"\[make_tensor_proto\] the dtype must be one that TensorFlow has, got datetime64\[D\]"),
        (np.zeros(2, [("a", "i4")]), "give its fields one by one"),
        (hr.RaggedTensor([1], [0, 1]), r"\[make_tensor_proto\] .* got a RaggedTensor; give its values"),
        (hr.SparseTensor([[0]], [1], [2]), r"\[make_tensor_proto\] .* got a SparseTensor; give its indices"),
        ((1, 2), r"\[make_tensor_proto\] a TensorProto holds one array"),
        ({"a": 1}, r"\[make_tensor_proto\] a TensorProto holds one array"),
        (None, r"\[make_tensor_proto\]"),
        (object(), r"\[make_tensor_proto\] tensor is"),
    ],
)
def test_what_no_tensor_proto_holds_is_refused_by_name(value: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        hr.make_tensor_proto(value)


def test_other_bad_arguments_are_refused_in_words() -> None:
    class Proto:
        def SerializeToString(self) -> bytes:
            return b""

    with pytest.raises(TypeError, match=r"\[make_ndarray\] the message must be bytes, got .*give its SerializeToString"):
        hr.make_ndarray(Proto())  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r"\[make_ndarray\] the message must be bytes, got 'a' \(str\)"):
        hr.make_ndarray("a")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"\[make_tensor_proto\] texts must be Unicode"):
        hr.make_tensor_proto(np.array(["\ud800"]))
    with pytest.raises(ValueError, match=r"smaller than 2 GiB"):
        hr.make_tensor_proto(np.broadcast_to(np.float64(1), 1 << 28))
