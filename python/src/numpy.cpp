#define HEADRACE_NUMPY_TABLE
#include "numpy.hpp"

namespace headrace::python {

void import_numpy() {
  if (_import_array() < 0) throw py::error_already_set();
}

}  // namespace headrace::python
