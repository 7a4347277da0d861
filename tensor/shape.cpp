#include <headrace/tensor/shape.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

std::int64_t element_count(const Shape& shape) {
  // The product without its zeros must fit too, or strides of an empty tensor would overflow.
  std::int64_t product = 1;
  bool zero = false;
  for (const std::int64_t size : shape) {
    if (size < 0) throw ValueError(sentence("shape", "sizes must be >= 0, got ", to_string(shape)));
    zero |= size == 0;
    if (size > 0 && __builtin_mul_overflow(product, size, &product)) {
      throw ValueError(sentence("shape", "the number of items must fit 63 bits, got ", to_string(shape)));
    }
  }
  return zero ? 0 : product;
}

Strides contiguous_strides(const Shape& shape, std::int64_t itemsize) {
  Strides strides = shape;
  auto stride = static_cast<std::uint64_t>(itemsize);
  for (int axis = shape.size() - 1; axis >= 0; --axis) {
    strides[axis] = static_cast<std::int64_t>(stride);
    stride *= static_cast<std::uint64_t>(std::max<std::int64_t>(shape[axis], 1));
  }
  return strides;
}

std::string to_string(const Shape& shape) {
  std::string text = "(";
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += shape[axis] < 0 ? "?" : std::to_string(shape[axis]);
  }
  return text + (shape.size() == 1 ? ",)" : ")");
}

}  // namespace headrace
