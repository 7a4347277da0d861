// Batches of another size.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Rebatch {
  std::int64_t batch_size{};
  bool drop_remainder = false;
  static constexpr auto name = "rebatch";
  static constexpr auto summary = "Cuts the rows of batches into batches of another size.";
  static constexpr auto details =
      "Shape: (b, ...) -> (batch_size, ...); the last batch may be shorter. RaggedTensors and SparseTensors stay what "
      "they are,\n"
      "    of which an element has one kind.\n"
      "Order: of the rows, kept; random access stays where all batch sizes follow from the plan.\n"
      "Memory: a batch that lies in one batch of the input is a view of it; else its rows are copied once.\n"
      "Errors: ValueError for batch_size < 1, a scalar component or first sizes that differ within an element. What\n"
      "    holds a row of a failing batch fails; on a stream, where its size is not known, that counts as one row.\n"
      "Example: Dataset.range(7).batch(4).rebatch(3) gives [0 1 2], [3 4 5], [6].\n"
      "Source: tf.data.Dataset.rebatch.";
  static constexpr auto options() {
    return std::tuple{required("batch_size", &Rebatch::batch_size, "rows per batch, >= 1"),
                      optional("drop_remainder", &Rebatch::drop_remainder, "drop a short last batch")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
