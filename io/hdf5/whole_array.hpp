// An array, or a range of its rows, read at once on all threads.
#pragma once

#include <headrace/io/hdf5/array.hpp>

namespace headrace::hdf5 {

/// Rows [begin, end) of an array that has axes, which is trusted.
Tensor read_rows(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t end);
/// All of it; of a scalar a tensor without axes.
Tensor read_all(std::string_view stage, const Array& array);
/// The same into `to`, of its dtype and shape, any strides; fixed-size items only.
void read_all_into(std::string_view stage, const Array& array, const Tensor& to);
/// Rows [begin, end) of a vector of sequences; of a scalar [0, 1).
RaggedTensor read_sequences(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t end);

}  // namespace headrace::hdf5
