// Reductions over axes, as NumPy does them. The order in which items are taken depends on shape and strides alone, so
// the bits are the same for any number of threads.
#pragma once

#include <optional>
#include <vector>

#include <headrace/tensor/tensor.hpp>

namespace headrace::ops {

/// Over which axes, from the end where negative; without `axes` over all. No axis at all is a choice, too: {{}}.
struct Over {
  std::optional<std::vector<int>> axes;
  bool keepdims = false;  // the axes stay, of size 1
};

/// All throw TypeError for dtypes that do not compute, and ValueError for axes that are not there or come twice.

/// Of bool and signed integers int64, of unsigned uint64, wrapping; of floats their own dtype. float32 is summed in
/// float64 and rounded once, float64 in blocks, whose error grows with the logarithm of the number, as NumPy's does.
Tensor sum(const Tensor& tensor, const Over& over = {});
/// Of bool and integers float64; of floats their own dtype, summed in float64. NaN of nothing.
Tensor mean(const Tensor& tensor, const Over& over = {});
/// NaN where one is. ValueError where a result would be of nothing, as in NumPy also where there is no result.
Tensor min(const Tensor& tensor, const Over& over = {});
Tensor max(const Tensor& tensor, const Over& over = {});

}  // namespace headrace::ops
