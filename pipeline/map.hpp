// A function of each element.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Map {
  FunctionPtr map_func;
  std::optional<std::int64_t> num_parallel_calls;
  std::optional<bool> deterministic;
  std::optional<Spec> output_signature;
  std::optional<std::int64_t> seed;
  static constexpr auto name = "map";
  static constexpr auto summary = "Applies a function to each element.";
  static constexpr auto details =
      "Shape: what the function returns: any structure of arrays, scalars and strings.\n"
      "Order: kept; random access stays. A Python function is called by one thread at a time, in order, once an "
      "element and\n"
      "    only when its output is asked for, unless num_parallel_calls > 1 or prefetch allow more.\n"
      "    With seed, what the Generator draws follows from (seed, epoch, position) alone, on a stream from the "
      "ordinal: "
      "the same for any\n"
      "    number of threads, after a resume and for ds[i]. It is the function's during the call only. Maps of one "
      "seed "
      "draw alike.\n"
      "Memory: a returned array is adopted only where it owns its memory and nobody else refers to it, else copied.\n"
      "Errors: the function's own, in the element's place, with a note of where.\n"
      "Source: tf.data.Dataset.map.";
  static constexpr auto options() {
    return std::tuple{
        required("map_func", &Map::map_func, "a function of an element; a plain tuple is unpacked into its arguments"),
        hint("num_parallel_calls", &Map::num_parallel_calls,
             "calls at once, >= 1; None or AUTOTUNE: built-in functions as many as there are threads, others one"),
        hint("deterministic", &Map::deterministic,
             "False allows another order; order is kept all the same in this version"),
        optional("output_signature", &Map::output_signature,
                 "what the function returns, as element_spec gives it; None: found when asked"),
        optional("seed", &Map::seed,
                 "any integer: the function gets a numpy.random.Generator as its last argument; None: none")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

/// Map with any callable of function.hpp.
template <class F>
Map map(F&& function) {
  return {.map_func = make_function(std::forward<F>(function))};
}

}  // namespace headrace
