// Where a value stands in what the user gave, for error sentences: "[from_tensor_slices] tensors['label'][1] ...".
#pragma once

#include <string>
#include <string_view>

#include <headrace/tensor/error.hpp>

namespace headrace::python {

/// Lives on the stack while containers are walked; made into text only where something is wrong.
struct Place {
  std::string_view stage;  // of the outermost
  std::string_view what;   // of the outermost: "tensors", "the result"
  const Place* outer = nullptr;
  std::string_view key{};  // of the others: a key, or with key.data() == nullptr an index
  std::int64_t index = 0;

  Place at(std::string_view inner_key) const { return {stage, what, this, inner_key, 0}; }
  Place at(std::int64_t inner_index) const { return {stage, what, this, {}, inner_index}; }

  std::string to_string() const {
    if (!outer) return std::string(what);
    const std::string inner = key.data() ? "'" + std::string(key) + "'" : std::to_string(index);
    return outer->to_string() + "[" + inner + "]";
  }

  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    throw TypeError(sentence(stage, to_string(), parts...));
  }
};

}  // namespace headrace::python
