#include <headrace/io/tool/halves.hpp>

#include <bit>
#include <cmath>

namespace headrace::tool {
namespace {

float from_half(std::uint16_t bits) {
  const int exponent = bits >> 10 & 31, fraction = bits & 1023;
  const float size = exponent == 31 ? (fraction ? NAN : INFINITY)
                     : exponent > 0 ? std::ldexp(static_cast<float>(1024 + fraction), exponent - 25)
                                    : std::ldexp(static_cast<float>(fraction), -24);
  return (bits & 0x8000) != 0 ? -size : size;
}

}  // namespace

Tensor widened(const Tensor& items) {
  const bool half = items.dtype() == float16;
  if (!half && items.dtype() != bfloat16) return items;
  const Tensor gapless = items.is_contiguous() ? items : items.copy();
  Tensor wide = Tensor::empty(float32, items.shape());
  const auto numbers = wide.mutable_values<float>();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, gapless.data() + 2 * i, sizeof bits);
    numbers[i] = half ? from_half(bits) : std::bit_cast<float>(std::uint32_t{bits} << 16);
  }
  return wide;
}

}  // namespace headrace::tool
