// Elements of one key, a window of them at a time.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct GroupByWindow {
  FunctionPtr key_func;
  FunctionPtr reduce_func;
  std::optional<std::int64_t> window_size;
  FunctionPtr window_size_func;
  static constexpr auto name = "group_by_window";
  static constexpr auto summary = "Collects elements by key; each full window of one key becomes a dataset.";
  static constexpr auto details =
      "Shape: that of the datasets' elements, of unknown number.\n"
      "Order: a window is given as its last element comes; at the end what is left, by ascending key.\n"
      "Memory: the elements of windows that are not full. The state names their places; restoring reads the input "
      "again "
      "from\n"
      "    the oldest on, calls key_func for them and reduce_func for the window being given.\n"
      "Errors: ValueError unless one of window_size and window_size_func is given; TypeError where key_func gives no "
      "integer\n"
      "    or reduce_func no Dataset. A failing element stands where it was read; a failing reduce_func in the place "
      "of "
      "its\n"
      "    window.\n"
      "Example: Dataset.range(6).group_by_window(lambda x: x % 2, lambda key, w: w.batch(3), 3) gives [0 2 4], [1 3 "
      "5].\n"
      "Source: tf.data.Dataset.group_by_window.";
  static constexpr auto options() {
    return std::tuple{required("key_func", &GroupByWindow::key_func, "a function of an element that returns an int"),
                      required("reduce_func", &GroupByWindow::reduce_func,
                               "a function of (key, Dataset of the window's elements) that returns a Dataset"),
                      optional("window_size", &GroupByWindow::window_size, "elements of a window, >= 1"),
                      optional("window_size_func", &GroupByWindow::window_size_func,
                               "a function of a key that returns that, in place of window_size")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
