// hr.tensor, and a Tensor made by C++ as the package sees it.
#include "arguments.hpp"
#include "dlpack.hpp"
#include "tensors.hpp"

namespace headrace::python {
namespace {

PyObject* tensor(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<2> parameters{"tensor", {"data", "dtype"}, 1};
    const auto [data, dtype] = parameters.bind(args, count, keywords);
    return wrap_tensor(made_tensor(data, dtype, "tensor"));
  });
}

constexpr auto kDoc =
    "tensor(data, dtype=None)\n--\n\n"
    "Returns a Tensor of an array, a number, text, or nested lists or tuples of them.\n\n"
    "Args:\n"
    "    data: what np.asarray takes, str, bytes, or an array of another library by its own protocol (see "
    "from_dlpack).\n"
    "    dtype: what np.dtype takes, or str or bytes for variable-length text; None: the data's own.\n"
    "Memory: arrays and buffers are shared, and writable where they are; lists, and data of another dtype, are "
    "copied.\n"
    "Errors: TypeError for what is no array data, ValueError for ragged lists.\n"
    "Example:\n"
    "    >>> hr.tensor([[1, 2], [3, 4]])[:, 0]\n"
    "    Tensor([1, 3], shape=(2,), dtype=int64)\n";

PyMethodDef functions[] = {
    {"tensor", fast_call(tensor), kFastCall, kDoc},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace

void define_tensor_functions(py::module_& module) { check(PyModule_AddFunctions(module.ptr(), functions)); }

}  // namespace headrace::python
