// Elements as the chunks that a file is to hold.
#pragma once

#include <functional>

#include <headrace/io/hdf5/output.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace::hdf5 {

/// What else is to be said of a batch of rows, bytes: another component at the end of its chunk. Thread-safe.
using Note = std::function<Tensor(const Element& batch)>;

/// `rows` joined by chunk and encoded on all threads, an array of `arrays` for each leaf of `row`: (their number, then
/// for each array its encoded chunk as a vector of bytes; of variable-length items the rows; of sequences their values
/// and their row_splits).
Dataset in_chunks(std::string_view stage, const Dataset& rows, const Spec& row, const std::vector<NewArray>& arrays,
                  Note note = nullptr);

/// Such a chunk into the file, whose array number `first` and those behind are `arrays`. How many rows it has.
std::int64_t append(Output& output, std::size_t first, const std::vector<NewArray>& arrays, const Element& chunk);

}  // namespace headrace::hdf5
