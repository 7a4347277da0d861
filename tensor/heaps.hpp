// Private to stack.cpp and pad.cpp: the heaps of variable-length items that are put into one tensor.
#pragma once

#include <span>

#include <headrace/tensor/tensor.hpp>

namespace headrace::detail {

/// Gives `joined`, whose items still point into the heaps of `items`, one heap: theirs if it is one, else a new one.
void join_heaps(std::span<const Tensor> items, Tensor& joined);

}  // namespace headrace::detail
