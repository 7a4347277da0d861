// Datasets made of elements, one after the other.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FlatMap {
  FunctionPtr map_func;
  static constexpr auto name = "flat_map";
  static constexpr auto summary =
      "Makes a dataset of each element and gives their elements, one dataset after the other.";
  static constexpr auto details =
      "Shape: that of the datasets' elements, of unknown number.\n"
      "Order: kept; a stream from here on. A dataset made by the function runs in this epoch, and what is random in it "
      "and\n"
      "    has no seed draws one from (this stage, epoch, place).\n"
      "Memory: nothing besides the open dataset, whose elements pass without a copy. The state is a place in the input "
      "and one\n"
      "    in that dataset; restoring calls the function again for it.\n"
      "Errors: TypeError where the function gives no Dataset; that and its own errors stand in the place of the whole\n"
      "    dataset, an element's error in that of the element.\n"
      "Example: Dataset.range(3).flat_map(lambda i: hr.Dataset.range(i)) gives 0, 0, 1.\n"
      "Source: tf.data.Dataset.flat_map.";
  static constexpr auto options() {
    return std::tuple{required("map_func", &FlatMap::map_func, "a function of an element that returns a Dataset")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

/// FlatMap with any callable of const Element& or const Tensor& that gives a Dataset.
template <class F>
FlatMap flat_map(F function) {
  return {make_dataset_function(std::move(function))};
}

}  // namespace headrace
