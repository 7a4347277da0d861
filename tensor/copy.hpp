// The kernels that move rows: gather, scatter, stack, concatenate. Parallel above a size, on the shared pool.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/positions.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace {

/// Copies all items of `from` into `to`: equal dtype and shape, any strides. For variable-length items the caller
/// keeps the heap (see Tensor::heap): only the items are copied.
void copy(const Tensor& from, const Tensor& to);

/// to[to_rows[i]] = from[from_rows[i]] for each i < count; rows of equal dtype and shape, any strides. Lists are
/// prefetched. Not for variable-length items of different heaps. Positions are trusted.
void copy_rows(const Tensor& from, const Positions& from_rows, const Tensor& to, const Positions& to_rows);

/// from[rows]: a view for an arithmetic range, a new tensor for a list.
Tensor gather(const Tensor& from, const Positions& rows);

/// A tensor that cannot be stacked with, or joined to, the first: "[stack] item 17 has shape (28, 27), the first has
/// (28, 28)". A caller that knows more (a stage, a position) writes its own sentence from the parts.
class MismatchError : public ValueError {
 public:
  MismatchError(std::string_view stage, std::int64_t index, std::string_view property, std::string got,
                std::string first);
  std::int64_t index() const { return index_; }              // 17
  const std::string& property() const { return property_; }  // "shape" or "dtype"
  const std::string& got() const { return got_; }            // "(28, 27)"
  const std::string& first() const { return first_; }        // "(28, 28)"

 private:
  std::int64_t index_;
  std::string property_, got_, first_;
};

/// Stacks along a new leading axis. All of one dtype and shape, otherwise MismatchError. Needs at least one.
/// Fixed-width text (S, U) is widened to the widest. Variable-length items: heaps that differ are merged into a new
/// one; a heap that all share is kept, and nothing of it is copied.
Tensor stack(std::span<const Tensor> items);

/// Joins along the leading axis; dtypes and tails must agree, as in stack.
Tensor concatenate(std::span<const Tensor> parts);

/// The same text in fixed-width items of `dtype` (S to S or U to U, at least as wide); others unchanged.
Tensor widen(const Tensor& tensor, DType dtype);

}  // namespace headrace
