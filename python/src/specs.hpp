// Specs as structures of headrace.TensorSpec.
#pragma once

#include "errors.hpp"
#include "place.hpp"

#include <headrace/tensor/spec.hpp>

namespace headrace::python {

py::object spec_object(const Spec& spec);
/// Throws TypeError where a leaf is no TensorSpec.
Spec spec_from(PyObject* value, const Place& place);

}  // namespace headrace::python
