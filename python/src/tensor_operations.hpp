// The operations of tensor/elementwise.hpp and tensor/reduce.hpp: functions of the package, operators and methods of
// Tensor.
#pragma once

#include "errors.hpp"

#include <headrace/tensor/tensor.hpp>

namespace headrace::python {

void define_tensor_operations(py::module_& module);

/// In another dtype: by headrace's kernels where both compute, else by NumPy.
Tensor cast_or_convert(const Tensor& tensor, DType dtype, std::string_view stage);

enum class Reduction : unsigned char { sum, mean, min, max };
/// A method's call: axis=None, keepdims=False.
PyObject* reduce_method(Reduction which, PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords);

/// Slots; one of the two operands is a Tensor.
PyObject* tensor_add(PyObject* a, PyObject* b);
PyObject* tensor_subtract(PyObject* a, PyObject* b);
PyObject* tensor_multiply(PyObject* a, PyObject* b);
PyObject* tensor_divide(PyObject* a, PyObject* b);
PyObject* tensor_and(PyObject* a, PyObject* b);
PyObject* tensor_or(PyObject* a, PyObject* b);
PyObject* tensor_xor(PyObject* a, PyObject* b);
PyObject* tensor_negative(PyObject* a);
PyObject* tensor_positive(PyObject* a);
PyObject* tensor_absolute(PyObject* a);
PyObject* tensor_invert(PyObject* a);
PyObject* tensor_compare(PyObject* a, PyObject* b, int comparison);

}  // namespace headrace::python
