#include <headrace/pipeline/integer.hpp>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

std::int64_t integer_of(const Element& element, std::string_view stage, std::string_view what) {
  const bool one = element.components.size() == 1 && element.structure->kind() == Structure::Kind::leaf &&
                   element.components[0].ndim() == 0;
  const auto refuse = [&] {
    require<TypeError>(false, stage, what, " an integer, got ", spec_of(element).to_string());
  };
  if (!one) refuse();
  const Tensor& tensor = element.components[0];
  switch (tensor.dtype().kind()) {
    case Kind::int64:
      return tensor.item<std::int64_t>();
    case Kind::int32:
      return tensor.item<std::int32_t>();
    case Kind::int16:
      return tensor.item<std::int16_t>();
    case Kind::int8:
      return tensor.item<std::int8_t>();
    case Kind::uint32:
      return tensor.item<std::uint32_t>();
    case Kind::uint16:
      return tensor.item<std::uint16_t>();
    case Kind::uint8:
      return tensor.item<std::uint8_t>();
    case Kind::boolean:
      return tensor.item<bool>();
    case Kind::uint64: {
      const std::uint64_t value = tensor.item<std::uint64_t>();
      require(value <= INT64_MAX, stage, what, " an integer of 63 bits, got ", value);
      return static_cast<std::int64_t>(value);
    }
    default:
      refuse();
      return 0;
  }
}

}  // namespace headrace
