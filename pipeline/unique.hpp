// Each element once.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Unique {
  static constexpr auto name = "unique";
  static constexpr auto summary = "Drops elements that are equal to an earlier one of the same pass.";
  static constexpr auto details =
      "Shape: as upstream, of unknown number.\n"
      "Order: kept; a stream from here on. Equal are elements of one structure, dtypes and shapes with the same bytes: "
      "a NaN\n"
      "    equals itself, 0.0 and -0.0 differ; texts are equal by value, dicts in any order of their keys.\n"
      "Memory: a key of each different element, its bytes or, above 32 of them, its BLAKE2b digest of 33 bytes, and 32 "
      "to 64\n"
      "    bytes more; MemoryError past memory_limit. The state holds all keys, four bytes for three.\n"
      "Errors: failing elements pass; TypeError in the place of an element that holds a dataset.\n"
      "Example: from_tensor_slices(np.array([3, 1, 3, 2, 1])).unique() gives 3, 1, 2.\n"
      "Source: tf.data.Dataset.unique, which takes one component of integers or strings.";
  static constexpr auto options() { return std::tuple{}; }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
