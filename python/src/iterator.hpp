// headrace._core.Iterator: a run, as Python iterates over it.
#pragma once

#include "deliver.hpp"
#include "mould.hpp"
#include "plan.hpp"
#include "turn.hpp"

#include <headrace/pipeline/iterator.hpp>

namespace headrace::python {

struct IteratorObject {
  PyObject_HEAD PyObject* weakrefs;
  std::unique_ptr<Iterator> iterator;
  std::unique_ptr<Turns> turns;
  py::object plan;  // the headrace.Dataset whose epochs it counts
  MouldCache moulds;
  Deliver how;
  bool tensors;  // elements of headrace.Tensor, not of arrays
};

void define_iterator(py::module_& module);
/// A run of the plan's next epoch, or of `epoch`; its elements are arrays, or Tensors.
py::object make_iterator(const py::object& plan, std::optional<std::int64_t> epoch, bool tensors);
py::list stats_list(const std::vector<StageStats>& stats);
/// Before the interpreter ends: closes what is open and not in use.
void close_iterators();

/// Slots and methods, in iterator_methods.cpp.
extern PyMethodDef iterator_methods[];
extern PyGetSetDef iterator_properties[];
Py_ssize_t iterator_length(PyObject* self);
inline IteratorObject& as_iterator(PyObject* self) { return *reinterpret_cast<IteratorObject*>(self); }

}  // namespace headrace::python
