// Elements kept in memory.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Cache {
  static constexpr auto name = "cache";
  static constexpr auto summary = "Keeps every element in memory the first time it is read.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays.\n"
      "Memory: all elements, once for all iterators of this Dataset; read-only. Everything before it is read as epoch "
      "0.\n"
      "    Passing the memory limit is a MemoryError. On a stream a partial pass is thrown away. Not pickled, not in "
      "the state.\n"
      "Errors: never kept: a failing element is computed again.\n"
      "Source: tf.data.Dataset.cache, without a filename.";
  static constexpr auto options() { return std::tuple<>{}; }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
