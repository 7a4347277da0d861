// Batches of dense rows as sparse tensors.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct SparseBatch {
  std::int64_t batch_size{};
  Shapes row_shape;
  static constexpr auto name = "sparse_batch";
  static constexpr auto summary = "Joins consecutive arrays of differing shapes into SparseTensors.";
  static constexpr auto details =
      "Shape: (a, ...) -> a SparseTensor of dense shape (batch_size, *row_shape); the last batch may be shorter.\n"
      "Order: kept; random access stays.\n"
      "Memory: every item of a row is listed, zeros too, in a new buffer.\n"
      "Errors: ValueError for batch_size < 1, rows larger than row_shape or of another rank, naming the element, and "
      "for\n"
      "    elements that are more than one array. A batch with a failing element fails whole; the next begins where "
      "it\n"
      "    would have anyway.\n"
      "Example: from rows [7] and [8 9], sparse_batch(2, [3]) gives values [7 8 9] at (0, 0), (1, 0), (1, 1) of (2, "
      "3).\n"
      "Source: tf.data.experimental.dense_to_sparse_batch, tf.data.Dataset.sparse_batch.";
  static constexpr auto options() {
    return std::tuple{
        required("batch_size", &SparseBatch::batch_size, "elements per batch, >= 1"),
        required("row_shape", &SparseBatch::row_shape,
                 "the shape that holds every row; None or -1 in it: as long as the longest of the batch")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
