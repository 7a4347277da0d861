// Variable-length text, both ways: Python's str and bytes, object arrays of them.
#pragma once

#include "numpy.hpp"

#include <headrace/tensor/tensor.hpp>

#include <span>

namespace headrace::python {

/// str or bytes objects (all of one kind) as a tensor with one heap.
Tensor texts_from(std::span<PyObject* const> items, DType dtype, const Shape& shape);

/// One item as str or bytes.
py::object text_object(Text text, Kind kind);
/// The items at `data` as an object array.
py::object text_array(const std::byte* data, Kind kind, std::span<const std::int64_t> shape,
                      std::span<const std::int64_t> strides);

}  // namespace headrace::python
