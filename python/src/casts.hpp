// Python numbers and lists of them in a dtype that is asked for.
#pragma once

#include "arrays.hpp"

namespace headrace::python {

/// Like tensor_from, but a Python number or a list of them comes in dtype `wanted` where nothing is lost but a float's
/// last digits. Arrays and NumPy's scalars, and what cannot be, come as they are: the caller compares.
Tensor tensor_as(PyObject* value, DType wanted, const Place& place, Taking taking, bool sole);

}  // namespace headrace::python
