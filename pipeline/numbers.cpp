#include <headrace/pipeline/numbers.hpp>

#include <type_traits>
#include <utility>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/spec.hpp>

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

std::int64_t integer_of(const Element& element, std::string_view stage, std::string_view what) {
  const bool one = element.components.size() == 1 && element.structure->kind() == Structure::Kind::leaf &&
                   element.components[0].ndim() == 0;
  std::optional<std::int64_t> integer;
  if (one && element.components[0].dtype() == boolean) integer = element.components[0].item<bool>();
  if (one && !integer) {
    with_number(element.components[0].dtype().kind(), [&](auto number) {
      if constexpr (std::is_integral_v<decltype(number)>) {
        number = element.components[0].template item<decltype(number)>();
        require(std::in_range<std::int64_t>(number), stage, what, " an integer of 63 bits, got ", number);
        integer = static_cast<std::int64_t>(number);
      }
    });
  }
  require<TypeError>(integer.has_value(), stage, what, " an integer, got ",
                     integer ? "" : spec_of(element).to_string());
  return *integer;
}

void require_calls(std::string_view stage, std::optional<std::int64_t> num_parallel_calls) {
  require(!num_parallel_calls || *num_parallel_calls >= 1, stage, "num_parallel_calls must be >= 1, got ",
          num_parallel_calls.value_or(0), "; None or AUTOTUNE chooses");
}

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
