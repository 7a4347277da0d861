// Elements into a CSV file.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <headrace/pipeline/dataset.hpp>

namespace headrace {

struct CsvOptions {
  bool header = true;
  std::string delimiter = ",";
  std::function<void(std::int64_t rows)> progress;  // after each block of rows; may throw to stop
};

/// Writes an epoch of the dataset, whose components are scalars, a row an element. The header names them: dict keys,
/// the numbers of a tuple's parts, joined by '/' where they are nested; what is alone is "data". Numbers are as short
/// as they come back equal, text stands in quotes where it must. Rows are made into text on all threads and written in
/// order. The file appears whole, or not at all: until then it is PATH.part. Throws an element's error as it comes
/// (Failed), ValueError or TypeError for elements that are no scalars or of a dtype that text does not keep, IoError
/// where the system refuses. `seeds` are the drawn ones, empty: the plan's own.
void write_csv(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
               const std::string& path, const CsvOptions& options = {});

/// All elements of the dataset's next epoch. An element's error is thrown as it is.
void write_csv(Dataset& dataset, const std::string& path, const CsvOptions& options = {});

}  // namespace headrace
