// Elements with their numbers.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Enumerate {
  std::int64_t start = 0;
  static constexpr auto name = "enumerate";
  static constexpr auto summary = "Puts a counter before each element.";
  static constexpr auto details =
      "Shape: (...) -> (int64 (), (...)).\n"
      "Order: kept; random access stays. A failing element counts too.\n"
      "Source: tf.data.Dataset.enumerate.";
  static constexpr auto options() { return std::tuple{optional("start", &Enumerate::start, "the first number")}; }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
