// The package's component classes, RaggedTensor and SparseTensor.
#pragma once

#include "structures.hpp"

#include <headrace/tensor/compound.hpp>

namespace headrace::python {

/// What `value` is an instance of.
Compound component_class_of(PyObject* value);
/// The class of `kind`. Borrowed.
PyObject* component_class(Compound kind);
/// The structure of an instance; its parts go to `leaf` by name.
StructurePtr read_component(PyObject* value, Compound kind, const Place& place, bool sole, const LeafSink& leaf);
void define_components(py::module_& module);

}  // namespace headrace::python
