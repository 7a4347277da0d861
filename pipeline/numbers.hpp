// Numbers that users give as tensors of any dtype.
#pragma once

#include <optional>
#include <vector>

#include <headrace/tensor/element.hpp>

namespace headrace {

/// The items of a vector of integers or floats, or nothing for anything else.
std::optional<std::vector<double>> numbers_of(const Tensor& tensor);

}  // namespace headrace
