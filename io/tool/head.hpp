#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Head {
  std::string file;
  std::string dataset;
  std::int64_t rows = 5;
  static constexpr auto name = "head";
  static constexpr auto summary = "Shows the first rows of a dataset, or of all.";
  static constexpr auto details =
      "Long rows are cut short: [0, 1, 2, 3, ..., 9]. Dates are counts of their unit. A dataset that cannot be read is "
      "said to be so on standard error, the others are shown, and the exit code is 1.";
  static std::vector<Example> examples() {
    return {{"headrace head train.h5", "5 rows of each dataset"},
            {"headrace head train.h5 /labels -n 20", "20 rows of one"}};
  }
  static constexpr auto parameters() {
    return std::tuple{argument("FILE", &Head::file, "an HDF5 file"),
                      argument("DATASET", &Head::dataset, "its name; without one all datasets", false),
                      option("rows", 'n', "N", &Head::rows, "so many")};
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
