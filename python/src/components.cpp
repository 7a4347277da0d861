#include "components.hpp"

#include "deliver.hpp"
#include "elements.hpp"
#include "gil.hpp"

#include <headrace/pipeline/padding.hpp>

namespace headrace::python {
namespace {

PyObject* ragged_class = nullptr;
PyObject* sparse_class = nullptr;

Element parts_of(const py::object& component, const char* name) {
  return ElementReader(name, "the component", Taking::share).read(component);
}

/// The splits are copied and checked: whoever changes his own must not lead us out of the values.
py::object padded(const py::object& component, const py::object& value) {
  const Element parts = parts_of(component, "RaggedTensor");
  std::optional<Tensor> padding;
  if (!value.is_none()) {
    const Tensor given = tensor_from(value.ptr(), Place{"RaggedTensor", "value"}, Taking::share, false);
    padding = padding_of("RaggedTensor", "value", parts.components[0].dtype(), given);
  }
  const Tensor dense =
      away([&] { return RaggedTensor(parts.components[0], parts.components[1].copy()).padded(padding); });
  return deliver(dense, Deliver::writable);
}

py::object to_dense(const py::object& component) {
  const Element parts = parts_of(component, "SparseTensor");
  return deliver(away([&] { return SparseTensor::of(parts).to_dense(); }), Deliver::writable);
}

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
  module.def("padded", [](const py::object& ragged, const py::object& value) {
    return answered([&] { return padded(ragged, value); });
  });
  module.def("to_dense", [](const py::object& sparse) { return answered([&] { return to_dense(sparse); }); });
}

}  // namespace headrace::python
