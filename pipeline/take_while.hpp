// The elements before the first that a predicate refuses.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct TakeWhile {
  FunctionPtr predicate;
  static constexpr auto name = "take_while";
  static constexpr auto summary = "Gives elements until a function is false for one, and ends there.";
  static constexpr auto details =
      "Shape: as upstream, of unknown number.\n"
      "Order: kept; a stream from here on. A Python predicate is called once an element, in order, never after the one "
      "it\n"
      "    is false for. Its state is a place in the input.\n"
      "Errors: a failing element, or one that the predicate raises for, is an error in its place and does not end it; "
      "TypeError\n"
      "    where the predicate gives something else than one bool.\n"
      "Example: Dataset.range(10).take_while(lambda x: x < 3) gives 0, 1, 2.\n"
      "Source: tf.data.Dataset.take_while.";
  static constexpr auto options() {
    return std::tuple{required("predicate", &TakeWhile::predicate, "a function of an element that returns a bool")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

/// TakeWhile with any callable of function.hpp; a C++ one may be asked about a block of elements at once.
template <class F>
TakeWhile take_while(F&& predicate) {
  return {make_function(std::forward<F>(predicate))};
}

}  // namespace headrace
