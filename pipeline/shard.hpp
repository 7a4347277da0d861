// One part of many.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Shard {
  std::int64_t num_shards{};
  std::int64_t index{};
  static constexpr auto name = "shard";
  static constexpr auto summary = "Keeps every num_shards-th element.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. The shards of one dataset are disjoint and cover it.\n"
      "Errors: ValueError for num_shards < 1 or index outside [0, num_shards), or downstream of a random stage without "
      "a seed.\n"
      "Source: tf.data.Dataset.shard.";
  static constexpr auto options() {
    return std::tuple{required("num_shards", &Shard::num_shards, "number of parts, >= 1"),
                      required("index", &Shard::index, "which part, from 0")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
