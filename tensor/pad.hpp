// Rows of differing sizes made one tensor: padded to one shape, or joined end to end.
#pragma once

#include <span>

#include <headrace/tensor/tensor.hpp>

namespace headrace {

/// Rows [begin, begin + count) of a tensor.
struct Slice {
  std::int64_t begin = 0;
  std::int64_t count = 0;
};

/// NumPy's "not a time", in every unit.
inline constexpr std::int64_t kNaT = INT64_MIN;
/// One item of `dtype` that fills where nothing is said: 0, False, '', b'', NaT.
Tensor default_padding(DType dtype);

/// Stacks along a new leading axis. Each item lies at the start of every axis of a row of `shape`; `padding`, one item
/// of `dtype`, fills the rest. The items are of `dtype` (fixed-width text: at most as wide), have `shape`'s rank and
/// nowhere more than its sizes, all of which is trusted. Heaps are joined as by stack().
Tensor pad(std::span<const Tensor> items, DType dtype, const Shape& shape, const Tensor& padding);
/// The same for slices of one tensor: no Tensor is made for a row.
Tensor pad(const Tensor& from, std::span<const Slice> slices, const Shape& shape, const Tensor& padding);

/// The slices one after the other: a view where each begins where the one before ends, else a copy.
Tensor join(const Tensor& from, std::span<const Slice> slices);

}  // namespace headrace
