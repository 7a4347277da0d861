// DType and NumPy's dtype objects, both ways.
#pragma once

#include "errors.hpp"
#include "numpy.hpp"

#include <headrace/tensor/dtype.hpp>

#include <optional>

namespace headrace::python {

/// The dtype that arrays of `dtype` have in NumPy: object for variable-length text. Borrowed; lives for ever.
PyArray_Descr* descr_of(DType dtype);

/// The DType of NumPy's plain types by type number, or none: the fast way, native byte order only.
DType plain_dtype(int type_num);

/// The DType of a NumPy dtype, native byte order taken for granted (see is_native); nothing for object, StringDType and
/// what the library does not know: longdouble, plain void.
std::optional<DType> dtype_of(PyArray_Descr* descr);
bool is_native(PyArray_Descr* descr);
/// The same dtype in native byte order.
py::object native(PyArray_Descr* descr);

}  // namespace headrace::python
