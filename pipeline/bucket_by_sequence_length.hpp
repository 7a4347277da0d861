// Batches of elements of similar length.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct BucketBySequenceLength {
  FunctionPtr element_length_func;
  Element bucket_boundaries;
  std::optional<Element> bucket_batch_sizes;
  std::optional<Shapes> padded_shapes;
  std::optional<Element> padding_values;
  bool pad_to_bucket_boundary = false;
  bool no_padding = false;
  bool drop_remainder = false;
  std::optional<std::int64_t> tokens_per_batch;
  static constexpr auto name = "bucket_by_sequence_length";
  static constexpr auto summary = "Batches elements of similar length, padded to the longest of their batch.";
  static constexpr auto details =
      "Shape: (a, ...) -> (batch size of the bucket, longest a, ...).\n"
      "Order: bucket i takes lengths from boundary i - 1 up to below boundary i; a batch is given as its last element\n"
      "    comes, and at the end what is left, by ascending bucket. A stream from here on.\n"
      "Memory: the elements of batches that are not full. The state names their places; restoring reads the input "
      "again "
      "from\n"
      "    the oldest on.\n"
      "Errors: ValueError for boundaries that do not ascend, sizes that do not fit them, or elements too long to be "
      "padded to a\n"
      "    boundary. A failing element stands where it was read.\n"
      "Example: ds.bucket_by_sequence_length(len, [10, 100], [64, 32, 8])\n"
      "Source: tf.data.Dataset.bucket_by_sequence_length; tokens_per_batch is ours.";
  static constexpr auto options() {
    using S = BucketBySequenceLength;
    return std::tuple{
        required("element_length_func", &S::element_length_func, "a function of an element that returns its length"),
        required("bucket_boundaries", &S::bucket_boundaries, "lengths at which buckets end, ascending ints"),
        optional("bucket_batch_sizes", &S::bucket_batch_sizes,
                 "elements per batch, an int for each bucket: one more than boundaries; None with tokens_per_batch"),
        optional("padded_shapes", &S::padded_shapes, "as of padded_batch"),
        optional("padding_values", &S::padding_values, "as of padded_batch"),
        optional("pad_to_bucket_boundary", &S::pad_to_bucket_boundary,
                 "pad what is open in padded_shapes to the bucket's boundary - 1, not to the longest"),
        optional("no_padding", &S::no_padding, "batch as they are elements that have one shape in each batch"),
        optional("drop_remainder", &S::drop_remainder, "drop batches that are not full"),
        optional("tokens_per_batch", &S::tokens_per_batch,
                 "in place of bucket_batch_sizes: as many elements as stay within rows * longest <= this, >= 1")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
