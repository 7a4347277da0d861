// Sources of arrays in memory.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromTensorSlices {
  Element tensors;
  static constexpr auto name = "from_tensor_slices";
  static constexpr auto summary = "Gives the slices of arrays along their first axis.";
  static constexpr auto details =
      "Shape: components (n, ...) -> n elements (...); a RaggedTensor gives its rows, a SparseTensor\n"
      "    SparseTensors of one axis less.\n"
      "Order: by index; random access.\n"
      "Memory: numeric arrays are used in place, never copied: later changes to them are seen, and without a shuffle\n"
      "    batches are read-only views of them. row_splits and indices are copied, and a SparseTensor's values where "
      "they\n"
      "    do not lie row by row.\n"
      "Errors: ValueError for no component, a scalar, or first sizes that differ.\n"
      "Example: from_tensor_slices((images, {'label': labels}))\n"
      "Source: tf.data.Dataset.from_tensor_slices.";
  static constexpr auto options() {
    return std::tuple{required("tensors", &FromTensorSlices::tensors, "arrays of one first size, in any structure")};
  }
  Dataset operator()() const;
};

struct FromTensors {
  Element tensors;
  static constexpr auto name = "from_tensors";
  static constexpr auto summary = "Gives one element: the arrays as they are.";
  static constexpr auto details =
      "Shape: components (...) -> 1 element (...).\n"
      "Memory: as from_tensor_slices.\n"
      "Errors: TypeError for what is no array.\n"
      "Source: tf.data.Dataset.from_tensors.";
  static constexpr auto options() {
    return std::tuple{required("tensors", &FromTensors::tensors, "arrays in any structure")};
  }
  Dataset operator()() const;
};

/// The sources as functions.
inline Dataset from_tensor_slices(Element tensors) { return make_source(FromTensorSlices{std::move(tensors)}); }
inline Dataset from_tensors(Element tensors) { return make_source(FromTensors{std::move(tensors)}); }

}  // namespace headrace
