// The program `headrace`, called from Python.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_program(pybind11::module_& module);

}  // namespace headrace::python
