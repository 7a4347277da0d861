#include "keeper.hpp"

#include <new>

namespace headrace::python {
namespace {

struct Keeper {
  PyObject_HEAD Buffer buffer;
};

// Keepers come and go with every batch: a few are kept to be used again. Guarded by the GIL.
constexpr int kSpares = 64;
Keeper* spares[kSpares];
int spare_count = 0;

void dealloc(PyObject* object) {
  auto* const keeper = reinterpret_cast<Keeper*>(object);
  keeper->buffer.~Buffer();
  if (spare_count < kSpares) {
    spares[spare_count++] = keeper;
  } else {
    PyObject_Free(keeper);
  }
}

PyTypeObject make_type() {
  PyTypeObject type = {PyVarObject_HEAD_INIT(nullptr, 0)};
  type.tp_name = "headrace._core.Memory";
  type.tp_basicsize = sizeof(Keeper);
  type.tp_dealloc = dealloc;
  type.tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION;
  type.tp_doc = "Memory of a delivered array.";
  return type;
}
PyTypeObject keeper_type = make_type();

}  // namespace

void prepare_keeper() { check(PyType_Ready(&keeper_type)); }

py::object make_keeper(Buffer buffer) {
  void* const memory = spare_count > 0 ? static_cast<void*>(spares[--spare_count]) : PyObject_Malloc(sizeof(Keeper));
  if (!memory) throw std::bad_alloc();
  PyObject* const object = PyObject_Init(static_cast<PyObject*>(memory), &keeper_type);
  new (&reinterpret_cast<Keeper*>(object)->buffer) Buffer(std::move(buffer));
  return py::reinterpret_steal<py::object>(object);
}

PyObject* owner_of(const Buffer& buffer) { return static_cast<PyObject*>(buffer.foreign_owner(release_object)); }

py::object base_of(const Buffer& buffer) {
  if (PyObject* const owner = owner_of(buffer)) return py::reinterpret_borrow<py::object>(owner);
  return make_keeper(buffer);
}

}  // namespace headrace::python
