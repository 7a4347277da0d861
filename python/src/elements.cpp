#include "elements.hpp"

#include "mould.hpp"
#include "plan.hpp"
#include "structures.hpp"

#include <headrace/pipeline/held_dataset.hpp>

namespace headrace::python {
namespace {

bool is_key(PyObject* object, const std::string& key) { return PyUnicode_Check(object) && utf8(object) == key; }

bool same_class(const Structure& structure, PyObject* value) {
  const auto* const tag = dynamic_cast<const ClassTag*>(structure.tag().get());
  return tag && tag->type() == reinterpret_cast<PyObject*>(Py_TYPE(value));
}

}  // namespace

Element ElementReader::read(py::object value) {
  const bool sole = Py_REFCNT(value.ptr()) == 1;
  if (is_plain_leaf(value.ptr())) return tensor_from(value.ptr(), root_, taking_, sole);
  std::vector<Tensor> components;
  const StructurePtr known = last_;
  if (known && read_like(*known, value.ptr(), root_, sole, components)) return Element(known, std::move(components));
  components.clear();
  const StructurePtr structure =
      read_structure(value.ptr(), root_, sole, [&](PyObject* leaf, const Place& place, bool leaf_sole) -> StructurePtr {
        if (is_plan(leaf)) return held_dataset(plan_of(leaf).dataset);
        components.push_back(tensor_from(leaf, place, taking_, leaf_sole));
        return Structure::leaf();
      });
  last_ = structure;
  return Element(structure, std::move(components));
}

/// False where the value is another structure.
bool ElementReader::read_like(const Structure& known, PyObject* value, const Place& place, bool sole,
                              std::vector<Tensor>& components) const {
  switch (known.kind()) {
    case Structure::Kind::leaf:
      if (!is_plain_leaf(value)) return false;
      components.push_back(tensor_from(value, place, taking_, sole));
      return true;
    case Structure::Kind::none:
      return value == Py_None;
    case Structure::Kind::tuple:
      if (!PyTuple_CheckExact(value)) return false;
      break;
    case Structure::Kind::named:
      if (!PyTuple_Check(value) || !same_class(known, value)) return false;
      break;
    case Structure::Kind::held:
      return false;
    case Structure::Kind::dict:
      if (!PyDict_CheckExact(value)) return false;
  }
  const auto& children = known.children();
  if (known.kind() != Structure::Kind::dict) {
    if (PyTuple_GET_SIZE(value) != static_cast<Py_ssize_t>(children.size())) return false;
    for (std::size_t i = 0; i < children.size(); ++i) {
      PyObject* const item = PyTuple_GET_ITEM(value, static_cast<Py_ssize_t>(i));
      if (!read_like(*children[i], item, place.at(static_cast<std::int64_t>(i)), sole && Py_REFCNT(item) == 1,
                     components))
        return false;
    }
    return true;
  }
  if (PyDict_GET_SIZE(value) != static_cast<Py_ssize_t>(children.size())) return false;
  PyObject *key = nullptr, *item = nullptr;
  Py_ssize_t position = 0;
  for (std::size_t i = 0; PyDict_Next(value, &position, &key, &item); ++i) {
    if (i >= children.size() || !is_key(key, known.keys()[i])) return false;
    const py::object held = py::reinterpret_borrow<py::object>(key);
    if (!read_like(*children[i], item, place.at(known.keys()[i]), sole && Py_REFCNT(item) == 1, components))
      return false;
  }
  return true;
}

}  // namespace headrace::python
