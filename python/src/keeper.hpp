// The base object of a delivered array: a Python object that does nothing but keep a Buffer alive.
#pragma once

#include "errors.hpp"

#include <headrace/tensor/buffer.hpp>

namespace headrace::python {

void prepare_keeper();  // once, before the first
py::object make_keeper(Buffer buffer);

/// What keeps `buffer` alive in Python: the caller's own array where it is one, else a new keeper.
py::object base_of(const Buffer& buffer);
/// The Python object whose memory `buffer` is, or nullptr. Borrowed.
PyObject* owner_of(const Buffer& buffer);

}  // namespace headrace::python
