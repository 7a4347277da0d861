#include <headrace/io/tensor_proto.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

#include <limits>

namespace headrace {
namespace {

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text += static_cast<char>(value | 0x80);
  return text + static_cast<char>(value);
}
std::string number(std::uint32_t field, std::uint64_t value) { return varint(field << 3) + varint(value); }
std::string field(std::uint32_t field, const std::string& payload) {
  return varint(field << 3 | 2) + varint(payload.size()) + payload;
}
std::string head(std::uint64_t dtype, std::initializer_list<std::uint64_t> sizes) {
  std::string shape;
  for (const auto size : sizes) shape += field(2, number(1, size));
  return number(1, dtype) + field(2, shape);
}

Tensor half(std::initializer_list<std::uint16_t> bits, DType dtype) {
  const Tensor words = Tensor::of<std::uint16_t>(bits);
  return Tensor::view(words.buffer(), words.mutable_data(), dtype, words.shape(), words.strides(), true);
}

const std::vector<Tensor>& tensors() {
  static const std::vector<Tensor> all{
      Tensor::of<float>({0, -0.0F, 1.5F}),
      Tensor::of<double>({1, 2, 3, 4}, {2, 2}),
      Tensor::scalar<std::int8_t>(-128),
      Tensor::of<std::int16_t>({-300, 300}),
      Tensor::of<std::uint16_t>({65535, 0}),
      Tensor::of<std::int64_t>({INT64_MIN, INT64_MAX}),
      Tensor::scalar<std::int64_t>(INT64_MIN),
      Tensor::scalar<std::uint64_t>(UINT64_MAX),
      Tensor::of<std::uint32_t>({UINT32_MAX, 0}),
      Tensor::of<std::complex<float>>({{1, 2}, {3, 4}}),
      Tensor::of<std::complex<double>>({{1, 2}}),
      Tensor::of<bool>({true, false, true}),
      half({0x3C00, 0xFFFF}, float16),
      half({0x3F80}, bfloat16),
      Tensor::empty(float32, {0, 3}),
      Tensor::texts(std::vector<std::string_view>{"abc", "", std::string_view("\0x", 2)}, bytes),
  };
  return all;
}

TEST(TensorProto, ComesBackFromItsOwnBytes) {
  for (const Tensor& tensor : tensors()) EXPECT_TRUE(equal(make_ndarray(make_tensor_proto(tensor)), tensor));
}

TEST(TensorProto, HasTheBytesThatTensorFlowGives) {  // more of them in tests/data, for tests/python
  EXPECT_EQ(make_tensor_proto(Tensor::scalar(1.5F)), std::string("\x08\x01\x12\x00\x2a\x04\x00\x00\xc0\x3f", 10));
  EXPECT_EQ(make_tensor_proto(Tensor::text_scalar("é")), std::string("\x08\x07\x12\x00\x42\x02\xc3\xa9", 8));
}

TEST(TensorProto, IsTheSameForEqualTensorsOfAnyStrides) {
  const Tensor whole = Tensor::of<std::int32_t>({1, 9, 2, 9, 3, 9});
  EXPECT_EQ(make_tensor_proto(whole.rows(0, 3, 2)), make_tensor_proto(Tensor::of<std::int32_t>({1, 2, 3})));
}

TEST(TensorProto, RepeatsTheLastValueOfAListAndTakesNoneForZeros) {
  EXPECT_TRUE(equal(make_ndarray(head(3, {4}) + field(7, "\x01\x02")), Tensor::of<std::int32_t>({1, 2, 2, 2})));
  EXPECT_TRUE(equal(make_ndarray(head(3, {4}) + number(7, 1) + number(7, 2)), Tensor::of<std::int32_t>({1, 2, 2, 2})));
  EXPECT_TRUE(equal(make_ndarray(head(3, {2})), Tensor::of<std::int32_t>({0, 0})));
  const std::vector<std::string_view> repeated{"a", "b", "b"}, none{"", ""};
  EXPECT_TRUE(equal(make_ndarray(head(7, {3}) + field(8, "a") + field(8, "b")), Tensor::texts(repeated, bytes)));
  EXPECT_TRUE(equal(make_ndarray(head(7, {2})), Tensor::texts(none, bytes)));
}

TEST(TensorProto, KeepsWhatItClaimsWithoutHoldingWithinMaxBytes) {
  const std::string splat = head(3, {1000}) + number(7, 5);
  EXPECT_EQ(make_ndarray(splat, 999 * 4).size(), 1000);
  EXPECT_THROW(make_ndarray(splat, 999 * 4 - 1), ValueError);
}

/// Asks for no block larger than a small multiple of the message while it lives.
class SmallBlocksOnly {
 public:
  explicit SmallBlocksOnly(std::size_t most) {
    BufferPool::set_fault_hook([most](std::size_t size) { return size > most; });
  }
  ~SmallBlocksOnly() { BufferPool::set_fault_hook({}); }
};

TEST(TensorProto, RefusesHugeClaimsBeforeMemoryIsTaken) {
  const SmallBlocksOnly limit(4096);
  const std::string ff(8, '\xff');
  for (const std::string& message :
       {head(1, {1ULL << 40}), head(1, {1ULL << 62}), head(1, {1ULL << 32, 1ULL << 32}), head(1, {~0ULL}),
        head(1, {0, 1ULL << 62, 1ULL << 62}), head(1, {1ULL << 61}) + field(4, ff),
        head(7, {1ULL << 40}) + field(4, ff), head(7, {1 << 20}) + field(8, std::string(5000, 'x')),
        head(4, {1 << 20}) + number(7, 300), head(3, {1 << 20}) + field(7, std::string(11, '\x80') + '\1'),
        head(1, {1ULL << 29})}) {
    EXPECT_THROW(make_ndarray(message), ValueError);
  }
}

/// Reads it, or throws ValueError: nothing else, and no byte beyond its own, which AddressSanitizer would see.
void read(const std::string& message) {
  const std::vector<char> exact(message.begin(), message.end());
  try {
    make_ndarray({exact.data(), exact.size()}, 1 << 16).copy();
  } catch (const ValueError&) {
  }
}

TEST(TensorProto, IsReadOrRefusedWhereverItIsCutOrFlipped) {
  for (const Tensor& tensor : tensors()) {
    const std::string message = make_tensor_proto(tensor);
    for (std::size_t cut = 0; cut < message.size(); ++cut) read(message.substr(0, cut));
    for (std::size_t bit = 0; bit < 8 * message.size(); ++bit) {
      std::string flipped = message;
      flipped[bit / 8] = static_cast<char>(flipped[bit / 8] ^ 1 << bit % 8);
      read(flipped);
    }
  }
}

TEST(TensorProto, RefusesDtypesThatTensorFlowHasNot) {
  EXPECT_THROW(make_tensor_proto(Tensor::zeros(DType::datetime64("s"), {2})), TypeError);
  EXPECT_THROW(make_tensor_proto(Tensor::zeros(DType::record({{"a", int32, 0, {}}}, 4), {2})), TypeError);
}

}  // namespace
}  // namespace headrace
