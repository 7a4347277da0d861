#include "mould.hpp"

namespace headrace::python {

ClassTag::ClassTag(Kept type, bool dataclass)
    : type_(std::move(type)), dataclass_(dataclass), name_(type_name(reinterpret_cast<PyTypeObject*>(type_.get()))) {}

Mould::Mould(const Structure& structure) : kind_(structure.kind()) {
  children_.reserve(structure.children().size());
  for (const StructurePtr& child : structure.children()) children_.emplace_back(*child);
  py::tuple keys(structure.keys().size());
  for (std::size_t i = 0; i < structure.keys().size(); ++i) {
    PyObject* key = own(PyUnicode_FromStringAndSize(structure.keys()[i].data(),
                                                    static_cast<Py_ssize_t>(structure.keys()[i].size())))
                        .release()
                        .ptr();
    PyUnicode_InternInPlace(&key);
    keys[i] = py::reinterpret_steal<py::object>(key);
  }
  keys_ = std::move(keys);
  if (kind_ != Structure::Kind::named) return;
  const auto* const tag = dynamic_cast<const ClassTag*>(structure.tag().get());
  if (!tag) {  // named in C++, no class of Python's: a plain tuple
    kind_ = Structure::Kind::tuple;
    return;
  }
  dataclass_ = tag->dataclass();
  constructor_ =
      dataclass_ ? py::reinterpret_borrow<py::object>(tag->type()) : own(PyObject_GetAttrString(tag->type(), "_make"));
}

py::object Mould::named(py::tuple values) const {
  if (!dataclass_) return own(PyObject_CallOneArg(constructor_.ptr(), values.ptr()));
  std::vector<PyObject*> arguments;
  for (const py::handle value : values) arguments.push_back(value.ptr());
  return own(PyObject_Vectorcall(constructor_.ptr(), arguments.data(), 0, keys_.ptr()));
}

}  // namespace headrace::python
