#include "gil.hpp"
#include "iterator.hpp"

namespace headrace::python {
namespace {

py::dict stats_entry(const StageStats& stats) {
  const Account& account = stats.account;
  py::dict entry;
  entry["stage"] = stats.label;
  entry["text"] = stats.text;
  entry["depth"] = stats.depth;
  const std::pair<const char*, std::int64_t> counts[] = {
      {"in", account.in},           {"used", account.used},     {"filtered", account.filtered},
      {"dropped", account.dropped}, {"failed", account.failed}, {"held", account.held()},
      {"outputs", account.outputs}, {"bytes", account.bytes},   {"discarded", account.discarded}};
  for (const auto& [name, count] : counts) entry[name] = count;
  py::dict causes;
  for (const auto& [cause, count] : stats.causes) causes[py::str(cause)] = count;
  entry["causes"] = causes;
  py::dict done;
  for (const auto& [what, count] : stats.counts) done[py::str(what)] = count;
  entry["counts"] = done;
  entry["busy_seconds"] = account.busy_seconds;
  entry["wait_seconds"] = account.wait_seconds;
  return entry;
}

/// Calls `body` with the iterator in turn.
template <class F>
PyObject* in_turn(PyObject* self, F&& body) {
  return guarded([&]() -> py::object {
    IteratorObject& object = as_iterator(self);
    release_pending();
    const Turns::Turn turn(*object.turns);
    const Inside inside;
    return body(object);
  });
}

PyObject* state_dict(PyObject* self, PyObject*) {
  return in_turn(self, [](IteratorObject& object) -> py::object {
    return py::module_::import("json").attr("loads")(object.iterator->state());
  });
}

std::string json_of(PyObject* state) {
  require(PyDict_Check(state), "state", "it must be a dict as state_dict() gives it, got ", shown(state));
  try {
    const py::object json = py::module_::import("json");
    return json.attr("dumps")(py::handle(state), py::arg("allow_nan") = false).cast<std::string>();
  } catch (const py::error_already_set&) {
    throw ValueError("[state] it holds values that no JSON text can hold; it is no state, or it was altered");
  }
}

PyObject* load_state_dict(PyObject* self, PyObject* state) {
  return in_turn(self, [state](IteratorObject& object) -> py::object {
    object.iterator->load_state(json_of(state));
    PlanObject& plan = plan_of(object.plan);
    plan.dataset.set_next_epoch(object.iterator->epoch() + 1);
    plan.seeds = object.iterator->seeds();
    return py::none();
  });
}

PyObject* close(PyObject* self, PyObject*) {
  return in_turn(self, [](IteratorObject& object) -> py::object {
    object.iterator->close();
    return py::none();
  });
}

PyObject* enter(PyObject* self, PyObject*) { return Py_NewRef(self); }
PyObject* exit(PyObject* self, PyObject*) { return close(self, nullptr); }

PyObject* stats(PyObject* self, PyObject*) {
  return in_turn(self, [](IteratorObject& object) -> py::object { return stats_list(object.iterator->stats()); });
}

PyObject* refuse_pickle(PyObject*, PyObject*) {
  PyErr_SetString(
      PyExc_TypeError,
      "an iterator cannot be pickled; pickle the dataset and state_dict(), and load_state_dict() in a new iterator");
  return nullptr;
}

PyObject* epoch(PyObject* self, void*) {
  return in_turn(self, [](IteratorObject& object) -> py::object { return py::int_(object.iterator->epoch()); });
}
PyObject* position(PyObject* self, void*) {
  return in_turn(self, [](IteratorObject& object) -> py::object { return py::int_(object.iterator->position()); });
}

}  // namespace

PyMethodDef iterator_methods[] = {
    {"state_dict", state_dict, METH_NOARGS,
     "state_dict($self)\n--\n\n"
     "Returns where the run stands, as a dict of JSON types.\n\n"
     "It holds positions and seeds, no elements, and a fingerprint of the plan: stages, options, source dtypes and "
     "sizes,\n"
     "functions by name. Array contents and function bodies are not looked at. Waits for a next() in progress.\n"},
    {"load_state_dict", load_state_dict, METH_O,
     "load_state_dict($self, state, /)\n--\n\n"
     "Goes to a saved place of the same plan; the next iter(dataset) is the epoch after it.\n\n"
     "Errors: ValueError for another plan's, another version's or a damaged state; the iterator is then as before.\n"},
    {"close", close, METH_NOARGS, "close($self)\n--\n\nStops what runs ahead. next() is a ValueError from now on.\n"},
    {"stats", stats, METH_NOARGS,
     "stats($self)\n--\n\n"
     "Returns the accounts of all stages, the last stage first, as dicts.\n\n"
     "in = used + filtered + dropped + failed + held, at the consumer's position; causes counts what was dropped, "
     "where the\n"
     "stage tells why; counts tells what else it did, from_hdf5 how many chunks it 'decoded'.\n"},
    {"__enter__", enter, METH_NOARGS, "__enter__($self)\n--\n\n"},
    {"__exit__", exit, METH_VARARGS, "__exit__($self, *exception)\n--\n\nCloses the iterator.\n"},
    {"__reduce__", refuse_pickle, METH_NOARGS, nullptr},
    {nullptr, nullptr, 0, nullptr},
};

PyGetSetDef iterator_properties[] = {
    {"epoch", epoch, nullptr, "The number of this pass over the dataset, from 0.", nullptr},
    {"position", position, nullptr, "Elements taken so far in this epoch, those before a loaded state among them.",
     nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

Py_ssize_t iterator_length(PyObject* self) {
  return guarded(Py_ssize_t{-1}, [self]() -> Py_ssize_t {
    IteratorObject& object = as_iterator(self);
    const Turns::Turn turn(*object.turns);
    const auto left = object.iterator->remaining();
    require<TypeError>(left.has_value(), "iterator",
                       "how many elements are left is not known; the dataset is a stream or has no end");
    return static_cast<Py_ssize_t>(*left);
  });
}

py::list stats_list(const std::vector<StageStats>& stats) {
  py::list list;
  for (const StageStats& entry : stats) list.append(stats_entry(entry));
  return list;
}

}  // namespace headrace::python
