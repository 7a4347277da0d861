#include "deliver.hpp"
#include "specs.hpp"
#include "tensors.hpp"

namespace headrace::python {
namespace {

py::object tuple_of(const Dims& values) {
  py::object tuple = own(PyTuple_New(values.size()));
  for (int axis = 0; axis < values.size(); ++axis) {
    PyTuple_SET_ITEM(tuple.ptr(), axis, own(PyLong_FromLongLong(values[axis])).release().ptr());
  }
  return tuple;
}

PyObject* shape(PyObject* self, void*) {
  return guarded([&] { return tuple_of(tensor_of(self).shape()); });
}
PyObject* strides(PyObject* self, void*) {
  return guarded([&] { return tuple_of(tensor_of(self).strides()); });
}
PyObject* dtype(PyObject* self, void*) {
  return guarded([&] { return dtype_object(tensor_of(self).dtype()); });
}
PyObject* ndim(PyObject* self, void*) { return PyLong_FromLong(tensor_of(self).ndim()); }
PyObject* size(PyObject* self, void*) { return PyLong_FromLongLong(tensor_of(self).size()); }
PyObject* nbytes(PyObject* self, void*) { return PyLong_FromLongLong(tensor_of(self).nbytes()); }
PyObject* itemsize(PyObject* self, void*) { return PyLong_FromLongLong(tensor_of(self).dtype().itemsize()); }
PyObject* writable(PyObject* self, void*) { return PyBool_FromLong(tensor_of(self).writable()); }

PyObject* transposed(PyObject* self, void*) {
  return guarded([&] { return own(PyObject_CallMethod(self, "transpose", nullptr)); });
}

}  // namespace

/// Tensor([[1, 2], [3, 4]], shape=(2, 2), dtype=int64); NumPy shortens what is large.
PyObject* tensor_repr(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const py::object numpy = py::module_::import("numpy");
    const py::object values =
        numpy.attr("array2string")(shared_array(tensor), py::arg("separator") = ", ", py::arg("prefix") = "Tensor(");
    const std::string tail = ", shape=" + to_string(tensor.shape()) + ", dtype=" + tensor.dtype().name() + ")";
    return py::object(py::str("Tensor(") + py::str(values) + py::str(tail));
  });
}

PyGetSetDef tensor_properties[] = {
    {"shape", shape, nullptr, "The sizes, a tuple of ints.", nullptr},
    {"strides", strides, nullptr, "Bytes between neighbours along each axis.", nullptr},
    {"dtype", dtype, nullptr, "NumPy's dtype; str or bytes for variable-length text.", nullptr},
    {"ndim", ndim, nullptr, "The number of axes.", nullptr},
    {"size", size, nullptr, "The number of items.", nullptr},
    {"nbytes", nbytes, nullptr, "size * itemsize; without the bytes of variable-length text.", nullptr},
    {"itemsize", itemsize, nullptr, "Bytes an item.", nullptr},
    {"writable", writable, nullptr, "Whether items may be set; False where others may read the memory.", nullptr},
    {"T", transposed, nullptr, "A view with the axes in reverse order.", nullptr},
    {nullptr, nullptr, nullptr, nullptr, nullptr},
};

}  // namespace headrace::python
