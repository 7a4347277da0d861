// The arrays that elements become in a file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headrace/io/hdf5/output.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace::hdf5 {

/// How arrays are to lie.
struct ChunkLayout {
  std::optional<std::int64_t> chunk_rows;           // nullopt: 512 KiB of the largest component, sequences as 1
  std::optional<std::string> compression = "gzip";  // or "lzf"; nullopt: none
  std::int64_t level = 4;                           // of gzip, 0 to 9
  bool shuffle = true;
  bool checksum = true;    // fletcher32
  std::int64_t rows = -1;  // of all chunks, if it is known: where chunk_rows is not given none is larger
};

/// What is known of rows that may be written. ValueError or TypeError "[stage] ..." for others.
Spec require_writable(std::string_view stage, const Dataset& rows);
/// An array for each leaf of `row`, all of one number of rows a chunk. ValueError where a chunk would be too large.
std::vector<NewArray> arrays_for(std::string_view stage, const Spec& row, const ChunkLayout& layout);

}  // namespace headrace::hdf5
