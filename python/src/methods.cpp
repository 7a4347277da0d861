#include "methods.hpp"

#include "binder.hpp"
#include "plan.hpp"

#include <headrace/io/stages.hpp>

#include <array>
#include <utility>

namespace headrace::python {
namespace {

constexpr std::size_t kSources = std::tuple_size_v<AllSources>;
constexpr std::size_t kStages = std::tuple_size_v<AllStages>;

/// Python calls a C function without telling it which; so each entry of the list has its own.
template <std::size_t I>
PyObject* call(PyObject* self, PyObject* args, PyObject* kwargs) {
  return guarded(
      [&] { return attach(*all_stages()[I], I < kSources ? nullptr : &plan_of(self).dataset, args, kwargs); });
}

/// What Python keeps pointers to, for ever.
struct Method {
  std::string doc;
  PyMethodDef def;
};

template <std::size_t... I>
std::array<PyCFunction, sizeof...(I)> all_calls(std::index_sequence<I...>) {
  return {reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(call<I>))...};
}

/// What CPython takes __text_signature__ and __doc__ from.
std::string method_doc(const StageInfo& stage) {
  std::string text = signature(stage);
  if (!stage.source) text.insert(stage.name.size() + 1, "$self, ");
  return text + "\n--\n\n" + docstring(stage);
}

PyMethodDef* make_method(std::size_t i) {
  static const auto calls = all_calls(std::make_index_sequence<kSources + kStages>());
  const StageInfo& stage = *all_stages()[i];
  auto* const method = new Method{method_doc(stage), {}};
  method->def = {stage.name.c_str(), calls[i], METH_VARARGS | METH_KEYWORDS, method->doc.c_str()};
  return &method->def;
}

}  // namespace

void define_stages(py::module_& module) {
  auto* const type = reinterpret_cast<PyObject*>(plan_type());
  py::list sources;
  for (std::size_t i = 0; i < kSources; ++i) {
    PyMethodDef* const def = make_method(i);
    const py::object function = own(PyCFunction_NewEx(def, nullptr, py::str("headrace").ptr()));
    module.attr(def->ml_name) = function;
    check(PyObject_SetAttrString(type, def->ml_name, own(PyStaticMethod_New(function.ptr())).ptr()));
    sources.append(py::str(def->ml_name));
  }
  module.attr("__all__") = sources;  // the package takes them all by *
  for (std::size_t i = kSources; i < kSources + kStages; ++i) {
    PyMethodDef* const def = make_method(i);
    check(PyObject_SetAttrString(type, def->ml_name, own(PyDescr_NewMethod(plan_type(), def)).ptr()));
  }
}

}  // namespace headrace::python
