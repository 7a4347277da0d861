// Values, shapes and names as people read them.
#pragma once

#include <string>

#include <headrace/tensor/tensor.hpp>

namespace headrace::tool {

/// "[0, 0.5, ..., 7]": long axes are cut short.
std::string show(const Tensor& value);
/// A double as short as it can be read back.
std::string show_number(double number);
/// A word for a shell: as it is, or quoted.
std::string shell_word(const std::string& word);
/// Text of a file, which may hold anything, without control characters.
std::string printable(std::string_view text);

}  // namespace headrace::tool
