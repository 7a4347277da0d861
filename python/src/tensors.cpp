#include "tensors.hpp"

#include "arguments.hpp"
#include "deliver.hpp"
#include "dtypes.hpp"
#include "specs.hpp"
#include "tensor_operations.hpp"

#include <structmember.h>

#include <new>

namespace headrace::python {

PyTypeObject* tensor_type = nullptr;

namespace {

void dealloc(PyObject* object) {
  PyTypeObject* const type = Py_TYPE(object);
  auto* const self = reinterpret_cast<TensorObject*>(object);
  if (self->weakrefs) PyObject_ClearWeakRefs(object);
  self->tensor.~Tensor();
  PyObject_Free(object);
  Py_DECREF(type);
}

int get_buffer(PyObject* self, Py_buffer* view, int flags) {
  return guarded(-1, [&] {
    const Tensor& tensor = tensor_of(self);
    const std::string& dtype = tensor.dtype().name();
    if (!tensor.dtype().variable_length()) {
      // NumPy knows every format; the view then belongs to an array of the same memory.
      const py::object array = shared_array(tensor);
      if (PyObject_GetBuffer(array.ptr(), view, flags) == 0) return 0;
      const bool no_format = PyErr_ExceptionMatches(PyExc_ValueError) && !PyErr_ExceptionMatches(PyExc_BufferError);
      if (!no_format) throw_python_error();
      PyErr_Clear();
    }
    view->obj = nullptr;
    const bool writing = (flags & PyBUF_WRITABLE) && !tensor.writable();
    const std::string text =
        writing ? sentence("tensor", "a read-only tensor gives no writable buffer; use copy()")
                : sentence("tensor", "the buffer protocol has no format for ", dtype, " in this layout; use numpy()");
    refuse_buffer(text);
  });
}

PyMemberDef members[] = {{"__weaklistoffset__", T_PYSSIZET, offsetof(TensorObject, weakrefs), READONLY, nullptr},
                         {nullptr, 0, 0, 0, nullptr}};

constexpr auto kDoc =
    "An array of one dtype that headrace, NumPy and others share; made by hr.tensor, hr.from_dlpack and\n"
    "ds.as_tensor_iterator().\n\n"
    "Indexing is NumPy's: ints, slices, None and ... give views, arrays of bool or int copies. Operators\n"
    "broadcast and promote as NumPy's do and give new tensors, += too; == compares items, so a Tensor has no hash.\n\n"
    "Memory: numpy(), the buffer protocol and DLPack share it; it lives as long as anybody looks at it.";

template <class F>
void* slot(F* function) {
  return reinterpret_cast<void*>(function);
}

}  // namespace

py::object wrap_tensor(Tensor tensor) {
  auto* const self = PyObject_New(TensorObject, tensor_type);
  if (!self) throw_python_error();
  self->weakrefs = nullptr;
  new (&self->tensor) Tensor(std::move(tensor));
  return py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(self));
}

Tensor converted(const Tensor& tensor, DType dtype, std::string_view stage) {
  if (tensor.dtype() == dtype) return tensor;
  const Place place{stage, "data"};
  const py::object array = shared_array(tensor);
  if (dtype.variable_length()) {  // from text of fixed width, or between str and bytes
    const char* const cast = dtype == text ? "str" : "bytes";
    const py::object fixed = own(PyObject_CallMethod(array.ptr(), "astype", "s", cast));
    const py::object objects = own(PyArray_FROM_OT(fixed.ptr(), NPY_OBJECT));
    if (PyArray_SIZE(as_array(objects.ptr())) == 0) return Tensor::empty(dtype, tensor.shape());
    return tensor_from_array(objects, place, Taking::view, true);
  }
  PyArray_Descr* const descr = descr_of(dtype);
  Py_INCREF(descr);
  const int flags = NPY_ARRAY_FORCECAST | NPY_ARRAY_ENSUREARRAY;
  py::object result = own(PyArray_FromArray(as_array(array.ptr()), descr, flags));
  return tensor_from_array(std::move(result), place, Taking::view, true);
}

Tensor made_tensor(PyObject* data, PyObject* dtype, std::string_view stage) {
  const Place place{stage, "data"};
  const bool any = left_out(dtype);
  if (PyTuple_Check(data)) {  // array data here, where elements take it for a structure
    const py::object list = own(PySequence_List(data));
    return made_tensor(list.ptr(), dtype, stage);
  }
  const Tensor tensor = tensor_from(data, place, Taking::view, false);
  if (any) return tensor;
  const DType wanted = dtype_from(dtype, {stage, "dtype"});
  if (tensor.dtype() == wanted) return tensor;
  const bool values = PyList_Check(data) || PyNumber_Check(data);  // 300 is no uint8, but an array's 300 wraps
  if (!values || wanted.variable_length() || is_tensor(data) || PyArray_Check(data)) {
    return converted(tensor, wanted, stage);
  }
  PyArray_Descr* const descr = descr_of(wanted);
  Py_INCREF(descr);
  return tensor_from_array(own(PyArray_FromAny(data, descr, 0, 0, NPY_ARRAY_ENSUREARRAY, nullptr)), place, Taking::view,
                           true);
}

void define_tensor(py::module_& module) {
  PyType_Slot slots[] = {
      {Py_tp_doc, const_cast<char*>(kDoc)},
      {Py_tp_dealloc, slot(dealloc)},
      {Py_tp_methods, tensor_methods},
      {Py_tp_getset, tensor_properties},
      {Py_tp_members, members},
      {Py_tp_repr, slot(tensor_repr)},
      {Py_tp_richcompare, slot(tensor_compare)},
      {Py_tp_hash, slot(PyObject_HashNotImplemented)},
      {Py_tp_iter, slot(tensor_iterator)},
      {Py_bf_getbuffer, slot(get_buffer)},
      {Py_sq_length, slot(tensor_length)},
      {Py_sq_item, slot(tensor_item)},
      {Py_mp_length, slot(tensor_length)},
      {Py_mp_subscript, slot(tensor_subscript)},
      {Py_mp_ass_subscript, slot(tensor_assign)},
      {Py_nb_float, slot(tensor_float)},
      {Py_nb_int, slot(tensor_int)},
      {Py_nb_index, slot(tensor_index)},
      {Py_nb_bool, slot(tensor_bool)},
      {Py_nb_add, slot(tensor_add)},
      {Py_nb_subtract, slot(tensor_subtract)},
      {Py_nb_multiply, slot(tensor_multiply)},
      {Py_nb_true_divide, slot(tensor_divide)},
      {Py_nb_and, slot(tensor_and)},
      {Py_nb_or, slot(tensor_or)},
      {Py_nb_xor, slot(tensor_xor)},
      {Py_nb_negative, slot(tensor_negative)},
      {Py_nb_positive, slot(tensor_positive)},
      {Py_nb_absolute, slot(tensor_absolute)},
      {Py_nb_invert, slot(tensor_invert)},
      {0, nullptr},
  };
  PyType_Spec spec = {"headrace._core.Tensor", sizeof(TensorObject), 0,
                      Py_TPFLAGS_DEFAULT | Py_TPFLAGS_DISALLOW_INSTANTIATION, slots};
  py::object type = own(PyType_FromSpec(&spec));
  // An array beside a Tensor leaves the operator to it, so that array + tensor is what tensor + array is.
  check(PyObject_SetAttrString(type.ptr(), "__array_priority__", py::float_(100.0).ptr()));
  module.attr("Tensor") = type;
  tensor_type = reinterpret_cast<PyTypeObject*>(type.release().ptr());
}

}  // namespace headrace::python
