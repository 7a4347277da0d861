#include "callable.hpp"

#include "structures.hpp"

namespace headrace::python {
namespace {

std::string name_of(PyObject* callable) {
  const std::string name = text_attribute(callable, "__qualname__");
  if (!name.empty()) return name;
  py::object inner = py::reinterpret_steal<py::object>(PyObject_GetAttrString(callable, "func"));  // functools.partial
  PyErr_Clear();
  const std::string type = text_attribute(reinterpret_cast<PyObject*>(Py_TYPE(callable)), "__qualname__");
  return inner ? type + "(" + name_of(inner.ptr()) + ")" : type;
}

}  // namespace

PyCallable::PyCallable(py::object callable) : name_(name_of(callable.ptr())) { callable_ = keep(std::move(callable)); }

PyObject* callable_in(const Value& value) {
  const PyCallable* found = nullptr;
  if (const auto* const function = std::get_if<FunctionPtr>(&value))
    found = dynamic_cast<const PyCallable*>(function->get());
  if (const auto* const generator = std::get_if<GeneratorPtr>(&value))
    found = dynamic_cast<const PyCallable*>(generator->get());
  return found && !found->shares() ? found->callable() : nullptr;
}

}  // namespace headrace::python
