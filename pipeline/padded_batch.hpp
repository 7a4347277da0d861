// Batches of rows that differ in size, padded.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct PaddedBatch {
  std::int64_t batch_size{};
  std::optional<Shapes> padded_shapes;
  std::optional<Element> padding_values;
  bool drop_remainder = false;
  static constexpr auto name = "padded_batch";
  static constexpr auto summary = "Stacks consecutive elements along a new leading axis, padding them to one shape.";
  static constexpr auto details =
      "Shape: (a, ...) -> (batch_size, longest a, ...); the last batch may be shorter.\n"
      "Order: kept; random access stays.\n"
      "Memory: each row is copied once, into a new buffer; straight from the values of a RaggedTensor given to\n"
      "    from_tensor_slices, also after shuffle, take and the like.\n"
      "Errors: ValueError for batch_size < 1, a row larger than padded_shapes, rows of unequal ranks or dtypes, or a\n"
      "    padding value that does not fit, naming element, component and shapes. A batch with a failing element "
      "fails\n"
      "    whole; the next begins where it would have anyway.\n"
      "Example: Dataset.from_tensor_slices(RaggedTensor([1, 2, 3], [0, 1, 3])).padded_batch(2) gives [[1 0] [2 3]].\n"
      "Source: tf.data.Dataset.padded_batch.";
  static constexpr auto options() {
    return std::tuple{required("batch_size", &PaddedBatch::batch_size, "elements per batch, >= 1"),
                      optional("padded_shapes", &PaddedBatch::padded_shapes,
                               "a shape for each component, in the structure of the elements; None or -1 in it, or "
                               "None for all: as long as the longest of the batch"),
                      optional("padding_values", &PaddedBatch::padding_values,
                               "a scalar for all components, or a structure of scalars; None: 0, False, '', b'', NaT"),
                      optional("drop_remainder", &PaddedBatch::drop_remainder, "drop a short last batch")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
