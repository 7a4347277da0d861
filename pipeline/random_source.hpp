// Random numbers.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Random {
  std::optional<std::int64_t> seed;
  std::optional<bool> rerandomize_each_iteration;
  static constexpr auto name = "random";
  static constexpr auto summary = "Gives random whole numbers without end.";
  static constexpr auto details =
      "Shape: int64 (), each of [0, 2**32) as likely.\n"
      "Order: by (seed, position) alone, and by the epoch too where they are drawn anew; random access; nothing is "
      "stored.\n"
      "Memory: none. The state is a position, and the seed where none was given.\n"
      "Example: random(seed=3).take(4).\n"
      "Source: tf.data.Dataset.random; the numbers are splitmix64's (Steele, Lea and Flood, OOPSLA 2014).";
  static constexpr auto options() {
    return std::tuple{optional("seed", &Random::seed, "any integer; None draws one, kept in the state"),
                      optional("rerandomize_each_iteration", &Random::rerandomize_each_iteration,
                               "other numbers each epoch; None: the same")};
  }
  Dataset operator()() const;
};

inline Dataset random(std::optional<std::int64_t> seed = {}, std::optional<bool> rerandomize_each_iteration = {}) {
  return make_source(Random{seed, rerandomize_each_iteration});
}

}  // namespace headrace
