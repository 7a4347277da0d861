// Elements as the chunks that a file is to hold.
#pragma once

#include <headrace/io/hdf5/output.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace::hdf5 {

/// `rows` joined by chunk and encoded on all threads, an array of `arrays` for each leaf of `row`: (their number, then
/// for each array its encoded chunk as a vector of bytes; of variable-length items the rows; of sequences their values
/// and their row_splits).
Dataset in_chunks(std::string_view stage, const Dataset& rows, const Spec& row, const std::vector<NewArray>& arrays);

}  // namespace headrace::hdf5
