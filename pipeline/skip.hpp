// Without the first elements.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Skip {
  std::int64_t count{};
  static constexpr auto name = "skip";
  static constexpr auto summary = "Leaves out the first elements.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. A failing element counts.\n"
      "Source: tf.data.Dataset.skip.";
  static constexpr auto options() {
    return std::tuple{required("count", &Skip::count, "elements left out; negative: all")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
