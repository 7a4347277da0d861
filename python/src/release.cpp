#include "release.hpp"

#include <atomic>
#include <new>

namespace headrace::python {
namespace {

struct Pending {
  PyObject* object;
  Pending* next;
};
std::atomic<Pending*> pending{nullptr};

PyThreadState* current_thread_state() {
#if PY_VERSION_HEX >= 0x030D0000
  return PyThreadState_GetUnchecked();
#else
  return _PyThreadState_UncheckedGet();
#endif
}

}  // namespace

bool holds_gil() noexcept {
  if (!Py_IsInitialized()) return false;
  PyThreadState* const mine = PyGILState_GetThisThreadState();
  return mine && mine == current_thread_state();
}

void release_object(void* object) noexcept {
  auto* const reference = static_cast<PyObject*>(object);
  if (holds_gil()) {
    Py_DECREF(reference);
    return;
  }
  auto* const entry = new (std::nothrow) Pending{reference, pending.load(std::memory_order_relaxed)};
  if (!entry) return;  // out of memory: better to leak one object than to throw here
  while (!pending.compare_exchange_weak(entry->next, entry, std::memory_order_release, std::memory_order_relaxed)) {
  }
}

void release_pending() noexcept {
  if (!pending.load(std::memory_order_relaxed)) return;
  Pending* entry = pending.exchange(nullptr, std::memory_order_acquire);
  while (entry) {
    Pending* const next = entry->next;
    Py_DECREF(entry->object);
    delete entry;
    entry = next;
  }
}

Kept keep(py::object object) { return Kept(object.release().ptr(), release_object); }

}  // namespace headrace::python
