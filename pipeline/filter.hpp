// Elements that a predicate keeps.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Filter {
  FunctionPtr predicate;
  static constexpr auto name = "filter";
  static constexpr auto summary = "Keeps the elements for which a function is true.";
  static constexpr auto details =
      "Shape: as upstream, of unknown number.\n"
      "Order: kept; a stream from here on. Its state is a place in the input.\n"
      "Errors: TypeError where the predicate gives something else than one bool; the predicate's own, in the element's "
      "place.\n"
      "Example: Dataset.range(5).filter(lambda x: x % 2 == 0) gives 0, 2, 4.\n"
      "Source: tf.data.Dataset.filter.";
  static constexpr auto options() {
    return std::tuple{required("predicate", &Filter::predicate, "a function of an element that returns a bool")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

/// Filter with any callable of function.hpp.
template <class F>
Filter filter(F&& predicate) {
  return {make_function(std::forward<F>(predicate))};
}

}  // namespace headrace
