// Several passes.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Repeat {
  std::optional<std::int64_t> count;
  static constexpr auto name = "repeat";
  static constexpr auto summary = "Gives all elements again, each pass in its own epoch.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: pass after pass; pass r of epoch e reads upstream in epoch e*count + r, so that a shuffle before it "
      "differs.\n"
      "    Random access stays. repeat() of an empty dataset ends.\n"
      "Source: tf.data.Dataset.repeat.";
  static constexpr auto options() {
    return std::tuple{optional("count", &Repeat::count, "passes; None or negative: for ever")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
