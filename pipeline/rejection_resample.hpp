// Elements dropped at random until their classes come in given shares.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct RejectionResample {
  FunctionPtr class_func;
  Element target_dist;
  std::optional<Element> initial_dist;
  std::optional<std::int64_t> seed;
  static constexpr auto name = "rejection_resample";
  static constexpr auto summary = "Drops elements at random so that classes come in given shares.";
  static constexpr auto details =
      "Shape: (...) -> (int64 (), (...)): the class and the element, of unknown number.\n"
      "Order: kept; a stream from here on. An element of class c is kept with probability r[c] / max(r), r = "
      "target_dist "
      "/ the\n"
      "    share of c: initial_dist or, without it, what was counted so far, this element among it, with 10 to begin "
      "with "
      "for\n"
      "    every class. The choice follows from (seed, epoch, position). Every element is read once and comes at most "
      "once (tf.data\n"
      "    also mixes in elements of a second pass). The state is a place in the input and, without initial_dist, the "
      "counts.\n"
      "Errors: ValueError for distributions that are not as many finite numbers >= 0 of sum 1 (to 1e-6), for a class "
      "of "
      "the target\n"
      "    that initial_dist never has, and in the place of an element whose class is out of range; TypeError where it "
      "is "
      "no integer.\n"
      "Example: ds.rejection_resample(lambda x, y: y, [0.5, 0.5], initial_dist=[0.9, 0.1], seed=1)\n"
      "Source: tf.data.Dataset.rejection_resample.";
  static constexpr auto options() {
    return std::tuple{
        required("class_func", &RejectionResample::class_func,
                 "a function of an element that returns its class, an integer within [0, len(target_dist))"),
        required("target_dist", &RejectionResample::target_dist, "the share of each class that should come out"),
        optional("initial_dist", &RejectionResample::initial_dist,
                 "the share of each class in the input; None: counted as it comes"),
        optional("seed", &RejectionResample::seed, "any integer; None draws one")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
