// SECONDS [SEED]: damages TensorProtos, reads them, and writes again what is read.
#include <headrace/io/tensor_proto.hpp>

#include <headrace/tensor/error.hpp>

#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

constexpr std::int64_t kClaimed = 1 << 16;

Tensor random_texts(Random& random, std::int64_t count) {
  std::vector<std::string> texts(static_cast<std::size_t>(count));
  for (auto& text : texts) text.assign(random() % 20, static_cast<char>(random()));
  return Tensor::texts(std::vector<std::string_view>(texts.begin(), texts.end()), bytes);
}

Tensor random_tensor(Random& random) {
  constexpr DType kDtypes[] = {boolean, int8,    int16,    int32,   int64,   uint8,     uint16,     uint32,
                               uint64,  float16, bfloat16, float32, float64, complex64, complex128, bytes};
  const DType dtype = kDtypes[random() % std::size(kDtypes)];
  Shape shape;
  for (unsigned axes = random() % 4; axes > 0; --axes) shape = shape.with_back(random() % 5);
  const std::int64_t count = element_count(shape);
  if (dtype == bytes) return random_texts(random, count).reshape(shape);
  Tensor tensor = Tensor::zeros(dtype, shape);
  for (std::int64_t i = 0; i < tensor.nbytes(); ++i)
    tensor.mutable_data()[i] = static_cast<std::byte>(random() & (dtype == boolean ? 1u : 0xffu));
  return tensor;
}

/// Bytes, not values: a NaN is itself.
bool comes_back(const Tensor& tensor) {
  const std::string message = make_tensor_proto(tensor);
  const Tensor again = make_ndarray(message, kClaimed);
  return again.shape() == tensor.shape() && make_tensor_proto(again) == message;
}

std::string run(Random& random) {
  const Tensor tensor = random_tensor(random);
  if (!comes_back(tensor)) return "a tensor does not come back";
  std::string message = make_tensor_proto(tensor);
  fuzz::damage(message, random);
  const std::vector<char> exact(message.begin(), message.end());  // AddressSanitizer sees a byte beyond
  try {
    if (!comes_back(make_ndarray({exact.data(), exact.size()}, kClaimed))) return "what was read does not come back";
  } catch (const ValueError&) {
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  const std::int64_t room = kClaimed + (1 << 12);
  headrace::BufferPool::set_fault_hook([room](std::size_t size) { return static_cast<std::int64_t>(size) > room; });
  return headrace::fuzz::main("tensor_proto", argc, argv, run);
}
