// NumPy arrays, scalars, texts and lists as tensors.
#pragma once

#include "numpy.hpp"
#include "place.hpp"

#include <headrace/tensor/tensor.hpp>

namespace headrace::python {

enum class Taking : unsigned char {
  share,  // use the memory in place; the caller may change it, so it is never writable
  view,   // the same for the caller's own use: writable where it is
  give,   // a function's result: taken over if nobody else can see it, else copied
};

/// Whatever is array data. `sole` says that whatever holds `value` is seen by nobody else. Throws TypeError or
/// ValueError naming `place`.
Tensor tensor_from(PyObject* value, const Place& place, Taking taking, bool sole);

/// Whether nobody but the holder of the one reference can reach the array's memory.
bool is_sole(PyObject* array);

/// The same for one array, `sole` as is_sole() said, and for a list.
Tensor tensor_from_array(py::object array, const Place& place, Taking taking, bool sole);
Tensor tensor_from_list(PyObject* list, const Place& place, Taking taking);

}  // namespace headrace::python
