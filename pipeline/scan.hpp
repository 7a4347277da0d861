// A function that remembers.
#pragma once

#include <utility>

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Scan {
  Element initial_state;
  FunctionPtr scan_func;
  static constexpr auto name = "scan";
  static constexpr auto summary = "Applies a function that hands a state from element to element.";
  static constexpr auto details =
      "Shape: what the function returns second: any structure of arrays, scalars and strings.\n"
      "Order: kept; a stream. scan_func(state, element) returns (new_state, output); neither argument is unpacked. It "
      "is "
      "called once\n"
      "    an element, in order, a Python function only when its output is asked for, on the thread that asks.\n"
      "Memory: the state, and it is copied unless the function made it and keeps no reference to it. A saved state "
      "holds it as text\n"
      "    and grows with it; restoring calls no function.\n"
      "Errors: the function's own, in the element's place; the state is then as before. TypeError for a new state of "
      "another\n"
      "    structure or dtype than initial_state; shapes may change.\n"
      "Example: range(4).scan(0, lambda total, x: (total + x, total + x)) gives 0, 1, 3, 6.\n"
      "Source: tf.data.Dataset.scan.";
  static constexpr auto options() {
    return std::tuple{
        required("initial_state", &Scan::initial_state, "the state before the first element; copied now"),
        required("scan_func", &Scan::scan_func, "a function of (state, element) that returns (new_state, output)")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

/// A C++ scan_func: (state, element) to (new_state, output). It must be safe to call on several threads at once.
using ScanFunction = std::function<std::pair<Element, Element>(const Element& state, const Element& element)>;
Scan scan(Element initial_state, ScanFunction function, std::string name = "function");

}  // namespace headrace
