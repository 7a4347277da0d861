// make_tensor_proto and make_ndarray.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_tensor_proto(pybind11::module_& module);

}  // namespace headrace::python
