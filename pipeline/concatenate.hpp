// One dataset after another.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Concatenate {
  Dataset dataset;
  static constexpr auto name = "concatenate";
  static constexpr auto summary = "Gives another dataset's elements after this one's.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: this one, then dataset; random access stays if all but the last are finite.\n"
      "Errors: TypeError where structures, dtypes or ranks are known to differ.\n"
      "Source: tf.data.Dataset.concatenate.";
  static constexpr auto options() { return std::tuple{required("dataset", &Concatenate::dataset, "what follows")}; }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
