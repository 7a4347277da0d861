#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Stats : Work {
  std::string file;
  std::string dataset;
  bool columns = false;
  static constexpr auto name = "stats";
  static constexpr auto summary = "Computes mean, standard deviation, range and nulls of numbers.";
  static constexpr auto details =
      "One pass over each dataset of bools, integers or floats, and over each such field of records; others are left "
      "out. Nulls are NaN and do not count otherwise. The deviation is the population's, as NumPy's std. Parts are "
      "summed in float64 and joined in the order of rows, so the result is the same for any --jobs; least and greatest "
      "integers are exact.\n"
      "Fields of a line are separated by tabs: name, count, nulls, mean, std, min, max. A dataset that cannot be read "
      "is "
      "said to be so on standard error, the others follow, and the exit code is 1.";
  static std::vector<Example> examples() {
    return {{"headrace stats train.h5", "a line for each dataset"},
            {"headrace stats train.h5 /features --columns", "a line for each column of a matrix"}};
  }
  static constexpr auto parameters() {
    return std::tuple_cat(
        std::tuple{argument("FILE", &Stats::file, "an HDF5 file"),
                   argument("DATASET", &Stats::dataset, "its name; without one all datasets", false),
                   option("columns", '\0', "", &Stats::columns, "of two axes or more: for each place of a row")},
        Work::parameters());
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
