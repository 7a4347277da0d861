// Private to the operations: tensors of differing shapes and dtypes brought to one loop.
#pragma once

#include <span>
#include <string_view>

#include <headrace/tensor/loops.hpp>
#include <headrace/tensor/promotion.hpp>

namespace headrace::detail {

/// One input of a loop: an operand, read as the dtype that the loop takes. Points at the operand's tensor.
class Argument {
 public:
  Argument(std::string_view stage, const ops::Operand& operand, DType wanted);
  Argument(const Argument&) = delete;

  const Shape& shape() const;
  const std::byte* data() const { return tensor_ ? tensor_->data() : item_; }
  /// Bytes between neighbours on the axis that is `back` axes before the last one; 0 where it is broadcast.
  std::int64_t step(int back) const;
  /// What brings items to the wanted dtype; nullptr where they have it.
  Loop cast() const { return cast_; }
  std::int64_t itemsize() const { return itemsize_; }  // as wanted

 private:
  const Tensor* tensor_ = nullptr;  // nullptr: item_ is all
  Loop cast_ = nullptr;
  std::int64_t itemsize_;
  alignas(8) std::byte item_[8];
};

/// loop over the arguments, broadcast to one shape, as a new tensor of `result`, on the pool where that is worth it.
/// `weight`: an item's work, 1 for what memory limits. ValueError where shapes do not fit or have over 64 axes.
Tensor broadcast(std::string_view stage, Loop loop, DType result, std::span<const Argument* const> arguments,
                 int weight = 1);

/// The shape that all broadcast to.
Shape broadcast_shape(std::string_view stage, std::span<const Argument* const> arguments);

}  // namespace headrace::detail
