// headrace._core: the C++ side of the package.
#include "components.hpp"
#include "csv.hpp"
#include "dlpack.hpp"
#include "ends.hpp"
#include "hdf5.hpp"
#include "iterator.hpp"
#include "keeper.hpp"
#include "methods.hpp"
#include "npy.hpp"
#include "numpy.hpp"
#include "operations.hpp"
#include "plan.hpp"
#include "program.hpp"
#include "tensor_operations.hpp"
#include "tensor_proto.hpp"
#include "tensors.hpp"
#include "warnings.hpp"

PYBIND11_MODULE(_core_module, module) {
  using namespace headrace::python;
  import_numpy();
  prepare_keeper();
  module.attr("__version__") = HEADRACE_VERSION;
  define_tensor(module);
  define_tensor_functions(module);
  define_dlpack(module);
  define_tensor_operations(module);
  define_components(module);
  define_plan(module);
  define_iterator(module);
  define_stages(module);
  define_ends(module);
  define_hdf5(module);
  define_npy(module);
  define_csv(module);
  define_tensor_proto(module);
  define_operations(module);
  define_program(module);
  define_pickling(module);
  define_counters(module);
  define_process_hooks(module);
  collect_warnings();
}

/// What Python looks for. The check comes before pybind11's own set-up, which waits for ever in a subinterpreter
/// of 3.11.
extern "C" PYBIND11_EXPORT PyObject* PyInit__core() {
#ifdef Py_GIL_DISABLED
  PyErr_SetString(PyExc_ImportError, "headrace is not tested on free-threaded Python; use the ordinary build");
  return nullptr;
#endif
  if (PyInterpreterState_Get() != PyInterpreterState_Main()) {
    PyErr_SetString(PyExc_ImportError,
                    "headrace cannot be used in a subinterpreter; import it in the main one, or in another process");
    return nullptr;
  }
  return PyInit__core_module();
}
