#include <headrace/pipeline/numbers.hpp>

namespace headrace {

namespace {

/// Calls `use` with an item of the C++ type behind `kind`; false for kinds that are no plain numbers.
template <class F>
bool with_number(Kind kind, F&& use) {
  // clang-format off
  switch (kind) {
    case Kind::int8: return use(std::int8_t{}), true;
    case Kind::int16: return use(std::int16_t{}), true;
    case Kind::int32: return use(std::int32_t{}), true;
    case Kind::int64: return use(std::int64_t{}), true;
    case Kind::uint8: return use(std::uint8_t{}), true;
    case Kind::uint16: return use(std::uint16_t{}), true;
    case Kind::uint32: return use(std::uint32_t{}), true;
    case Kind::uint64: return use(std::uint64_t{}), true;
    case Kind::float32: return use(float{}), true;
    case Kind::float64: return use(double{}), true;
    default: return false;
  }
  // clang-format on
}

}  // namespace

std::optional<std::vector<double>> numbers_of(const Tensor& tensor) {
  if (tensor.ndim() != 1) return std::nullopt;
  std::vector<double> numbers;
  const Tensor packed = tensor.is_contiguous() ? tensor : tensor.copy();
  const bool known = with_number(tensor.dtype().kind(), [&](auto number) {
    for (std::int64_t i = 0; i < packed.size(); ++i)
      numbers.push_back(static_cast<double>(packed.row(i).template item<decltype(number)>()));
  });
  if (!known) return std::nullopt;
  return numbers;
}

}  // namespace headrace
