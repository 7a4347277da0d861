// Whole numbers.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Range {
  std::int64_t start{};
  std::optional<std::int64_t> stop;
  std::int64_t step = 1;
  static constexpr auto name = "range";
  static constexpr auto summary = "Gives evenly spaced whole numbers.";
  static constexpr auto details =
      "Shape: int64 ().\n"
      "Order: as Python's range; random access; nothing is stored.\n"
      "Errors: ValueError for step 0.\n"
      "Example: range(5), range(1, 10, 3).\n"
      "Source: tf.data.Dataset.range.";
  static constexpr auto options() {
    return std::tuple{required("start", &Range::start, "the first number; the only argument is stop, from 0"),
                      optional("stop", &Range::stop, "the first number not given; None: start is stop"),
                      optional("step", &Range::step, "the distance, not 0")};
  }
  Dataset operator()() const;
};

inline Dataset range(std::int64_t stop) { return make_source(Range{stop, std::nullopt, 1}); }
inline Dataset range(std::int64_t start, std::int64_t stop, std::int64_t step = 1) {
  return make_source(Range{start, stop, step});
}

}  // namespace headrace
