// Datasets made of elements, their elements mixed.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Interleave {
  FunctionPtr map_func;
  std::int64_t cycle_length = 8;
  std::int64_t block_length = 1;
  std::optional<std::int64_t> num_parallel_calls;
  std::optional<bool> deterministic;
  static constexpr auto name = "interleave";
  static constexpr auto summary = "Makes a dataset of each element and takes turns in giving their elements.";
  static constexpr auto details =
      "Shape: that of the datasets' elements, of unknown number.\n"
      "Order: cycle_length datasets are open at once; each gives block_length elements in its turn. One that has "
      "ended\n"
      "    is replaced by the next element's when its turn comes again. A stream from here on. A dataset made by the\n"
      "    function runs in this epoch, and what is random in it and has no seed draws one from (this stage, epoch, "
      "place).\n"
      "Memory: what the open datasets hold. The state is a place in the input and one in each open dataset; restoring "
      "calls\n"
      "    the function again for these and goes over the elements since the oldest of them.\n"
      "Errors: TypeError where the function gives no Dataset; that and its own errors stand in the place of the whole\n"
      "    dataset, an element's error in that of the element.\n"
      "Example: Dataset.range(1, 4).interleave(lambda i: hr.Dataset.range(i)) gives 0, 0, 0, 1, 1, 2.\n"
      "Source: tf.data.Dataset.interleave.";
  static constexpr auto options() {
    return std::tuple{
        required("map_func", &Interleave::map_func, "a function of an element that returns a Dataset"),
        optional("cycle_length", &Interleave::cycle_length, "datasets open at once, >= 1"),
        optional("block_length", &Interleave::block_length, "elements of one dataset in a row, >= 1"),
        hint("num_parallel_calls", &Interleave::num_parallel_calls,
             "datasets made and read at once, >= 1, at most cycle_length of them; None: one, in which built-in work "
             "runs ahead by itself"),
        hint("deterministic", &Interleave::deterministic,
             "False allows another order; order is kept all the same in this version")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
