#include "components.hpp"

#include "errors.hpp"

namespace headrace::python {
namespace {

PyObject* ragged_class = nullptr;
PyObject* sparse_class = nullptr;

}  // namespace

Compound component_class_of(PyObject* value) {
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(value));
  if (type == ragged_class) return Compound::ragged;
  return type == sparse_class ? Compound::sparse : Compound::none;
}

PyObject* component_class(Compound kind) {
  PyObject* const found = kind == Compound::ragged ? ragged_class : sparse_class;
  require<StateError>(found != nullptr, "headrace", "the package headrace is needed for this element, not _core alone");
  return found;
}

StructurePtr read_component(PyObject* value, Compound kind, const Place& place, bool sole, const LeafSink& leaf) {
  const StructurePtr& structure = kind == Compound::ragged ? RaggedTensor::structure() : SparseTensor::structure();
  for (const std::string& part : structure->keys()) {
    // The instance, which cannot change, keeps its part: so a part that nobody else has is seen to be that.
    PyObject* const item = own(PyObject_GetAttrString(value, part.c_str())).ptr();
    leaf(item, place.at(part), sole);
  }
  return structure;
}

void define_components(py::module_& module) {
  module.def("set_component_classes", [](py::object ragged, py::object sparse) {
    ragged_class = ragged.release().ptr();
    sparse_class = sparse.release().ptr();
  });
}

}  // namespace headrace::python
