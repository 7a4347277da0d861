// Numbers that go on for ever.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Counter {
  std::int64_t start = 0;
  std::int64_t step = 1;
  DType dtype = int64;
  static constexpr auto name = "counter";
  static constexpr auto summary = "Counts without end.";
  static constexpr auto details =
      "Shape: dtype ().\n"
      "Order: start, start + step ...; random access; nothing is stored. Whole numbers wrap around at the end of "
      "dtype.\n"
      "Errors: TypeError for a dtype that is no whole or real number; ValueError for a start or step that it cannot "
      "hold.\n"
      "Example: counter(10, -2).take(3).\n"
      "Source: tf.data.Dataset.counter.";
  static constexpr auto options() {
    return std::tuple{optional("start", &Counter::start, "the first number"),
                      optional("step", &Counter::step, "the distance, may be negative"),
                      optional("dtype", &Counter::dtype, "of the numbers: int8 to uint64, float32 or float64")};
  }
  Dataset operator()() const;
};

inline Dataset counter(std::int64_t start = 0, std::int64_t step = 1, DType dtype = int64) {
  return make_source(Counter{start, step, dtype});
}

}  // namespace headrace
