// write_csv.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_csv(pybind11::module_& module);

}  // namespace headrace::python
