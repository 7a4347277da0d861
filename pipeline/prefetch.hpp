// Work ahead of the consumer.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Prefetch {
  std::optional<std::int64_t> buffer_size;
  static constexpr auto name = "prefetch";
  static constexpr auto summary = "Reads elements ahead on another thread.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. Moves Python functions before it off the consumer's thread. Built-in work on "
      "random\n"
      "    access runs ahead by itself, within the memory limit.\n"
      "Errors: in their places.\n"
      "Source: tf.data.Dataset.prefetch.";
  static constexpr auto options() {
    return std::tuple{
        hint("buffer_size", &Prefetch::buffer_size, "elements held ready at most, >= 0; None or AUTOTUNE: chosen")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
