#include "plan.hpp"

#include "callable.hpp"
#include "gil.hpp"

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/stage.hpp>

#include <new>

namespace headrace::python {
namespace {

PyTypeObject* type_object = nullptr;
PyObject* dataset_class = nullptr;

PlanObject* as_plan(PyObject* self) { return reinterpret_cast<PlanObject*>(self); }

PyObject* refuse_new(PyTypeObject*, PyObject*, PyObject*) {
  PyErr_SetString(PyExc_TypeError,
                  "a Dataset is made by a source, such as Dataset.from_tensor_slices(arrays) or Dataset.range(10)");
  return nullptr;
}

/// Visits the functions that only this plan reaches, so that `self.dataset = dataset.map(self.f)` can be collected.
/// A node that another plan or a run shares is left out: its references are not this object's alone.
/// (No other thread can make itself a sharer meanwhile: it would need the GIL.)
int visit_functions(const Node& node, visitproc visit, void* arg) {
  for (const Value& value : node.call().values) {
    if (PyObject* const callable = callable_in(value)) Py_VISIT(callable);
  }
  for (const auto& upstream : node.upstream()) {
    if (upstream.use_count() > 1) continue;
    if (const int status = visit_functions(*upstream, visit, arg)) return status;
  }
  return 0;
}

int traverse(PyObject* self, visitproc visit, void* arg) {
  Py_VISIT(Py_TYPE(self));
  const Dataset& dataset = as_plan(self)->dataset;
  if (!dataset) return 0;
  const auto node = dataset.node_ptr();  // the second reference
  return node.use_count() > 2 ? 0 : visit_functions(*node, visit, arg);
}

int clear(PyObject* self) {
  const Dataset dropped = std::exchange(as_plan(self)->dataset, Dataset());
  return 0;
}

void dealloc(PyObject* self) {
  PyTypeObject* const type = Py_TYPE(self);
  PyObject_GC_UnTrack(self);
  PlanObject* const plan = as_plan(self);
  plan->last_stats.~vector();
  plan->seeds.~Seeds();
  plan->dataset.~Dataset();
  type->tp_free(self);
  Py_DECREF(type);
}

}  // namespace

void define_plan(py::module_& module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>("A plan: sources and stages. headrace.Dataset is its public face.")},
      {Py_tp_new, reinterpret_cast<void*>(refuse_new)},
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
      {Py_tp_traverse, reinterpret_cast<void*>(traverse)},
      {Py_tp_clear, reinterpret_cast<void*>(clear)},
      {0, nullptr},
  };
  PyType_Spec spec = {"headrace._core.Plan", sizeof(PlanObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, slots};
  py::object type = own(PyType_FromSpec(&spec));
  module.attr("Plan") = type;
  type_object = reinterpret_cast<PyTypeObject*>(type.release().ptr());
  module.def("set_dataset_class", [](py::object cls) { dataset_class = cls.release().ptr(); });
}

PyTypeObject* plan_type() { return type_object; }

py::object wrap(Dataset dataset) {
  auto* const type = dataset_class ? reinterpret_cast<PyTypeObject*>(dataset_class) : type_object;
  py::object object = own(type->tp_alloc(type, 0));
  PlanObject* const plan = as_plan(object.ptr());
  new (&plan->dataset) Dataset(std::move(dataset));
  new (&plan->seeds) Seeds();
  new (&plan->last_stats) std::vector<StageStats>();
  return object;
}

bool is_plan(PyObject* object) { return PyObject_TypeCheck(object, type_object); }

PlanObject& plan_of(py::handle object) {
  require<TypeError>(is_plan(object.ptr()), "headrace", "a Dataset is needed, got ", shown(object.ptr()));
  PlanObject& plan = *as_plan(object.ptr());
  require<StateError>(static_cast<bool>(plan.dataset), "headrace",
                      "this Dataset was taken apart by the garbage collector");
  return plan;
}

}  // namespace headrace::python
