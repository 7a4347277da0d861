// The Python methods and functions of all stages and sources, made from the list in io/stages.hpp.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

/// Stages become methods of Plan; sources static methods of it and functions of the module.
void define_stages(pybind11::module_& module);

}  // namespace headrace::python
