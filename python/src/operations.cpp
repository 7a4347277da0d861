#include "operations.hpp"

#include "binder.hpp"
#include "deliver.hpp"
#include "gil.hpp"

#include <headrace/io/operations.hpp>

#include <array>
#include <utility>

namespace headrace::python {
namespace {

constexpr std::size_t kOperations = std::tuple_size_v<Operations>;

/// A pathlib.Path as str, others as they are.
py::object plain(PyObject* value) {
  if (!PyObject_HasAttrString(value, "__fspath__")) return py::reinterpret_borrow<py::object>(value);
  return own(PyOS_FSPath(value));
}

/// The arguments with the input, if it is among the positional ones, as plain().
py::object with_plain_input(PyObject* args) {
  if (PyTuple_GET_SIZE(args) == 0) return py::reinterpret_borrow<py::object>(args);
  py::object first = plain(PyTuple_GET_ITEM(args, 0));
  if (first.ptr() == PyTuple_GET_ITEM(args, 0)) return py::reinterpret_borrow<py::object>(args);
  py::object copy = own(PySequence_List(args));
  check(PyList_SetItem(copy.ptr(), 0, first.release().ptr()));
  return own(PyList_AsTuple(copy.ptr()));
}

py::object call_operation(const OperationInfo& operation, PyObject* args, PyObject* kwargs) {
  release_pending();
  std::vector<Value> values = values_of_call(operation.call_of_input, with_plain_input(args).ptr(), kwargs);
  const Element input = std::get<Element>(values.front());
  values.erase(values.begin());
  require<TypeError>(input.structure->kind() == Structure::Kind::leaf, operation.call->name,
                     operation.call_of_input.options.front().name, " must be ",
                     operation.call_of_input.options.front().doc, ", got ", input.structure->to_string());
  const FunctionPtr function = operation.make(values);
  const Element result = [&] {
    const Inside inside;
    const Away away;
    return (*function)(input);
  }();
  return deliver(result.tensor(), Deliver::writable);
}

/// As with stages, Python calls a C function without telling it which.
template <std::size_t I>
PyObject* call(PyObject*, PyObject* args, PyObject* kwargs) {
  return guarded([&] { return call_operation(all_operations()[I], args, kwargs); });
}

template <std::size_t... I>
std::array<PyCFunction, sizeof...(I)> all_calls(std::index_sequence<I...>) {
  return {reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call<I>))...};
}

const std::array<PyCFunction, kOperations>& calls() {
  static const auto all = all_calls(std::make_index_sequence<kOperations>());
  return all;
}

const OperationInfo* plain_operation(PyObject* callable) {
  if (!PyCFunction_Check(callable)) return nullptr;
  const PyCFunction function = PyCFunction_GET_FUNCTION(callable);
  for (std::size_t i = 0; i < kOperations; ++i) {
    if (calls()[i] == function) return &all_operations()[i];
  }
  return nullptr;
}

bool is_partial(const py::object& callable) {
  static PyObject* const partial =
      py::object(py::module_::import("functools").attr("partial")).release().ptr();  // of the interpreter, for ever
  return reinterpret_cast<PyObject*>(Py_TYPE(callable.ptr())) == partial;
}

struct Described {  // what Python keeps pointers to, for ever
  std::string doc;
  PyMethodDef def;
};

py::object make_function_object(std::size_t i) {
  const OperationInfo& operation = all_operations()[i];
  const StageInfo& shown_call = operation.call_of_input;
  auto* const kept = new Described{signature(shown_call) + "\n--\n\n" + docstring(shown_call), {}};
  kept->def = {operation.call->name.c_str(), calls()[i], METH_VARARGS | METH_KEYWORDS, kept->doc.c_str()};
  const py::str module("headrace." + operation.module);
  return own(PyCFunction_NewEx(&kept->def, nullptr, module.ptr()));
}

}  // namespace

FunctionPtr operation_in(const py::object& callable) {
  const py::tuple nothing(0);
  if (const OperationInfo* const operation = plain_operation(callable.ptr())) {
    return operation->make(values_of_call(*operation->call, nothing.ptr(), nullptr));
  }
  if (!is_partial(callable)) return nullptr;
  const py::object inner = callable.attr("func");
  const OperationInfo* const operation = plain_operation(inner.ptr());
  if (!operation || py::len(callable.attr("args")) > 0) return nullptr;
  const py::object options = callable.attr("keywords");
  return operation->make(values_of_call(*operation->call, nothing.ptr(), options.ptr()));
}

void define_operations(py::module_& module) {
  py::dict modules;
  for (std::size_t i = 0; i < kOperations; ++i) {
    const OperationInfo& operation = all_operations()[i];
    if (!modules.contains(operation.module.c_str())) modules[operation.module.c_str()] = py::dict();
    modules[operation.module.c_str()][operation.call->name.c_str()] = make_function_object(i);
  }
  module.attr("operations") = modules;
}

}  // namespace headrace::python
