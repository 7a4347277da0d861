// Batches of a fixed size.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Batch {
  std::int64_t batch_size{};
  bool drop_remainder = false;
  std::optional<std::int64_t> num_parallel_calls;
  std::optional<bool> deterministic;
  static constexpr auto name = "batch";
  static constexpr auto summary = "Stacks consecutive elements along a new leading axis.";
  static constexpr auto details =
      "Shape: (...) -> (batch_size, ...); the last batch may be shorter. SparseTensors become one with an axis more, "
      "whose\n"
      "    sizes are the largest of each axis.\n"
      "Order: kept; random access stays.\n"
      "Memory: over from_tensor_slices without a shuffle a batch is a view of the array, else a new buffer.\n"
      "Errors: ValueError for batch_size < 1, or for elements of unequal shapes or dtypes, naming the first that "
      "differs.\n"
      "    A batch with a failing element fails whole; the next begins where it would have anyway.\n"
      "Example: Dataset.range(10).batch(4) gives [0 1 2 3], [4 5 6 7], [8 9].\n"
      "Source: tf.data.Dataset.batch.";
  static constexpr auto options() {
    return std::tuple{
        required("batch_size", &Batch::batch_size, "elements per batch, >= 1"),
        optional("drop_remainder", &Batch::drop_remainder, "drop a short last batch"),
        hint("num_parallel_calls", &Batch::num_parallel_calls,
             "batches made at once, >= 1: in this version as many as there are threads, whatever it says"),
        hint("deterministic", &Batch::deterministic,
             "False allows another order; order is kept all the same in this version")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
