// SECONDS [SEED]: damages TensorProtos, reads them, and writes again what is read. Prints the seed that fails.
#include <headrace/io/tensor_proto.hpp>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>

#include <headrace/tensor/error.hpp>

namespace {

using namespace headrace;
using Random = std::mt19937;

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

void damage(std::string& data, Random& random) {
  for (unsigned turns = 1 + random() % 4; turns > 0 && !data.empty(); --turns) {
    const std::size_t place = random() % data.size();
    switch (random() % 5) {
      case 0:
        data.resize(place);
        break;
      case 1:
        data.insert(place, 1, static_cast<char>(random()));
        break;
      case 2:
        data.erase(place, 1);
        break;
      case 3:
        data[place] = static_cast<char>(random() % 2 == 0 ? 0 : 0xff);
        break;
      default:
        data[place] = static_cast<char>(data[place] ^ 1 << random() % 8);
    }
  }
}

/// Bytes, not values: a NaN is itself.
bool comes_back(const Tensor& tensor) {
  const std::string message = make_tensor_proto(tensor);
  const Tensor again = make_ndarray(message, kClaimed);
  return again.shape() == tensor.shape() && make_tensor_proto(again) == message;
}

/// Nothing, or what is wrong.
std::string check(Random& random) {
  const Tensor tensor = random_tensor(random);
  if (!comes_back(tensor)) return "a tensor does not come back";
  std::string message = make_tensor_proto(tensor);
  damage(message, random);
  const std::vector<char> exact(message.begin(), message.end());  // AddressSanitizer sees a byte beyond
  try {
    if (!comes_back(make_ndarray({exact.data(), exact.size()}, kClaimed))) return "what was read does not come back";
  } catch (const ValueError&) {
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 10;
  std::uint32_t seed = argc > 2 ? static_cast<std::uint32_t>(std::strtoul(argv[2], nullptr, 10)) : 1;
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  const std::int64_t room = kClaimed + (1 << 12);
  BufferPool::set_fault_hook([room](std::size_t size) { return static_cast<std::int64_t>(size) > room; });
  std::int64_t runs = 0;
  for (; std::chrono::steady_clock::now() < end; ++seed, ++runs) {
    Random random(seed);
    const std::string wrong = check(random);
    if (wrong.empty()) continue;
    std::cerr << "tensor_proto: " << wrong << "; again: tensor_proto 0.001 " << seed << "\n";
    return 1;
  }
  std::cout << "tensor_proto: " << runs << " runs, the last one's seed " << seed - 1 << "\n";
}
