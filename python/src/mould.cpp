#include "mould.hpp"

#include "components.hpp"
#include "plan.hpp"
#include "specs.hpp"

#include <headrace/pipeline/held_dataset.hpp>

namespace headrace::python {
namespace {

py::tuple interned(const std::vector<std::string>& keys) {
  py::tuple result(keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    PyObject* key =
        own(PyUnicode_FromStringAndSize(keys[i].data(), static_cast<Py_ssize_t>(keys[i].size()))).release().ptr();
    PyUnicode_InternInPlace(&key);
    result[i] = py::reinterpret_steal<py::object>(key);
  }
  return result;
}

/// (class, whether it is a dataclass), or None.
py::object find_class(const std::string& name, PyObject* keys) {
  const py::object fields = keys ? py::reinterpret_borrow<py::object>(keys) : py::tuple(0);
  return py::module_::import("headrace.classes").attr("find")(name, fields);
}

}  // namespace

ClassTag::ClassTag(Kept type, bool dataclass)
    : type_(std::move(type)), dataclass_(dataclass), name_(type_name(reinterpret_cast<PyTypeObject*>(type_.get()))) {}

Mould::Mould(const Structure& structure) : kind_(structure.kind()), value_(structure.value()) {
  children_.reserve(structure.children().size());
  for (const StructurePtr& child : structure.children()) children_.emplace_back(*child);
  if (!structure.keys().empty()) keys_ = keep(interned(structure.keys()));
  if (kind_ != Structure::Kind::named) return;
  if (const Compound kind = compound_of(structure); kind != Compound::none) {
    constructor_ = keep(own(PyObject_GetAttrString(component_class(kind), "_make")));
    return;
  }
  const auto* const tag = dynamic_cast<const ClassTag*>(structure.tag().get());
  const auto loaded = tag ? py::none() : find_class(structure.tag()->name(), keys_.get());
  if (!tag && loaded.is_none()) {  // named in C++, or a class that is not imported: a plain tuple
    kind_ = Structure::Kind::tuple;
    return;
  }
  const auto type = py::reinterpret_borrow<py::object>(tag ? tag->type() : PyTuple_GET_ITEM(loaded.ptr(), 0));
  dataclass_ = tag ? tag->dataclass() : PyTuple_GET_ITEM(loaded.ptr(), 1) == Py_True;
  constructor_ = keep(dataclass_ ? type : own(PyObject_GetAttrString(type.ptr(), "_make")));
}

/// A Dataset, or in a spec its description.
py::object Mould::held() const {
  const auto* const held = dynamic_cast<const HeldDataset*>(value_.get());
  require<TypeError>(held != nullptr, "headrace", "this value has no form in Python: ", value_->to_string());
  return held->dataset() ? wrap(held->dataset()) : dataset_spec_object(held->element_spec());
}

py::object Mould::named(py::tuple values) const {
  if (!dataclass_) return own(PyObject_CallOneArg(constructor_.get(), values.ptr()));
  std::vector<PyObject*> arguments;
  for (const py::handle value : values) arguments.push_back(value.ptr());
  return own(PyObject_Vectorcall(constructor_.get(), arguments.data(), 0, keys_.get()));
}

}  // namespace headrace::python
