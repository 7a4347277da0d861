// Random order.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Shuffle {
  std::optional<std::int64_t> buffer_size;
  std::optional<std::int64_t> seed;
  bool reshuffle_each_iteration = true;
  static constexpr auto name = "shuffle";
  static constexpr auto summary = "Gives the elements in random order, another one each epoch.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: by (seed, epoch) alone. Without buffer_size every order is as likely, in constant memory; needs random "
      "access.\n"
      "    With it, on random access, blocks of rows are permuted and then each run of at most buffer_size rows: it "
      "bounds\n"
      "    memory, not distance. On a stream it is the usual buffer of elements. 1 keeps the order.\n"
      "Memory: nothing on random access; on a stream buffer_size elements. The state is a few numbers either way; "
      "restoring\n"
      "    reads about buffer_size * ln(buffer_size) elements again on a stream. Over more HDF5 chunks than "
      "memory_limit "
      "holds,\n"
      "    a shuffle without buffer_size decodes them again and again: a HeadraceWarning says so, once, with the "
      "cure.\n"
      "Errors: ValueError on a stream without buffer_size, on infinite random access without it, or for buffer_size < "
      "1.\n"
      "Source: tf.data.Dataset.shuffle; the permutation is a mixed-radix Feistel network (Black and Rogaway, CT-RSA "
      "2002).";
  static constexpr auto options() {
    return std::tuple{
        optional("buffer_size", &Shuffle::buffer_size, "elements mixed at once, >= 1; None: all"),
        optional("seed", &Shuffle::seed, "any integer; None draws one, kept in the state"),
        optional("reshuffle_each_iteration", &Shuffle::reshuffle_each_iteration, "another order each epoch")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
