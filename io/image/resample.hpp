// Private to this folder: the loops of resize.
#pragma once

#include <headrace/io/image/interpolation.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::image {

/// Rows [begin, end) of `to` (h, w, c) from `from`; both in C order within a row, pixels without gaps; `from` is uint8,
/// uint16 or float32, `to` any of them: integers are rounded and clipped.
void resample(const Tensor& from, const Interpolation& down, const Interpolation& across, const Tensor& to,
              std::int64_t begin, std::int64_t end);

}  // namespace headrace::image
