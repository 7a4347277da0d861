// Datasets side by side.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Zip {
  DatasetTree datasets;
  static constexpr auto name = "zip";
  static constexpr auto summary = "Gives elements of several datasets together.";
  static constexpr auto details =
      "Shape: a structure of datasets -> the same structure of their elements.\n"
      "Order: ends with the shortest; random access if all are. An element fails where any part fails.\n"
      "Errors: TypeError for a list; use a tuple. ValueError for no dataset.\n"
      "Source: tf.data.Dataset.zip.";
  static constexpr auto options() {
    return std::tuple{
        required("datasets", &Zip::datasets, "a dataset, or a tuple or dict of datasets, nested at will")};
  }
  Dataset operator()() const;
};

/// Elements are tuples of the parts.
Dataset zip(std::vector<Dataset> datasets);

}  // namespace headrace
