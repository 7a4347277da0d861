// The functions of headrace.image and headrace.io, from the list of operations.
#pragma once

#include "errors.hpp"

#include <headrace/pipeline/function.hpp>

namespace headrace::python {

void define_operations(py::module_& module);

/// The operation that a callable is, alone or as functools.partial(operation, **options); else nullptr. Throws
/// TypeError or ValueError for options that are wrong.
FunctionPtr operation_in(const py::object& callable);

}  // namespace headrace::python
