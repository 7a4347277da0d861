// The first elements.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Take {
  std::int64_t count{};
  static constexpr auto name = "take";
  static constexpr auto summary = "Gives at most the first elements.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. A failing element counts.\n"
      "Source: tf.data.Dataset.take.";
  static constexpr auto options() {
    return std::tuple{required("count", &Take::count, "elements given; negative: all")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
