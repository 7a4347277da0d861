// Elements grouped into datasets.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Window {
  std::int64_t size{};
  std::optional<std::int64_t> shift;
  std::int64_t stride = 1;
  bool drop_remainder = false;
  static constexpr auto name = "window";
  static constexpr auto summary = "Groups elements into windows; each is a dataset, in the place of each component.";
  static constexpr auto details =
      "Shape: an element's structure, with a Dataset of up to size elements for each component.\n"
      "Order: window i begins at element i * shift and takes every stride-th; random access stays.\n"
      "Memory: a window's rows are gathered when it is made: views where a batch would be one. On a stream the rows "
      "between\n"
      "    the beginnings of the oldest and the newest window are kept; the state is a place in the input.\n"
      "Errors: ValueError for a size, shift or stride < 1. A failing element stands in its place in each window.\n"
      "Example: Dataset.range(7).window(3, shift=2).flat_map(lambda w: w.batch(3)) gives [0 1 2], [2 3 4], [4 5 6], "
      "[6].\n"
      "Source: tf.data.Dataset.window.";
  static constexpr auto options() {
    return std::tuple{
        required("size", &Window::size, "elements of a window, >= 1"),
        optional("shift", &Window::shift, "elements from one window's beginning to the next, >= 1; None: size"),
        optional("stride", &Window::stride, "elements from one of a window to the next, >= 1"),
        optional("drop_remainder", &Window::drop_remainder, "drop windows of fewer elements")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
