// Rows of batches.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Unbatch {
  static constexpr auto name = "unbatch";
  static constexpr auto summary = "Splits each element along its first axis.";
  static constexpr auto details =
      "Shape: (b, ...) -> b elements (...); a RaggedTensor gives its rows, a SparseTensor SparseTensors.\n"
      "Order: kept; random access stays where all batch sizes follow from the plan.\n"
      "Errors: ValueError for a scalar component or first sizes that differ within an element.\n"
      "Source: tf.data.Dataset.unbatch.";
  static constexpr auto options() { return std::tuple<>{}; }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
