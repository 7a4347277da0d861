// Python objects that C++ keeps, and lets go on any thread without taking the GIL.
#pragma once

#include <pybind11/pybind11.h>

#include <memory>

namespace headrace::python {

namespace py = pybind11;

/// Whether the calling thread holds the GIL. Unlike PyGILState_Check() also right once a subinterpreter has existed.
bool holds_gil() noexcept;

/// Drops one reference: at once where the GIL is held, else at the next release_pending(). A Buffer's release function.
void release_object(void* object) noexcept;

/// Drops what other threads left. Needs the GIL; costs one load where there is nothing.
void release_pending() noexcept;

/// A reference that C++ objects may share and drop anywhere.
using Kept = std::shared_ptr<PyObject>;
Kept keep(py::object object);

}  // namespace headrace::python
