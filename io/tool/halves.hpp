// Numbers of 16 bits, which do not compute: see promotion.hpp.
#pragma once

#include <headrace/tensor/tensor.hpp>

namespace headrace::tool {

/// float16 and bfloat16 as float32, in C order, exactly; other dtypes as they are.
Tensor widened(const Tensor& items);

}  // namespace headrace::tool
