// Elements into a .npy file.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <headrace/pipeline/dataset.hpp>

namespace headrace {

/// Writes an epoch of the dataset, whose elements are one component of one shape, as the rows of an array, from which
/// from_npy(path) gives them again. The file appears whole, or not at all: until then it is PATH.part. `progress` gets
/// the number of rows after each block; it may throw to stop. Throws an element's error as it comes (Failed),
/// ValueError for elements of several components or rows that differ, TypeError for dtypes that .npy has none for,
/// IoError where the system refuses. `seeds` are the drawn ones, empty: the plan's own.
void write_npy(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
               const std::string& path, const std::function<void(std::int64_t rows)>& progress = {});

/// All elements of the dataset's next epoch. An element's error is thrown as it is.
void write_npy(Dataset& dataset, const std::string& path, const std::function<void(std::int64_t rows)>& progress = {});

}  // namespace headrace
