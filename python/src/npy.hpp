// write_npy.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_npy(pybind11::module_& module);

}  // namespace headrace::python
