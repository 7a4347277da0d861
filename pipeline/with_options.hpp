// Options of a run.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct WithOptions {
  std::optional<std::int64_t> threads;
  std::optional<std::int64_t> memory_limit;
  std::optional<bool> deterministic;
  std::optional<bool> writable;
  static constexpr auto name = "with_options";
  static constexpr auto summary = "Sets options for runs of this dataset.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: of several set values the outermost wins, field by field.\n"
      "Memory: with writable=True, delivered arrays that others may read are copied.\n"
      "Errors: ValueError for threads < 1 or memory_limit < 1.\n"
      "Source: tf.data.Dataset.with_options.";
  static constexpr auto options() {
    return std::tuple{hint("threads", &WithOptions::threads,
                           "threads that may work, >= 1, the caller among them; None: as many as cores"),
                      hint("memory_limit", &WithOptions::memory_limit, "bytes in flight, >= 1; None: 1 GiB"),
                      hint("deterministic", &WithOptions::deterministic,
                           "False allows another order; order is kept all the same in this version"),
                      hint("writable", &WithOptions::writable, "True: every delivered array may be written to")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
