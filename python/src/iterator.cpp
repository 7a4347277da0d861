#include "iterator.hpp"

#include "gil.hpp"
#include "tensors.hpp"
#include "warnings.hpp"

#include <structmember.h>

#include <new>
#include <unordered_set>

namespace headrace::python {
namespace {

PyTypeObject* type_object = nullptr;

/// Those alive, for the exit hook. Guarded by the GIL.
std::unordered_set<IteratorObject*>& live() {
  static auto& set = *new std::unordered_set<IteratorObject*>;
  return set;
}

py::object deliver_element(IteratorObject& self, const Rows& rows, std::int64_t row) {
  if (rows.stacked) {
    const auto leaf = [&](int i) {
      const Tensor& column = rows.columns[static_cast<std::size_t>(i)];
      return self.tensors ? wrap_tensor(kept_tensor(column.row(row), self.how)) : deliver_row(column, row, self.how);
    };
    if (rows.structure->kind() == Structure::Kind::leaf) return leaf(0);
    return self.moulds.of(rows.structure)->fill(leaf);
  }
  const Element& element = rows.list[static_cast<std::size_t>(row)].element;
  const auto leaf = [&](int i) {
    const Tensor& component = element.components[static_cast<std::size_t>(i)];
    return self.tensors ? wrap_tensor(kept_tensor(component, self.how)) : deliver(component, self.how);
  };
  if (element.structure->kind() == Structure::Kind::leaf) return leaf(0);
  return self.moulds.of(element.structure)->fill(leaf);
}

/// Empty at the end.
py::object next(IteratorObject& self) {
  release_pending();
  const Turns::Turn turn(*self.turns);
  const Inside inside;
  const RowView row = self.iterator->peek();
  give_warnings();
  if (row.empty()) return {};
  if (const FailurePtr failure = row.failure(0)) {
    self.iterator->advance();
    throw Failed{failure};
  }
  py::object element = deliver_element(self, *row.rows, row.begin);
  check(PyErr_CheckSignals());  // Ctrl-C during the wait: raised later, in the loop's body, it would cost this element
  self.iterator->advance();
  return element;
}

PyObject* iternext(PyObject* self) {
  return guarded([&] { return next(as_iterator(self)); });
}

void keep_stats(IteratorObject& self) noexcept {
  try {
    plan_of(self.plan).last_stats = self.iterator->stats();
  } catch (...) {  // only figures are lost
  }
}

void dealloc(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  IteratorObject& self = as_iterator(object);
  live().erase(&self);
  if (self.weakrefs) PyObject_ClearWeakRefs(object);
  keep_stats(self);
  self.iterator.reset();
  if (!self.turns->destructible()) static_cast<void>(self.turns.release());
  self.~IteratorObject();
  type->tp_free(object);
  Py_DECREF(type);
}

int is_true(PyObject*) { return 1; }  // as any iterator, also when nothing is left

PyMemberDef members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(IteratorObject, weakrefs), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

}  // namespace

void define_iterator(py::module_& module) {
  PyType_Slot slots[] = {
      {Py_tp_doc,
       const_cast<char*>(
           "One pass over a Dataset, made by iter(dataset) or dataset.iterator(). Threads may share it: each\n"
           "element goes to one of them.")},
      {Py_tp_iter, reinterpret_cast<void*>(PyObject_SelfIter)},
      {Py_tp_iternext, reinterpret_cast<void*>(iternext)},
      {Py_tp_dealloc, reinterpret_cast<void*>(dealloc)},
      {Py_tp_methods, iterator_methods},
      {Py_tp_getset, iterator_properties},
      {Py_tp_members, members},
      {Py_sq_length, reinterpret_cast<void*>(iterator_length)},
      {Py_nb_bool, reinterpret_cast<void*>(is_true)},
      {0, nullptr},
  };
  PyType_Spec spec = {"headrace._core.Iterator", sizeof(IteratorObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  py::object type = own(PyType_FromSpec(&spec));
  module.attr("Iterator") = type;
  type_object = reinterpret_cast<PyTypeObject*>(type.release().ptr());
}

py::object make_iterator(const py::object& plan_object, std::optional<std::int64_t> epoch, bool tensors) {
  release_pending();
  PlanObject& plan = plan_of(plan_object);
  require(!epoch || *epoch >= 0, "iterator", "epoch must be >= 0, got ", epoch.value_or(0));
  const Inside inside;
  auto iterator =
      std::make_unique<Iterator>(plan.dataset.node_ptr(), epoch.value_or(plan.dataset.next_epoch()), plan.seeds);
  if (!epoch) plan.dataset.set_next_epoch(plan.dataset.next_epoch() + 1);
  auto turns = std::make_unique<Turns>(*iterator);
  py::object object = own(type_object->tp_alloc(type_object, 0));
  IteratorObject& self = as_iterator(object.ptr());
  const Deliver how = iterator->writable() ? Deliver::writable : Deliver::keepable;
  new (&self.iterator) std::unique_ptr<Iterator>(std::move(iterator));
  new (&self.turns) std::unique_ptr<Turns>(std::move(turns));
  new (&self.plan) py::object(plan_object);
  new (&self.moulds) MouldCache();
  self.how = how;
  self.tensors = tensors;
  live().insert(&self);
  return object;
}

void close_iterators() {
  std::vector<py::object> open;  // closing one may drop others
  for (IteratorObject* const self : live())
    open.push_back(py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(self)));
  for (const py::object& object : open) {
    const IteratorObject& self = as_iterator(object.ptr());
    if (self.turns->taken()) continue;
    try {
      self.iterator->close();
    } catch (...) {  // nothing more can be done for it
    }
  }
}

}  // namespace headrace::python
