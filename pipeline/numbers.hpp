// Numbers that users give as tensors of any dtype.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include <headrace/tensor/element.hpp>

namespace headrace {

/// The integer that an element is, of whatever width. TypeError for anything else: "[stage] `what` an integer, got
/// ...".
std::int64_t integer_of(const Element& element, std::string_view stage, std::string_view what);

/// Throws ValueError where num_parallel_calls is given and below 1.
void require_calls(std::string_view stage, std::optional<std::int64_t> num_parallel_calls);

/// The items of a vector of integers or floats, or nothing for anything else.
std::optional<std::vector<double>> numbers_of(const Tensor& tensor);

}  // namespace headrace
