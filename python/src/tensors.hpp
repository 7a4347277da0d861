// headrace._core.Tensor: a Tensor as Python sees it.
#pragma once

#include "arrays.hpp"
#include "errors.hpp"

#include <headrace/tensor/tensor.hpp>

namespace headrace::python {

struct TensorObject {
  PyObject_HEAD PyObject* weakrefs;
  Tensor tensor;
};

void define_tensor(py::module_& module);            // tensors.cpp
void define_tensor_functions(py::module_& module);  // tensor_functions.cpp
extern PyTypeObject* tensor_type;                   // set by define_tensor
inline bool is_tensor(PyObject* object) { return Py_TYPE(object) == tensor_type; }
/// Of an object that is one.
inline Tensor& tensor_of(PyObject* object) { return reinterpret_cast<TensorObject*>(object)->tensor; }
py::object wrap_tensor(Tensor tensor);

/// What hr.tensor(data, dtype) gives; `dtype` may be nullptr. The memory is shared where it can be.
Tensor made_tensor(PyObject* data, PyObject* dtype, std::string_view stage);
/// A copy in another dtype by NumPy's rules; the tensor itself where it has that dtype.
Tensor converted(const Tensor& tensor, DType dtype, std::string_view stage);

/// Slots and methods, a file each.
extern PyMethodDef tensor_methods[];     // tensor_methods.cpp
extern PyGetSetDef tensor_properties[];  // tensor_properties.cpp
PyObject* tensor_repr(PyObject* self);   // tensor_properties.cpp
PyObject* tensor_float(PyObject* self);  // tensor_scalars.cpp
PyObject* tensor_int(PyObject* self);
PyObject* tensor_index(PyObject* self);
int tensor_bool(PyObject* self);
Py_ssize_t tensor_length(PyObject* self);  // tensor_items.cpp
PyObject* tensor_item(PyObject* self, Py_ssize_t i);
PyObject* tensor_iterator(PyObject* self);
PyObject* tensor_subscript(PyObject* self, PyObject* key);
int tensor_assign(PyObject* self, PyObject* key, PyObject* value);
PyObject* tensor_to_dlpack(PyObject* self, PyObject* const* args, Py_ssize_t count,
                           PyObject* keywords);  // dlpack_out.cpp

}  // namespace headrace::python
