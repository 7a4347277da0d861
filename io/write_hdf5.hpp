// Elements into an HDF5 file.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <headrace/pipeline/dataset.hpp>

namespace headrace {

struct Hdf5Options {
  std::optional<std::int64_t> chunk_rows;           // nullopt: 512 KiB of the largest component, or all rows
  std::optional<std::string> compression = "gzip";  // or "lzf"; nullopt: none
  std::int64_t level = 4;                           // of gzip, 0 to 9
  bool shuffle = true;
  bool checksum = true;  // fletcher32
  std::vector<std::pair<std::string, Tensor>> attributes;
  std::function<void(std::int64_t rows)> progress;  // after each chunk; may throw to stop
};

/// Writes an epoch of the dataset, one array a component: dict keys are names, groups where they are nested; the parts
/// of a tuple are "0", "1" ...; what is alone is "data". from_hdf5(path) gives the same elements again. Chunks are
/// encoded on all threads and written in order: equal elements give equal files. The file appears whole, or not at all:
/// until then it is PATH.part. Rows that differ in their first size are sequences
/// of variable length. Throws an element's error as it comes (Failed), ValueError for rows that differ otherwise,
/// IoError where the system refuses. `seeds` are the drawn ones, empty: the plan's own.
void write_hdf5(const Dataset& dataset, std::int64_t epoch, const std::vector<std::int64_t>& seeds,
                const std::string& path, const Hdf5Options& options = {});

/// All elements of the dataset's next epoch. An element's error is thrown as it is.
void write_hdf5(Dataset& dataset, const std::string& path, const Hdf5Options& options = {});

}  // namespace headrace
