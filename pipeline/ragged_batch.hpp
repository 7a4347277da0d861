// Batches of rows that differ in length, as they are.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct RaggedBatch {
  std::int64_t batch_size{};
  bool drop_remainder = false;
  static constexpr auto name = "ragged_batch";
  static constexpr auto summary = "Joins consecutive elements of differing lengths into RaggedTensors.";
  static constexpr auto details =
      "Shape: components (a, ...) whose sizes are not known -> a RaggedTensor of batch_size rows; the others are\n"
      "    stacked as by batch. The last batch may be shorter.\n"
      "Order: kept; random access stays.\n"
      "Memory: rows in order of a RaggedTensor given to from_tensor_slices stay where they are: values is a view of "
      "its\n"
      "    values. Others are copied once, into a new buffer.\n"
      "Errors: ValueError for batch_size < 1, or for rows that differ in more than their first size, naming the "
      "element.\n"
      "    A batch with a failing element fails whole; the next begins where it would have anyway.\n"
      "Example: Dataset.from_tensor_slices(RaggedTensor([1, 2, 3], [0, 1, 3])).ragged_batch(2) gives the same again.\n"
      "Source: tf.data.Dataset.ragged_batch.";
  static constexpr auto options() {
    return std::tuple{required("batch_size", &RaggedBatch::batch_size, "elements per batch, >= 1"),
                      optional("drop_remainder", &RaggedBatch::drop_remainder, "drop a short last batch")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
