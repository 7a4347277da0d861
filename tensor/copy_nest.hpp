// Private to copy.cpp and stack.cpp: the loops that take one strided tensor to another, reduced to as few as possible.
#pragma once

#include <headrace/tensor/tensor.hpp>

namespace headrace::detail {

/// Axes that remain once neighbours are joined, innermost first, around runs of adjacent bytes.
struct Nest {
  Dims sizes, from, to;  // `from` and `to`: strides in bytes
  std::int64_t run;

  /// The axes of `from` from `first_axis` on; items are `itemsize` bytes, which need not be to's own size.
  Nest(const Tensor& from, const Tensor& to, int first_axis, std::int64_t itemsize);
  /// Puts one more axis around the others.
  void add(std::int64_t size, std::int64_t from_stride, std::int64_t to_stride);
  std::int64_t nbytes() const;
  /// Copies everything, on this thread.
  void copy(const std::byte* from_data, std::byte* to_data) const { copy(sizes.size(), from_data, to_data); }

 private:
  void copy(int axes, const std::byte* from_data, std::byte* to_data) const;
};

/// Copies items of `itemsize` bytes, which need not be to's own size, on the pool where that is worth it.
void copy_items(const Tensor& from, const Tensor& to, std::int64_t itemsize);

}  // namespace headrace::detail
