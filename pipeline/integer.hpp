// A number that a user's function gave.
#pragma once

#include <string_view>

#include <headrace/tensor/element.hpp>

namespace headrace {

/// The integer that an element is, of whatever width. TypeError for anything else: "[stage] `what` an integer, got
/// ...".
std::int64_t integer_of(const Element& element, std::string_view stage, std::string_view what);

}  // namespace headrace
