// read_hdf5 and write_hdf5.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_hdf5(pybind11::module_& module);

}  // namespace headrace::python
