#include "arrays.hpp"

#include "dtypes.hpp"
#include "errors.hpp"
#include "tensors.hpp"
#include "texts.hpp"

#include <headrace/pipeline/rows.hpp>

#include <cstring>

namespace headrace::python {
namespace {

Tensor view_of(py::object array, DType dtype, bool writable = false) {
  PyArrayObject* const a = as_array(array.ptr());
  const auto n = static_cast<std::size_t>(PyArray_NDIM(a));
  const std::span shape(reinterpret_cast<const std::int64_t*>(PyArray_DIMS(a)), n);
  const std::span strides(reinterpret_cast<const std::int64_t*>(PyArray_STRIDES(a)), n);
  auto* const data = reinterpret_cast<std::byte*>(PyArray_DATA(a));
  std::int64_t low = 0, high = dtype.itemsize();
  for (std::size_t axis = 0; axis < n; ++axis) {
    if (shape[axis] == 0) low = high = 0;
    if (high == 0) break;
    (strides[axis] < 0 ? low : high) += (shape[axis] - 1) * strides[axis];
  }
  PyObject* const owner = array.release().ptr();
  Buffer buffer = Buffer::foreign(data + low, static_cast<std::size_t>(high - low), owner, release_object);
  return Tensor::view(std::move(buffer), data, dtype, Shape(shape), Strides(strides), writable);
}

Tensor given(py::object array, DType dtype, bool sole) {
  PyArrayObject* const a = as_array(array.ptr());
  if (sole && PyArray_NBYTES(a) > kSmallElement) return view_of(std::move(array), dtype, PyArray_ISWRITEABLE(a));
  if (!PyArray_IS_C_CONTIGUOUS(a)) return view_of(std::move(array), dtype).copy();
  const auto n = static_cast<std::size_t>(PyArray_NDIM(a));
  Tensor copy = Tensor::empty(dtype, Shape(std::span(reinterpret_cast<const std::int64_t*>(PyArray_DIMS(a)), n)));
  std::memcpy(copy.mutable_data(), PyArray_DATA(a), static_cast<std::size_t>(PyArray_NBYTES(a)));
  return copy;
}

std::string position_of(PyArrayObject* array, npy_intp item) {
  std::vector<std::int64_t> position(static_cast<std::size_t>(PyArray_NDIM(array)));
  for (std::size_t axis = position.size(); axis-- > 0; item /= PyArray_DIM(array, static_cast<int>(axis))) {
    position[axis] = item % PyArray_DIM(array, static_cast<int>(axis));
  }
  return to_string(Shape(position));
}

/// An array of Python objects: all str, or all bytes.
Tensor tensor_from_objects(const py::object& array, const Place& place) {
  const py::object ordered = own(PyArray_FROM_OF(array.ptr(), NPY_ARRAY_C_CONTIGUOUS));
  PyArrayObject* const a = as_array(ordered.ptr());
  auto** const items = static_cast<PyObject**>(PyArray_DATA(a));
  const npy_intp count = PyArray_SIZE(a);
  const bool texts = count == 0 || PyUnicode_Check(items[0]);
  for (npy_intp i = 0; i < count; ++i) {
    const bool text = PyUnicode_Check(items[i]);
    if (!text && !PyBytes_Check(items[i])) {
      place.refuse(" holds ", shown(items[i]), " at position ", position_of(a, i),
                   "; an object array must hold only str or only bytes");
    }
    if (text != texts)
      place.refuse(" mixes str and bytes, at position ", position_of(a, i), "; give them as two components");
  }
  const std::span shape(reinterpret_cast<const std::int64_t*>(PyArray_DIMS(a)),
                        static_cast<std::size_t>(PyArray_NDIM(a)));
  return texts_from({items, static_cast<std::size_t>(count)}, texts ? text : bytes, Shape(shape));
}

/// MaskedArray without masked entries, memmap, matrix ...: the plain array behind it.
py::object plain_array(PyObject* array, const Place& place) {
  const py::object modules = py::reinterpret_borrow<py::object>(PyImport_GetModuleDict());
  if (PyObject* const ma = PyDict_GetItemString(modules.ptr(), "numpy.ma")) {
    const py::object masked = own(PyObject_GetAttrString(ma, "MaskedArray"));
    if (PyObject_IsInstance(array, masked.ptr()) == 1) {
      const py::object is_masked = own(PyObject_CallMethod(ma, "is_masked", "O", array));
      if (is_masked.ptr() == Py_True) place.refuse(" has masked entries; fill them first: filled(value)");
    }
  }
  return own(PyArray_FROM_OF(array, NPY_ARRAY_ENSUREARRAY));
}

Tensor tensor_from_int(PyObject* value, const Place& place) {
  int overflow = 0;
  const long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
  if (overflow == 0) return Tensor::scalar<std::int64_t>(number);
  const unsigned long long large = PyLong_AsUnsignedLongLong(value);
  if (PyErr_Occurred()) {
    PyErr_Clear();
    place.refuse(" is an int that does not fit 64 bits: ", shown(value), "; use a float, or a str");
  }
  return Tensor::scalar<std::uint64_t>(large);
}

Tensor tensor_from_tensor(PyObject* value, Taking taking, bool sole) {
  const Tensor& tensor = tensor_of(value);
  if (taking == Taking::view) return tensor;
  if (taking == Taking::share) return tensor.read_only();
  const bool alone = sole && Py_REFCNT(value) == 1 && !tensor.buffer().is_foreign() && tensor.buffer().use_count() == 1;
  return alone && tensor.nbytes() > kSmallElement ? tensor : tensor.copy();
}

bool converts_to_array(PyObject* value) {
  return PyObject_HasAttrString(value, "__array__") || PyObject_HasAttrString(value, "__array_interface__") ||
         PyObject_CheckBuffer(value) || PyRange_Check(value);
}

/// What may need more than np.asarray: it hands out its memory by DLPack alone, or has items that are missing. What has
/// a buffer is NumPy's to read, TensorFlow's tensors above all: their DLPack ends the process for some dtypes.
bool is_foreign_array(PyObject* value) {
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(value));
  if (PyObject_CheckBuffer(value)) return false;
  return PyObject_HasAttrString(type, "__dlpack__") || PyObject_HasAttrString(type, "to_numpy");
}

/// Arrays of other libraries, which headrace/interchange.py knows how to ask: a Tensor, an array, or None for those
/// that np.asarray takes.
py::object interchanged(PyObject* value, const Place& place) {
  const py::object module = own(PyImport_ImportModule("headrace.interchange"));
  return own(
      PyObject_CallMethod(module.ptr(), "array_of", "Os", value, sentence(place.stage, place.to_string()).c_str()));
}

Tensor tensor_from_object(PyObject* value, const Place& place, Taking taking) {
  if (!PyType_Check(value) && !PyArray_Check(value) && is_foreign_array(value)) {
    const py::object host = interchanged(value, place);
    if (is_tensor(host.ptr())) return tensor_from_tensor(host.ptr(), taking, false);
    if (PyArray_Check(host.ptr())) {
      const bool sole = is_sole(host.ptr());
      return tensor_from_array(host, place, taking, sole);
    }
  }
  if (PyType_Check(value) || !converts_to_array(value)) {
    place.refuse(" is ", shown(value),
                 ", which is no array; use arrays, numbers, str, bytes, or tuples and dicts of them");
  }
  py::object array = own(PyArray_FROM_OF(value, NPY_ARRAY_ENSUREARRAY));
  if (PyArray_TYPE(as_array(array.ptr())) == NPY_OBJECT && PyObject_HasAttrString(value, "columns")) {
    place.refuse(" is a ", type_name(Py_TYPE(value)), " of mixed types; use dict(df)");
  }
  const bool sole = is_sole(array.ptr());
  return tensor_from_array(std::move(array), place, taking, sole);
}

}  // namespace

bool is_sole(PyObject* array) {
  PyArrayObject* const a = as_array(array);
  return Py_REFCNT(array) == 1 && PyArray_CHKFLAGS(a, NPY_ARRAY_OWNDATA) && !PyArray_BASE(a) &&
         !reinterpret_cast<PyArrayObject_fields*>(a)->weakreflist;
}

Tensor tensor_from_array(py::object array, const Place& place, Taking taking, bool sole) {
  if (Py_TYPE(array.ptr()) != &PyArray_Type) array = plain_array(array.ptr(), place);
  PyArrayObject* const a = as_array(array.ptr());
  PyArray_Descr* const descr = PyArray_DESCR(a);
  DType dtype = plain_dtype(descr->type_num);
  if (!dtype || !PyArray_ISNOTSWAPPED(a)) {
    if (descr->type_num == NPY_OBJECT) return tensor_from_objects(array, place);
    const std::optional<DType> found = dtype_of(descr);
    if (!found && own(PyObject_GetAttrString(as_object(descr), "kind")).equal(py::str("T"))) {  // StringDType
      return tensor_from_objects(own(PyArray_FROM_OT(array.ptr(), NPY_OBJECT)), place);
    }
    const bool is_long = descr->type_num == NPY_LONGDOUBLE || descr->type_num == NPY_CLONGDOUBLE;
    if (!found) {
      place.refuse(
          " has dtype ", own(PyObject_Str(as_object(descr))).cast<std::string>(), ", which is not supported; ",
          is_long ? "use astype(np.float64) or astype(np.complex128)" : "use a dtype that NumPy and headrace share");
    }
    dtype = *found;
    if (!is_native(descr)) {
      array = own(
          PyArray_FromArray(a, reinterpret_cast<PyArray_Descr*>(native(descr).release().ptr()), NPY_ARRAY_FORCECAST));
      sole = is_sole(array.ptr());
    }
  }
  if (taking == Taking::give) return given(std::move(array), dtype, sole);
  const bool writable = taking == Taking::view && PyArray_ISWRITEABLE(as_array(array.ptr()));
  return view_of(std::move(array), dtype, writable);
}

Tensor tensor_from(PyObject* value, const Place& place, Taking taking, bool sole) {
  PyTypeObject* const type = Py_TYPE(value);
  if (type == &PyArray_Type) {
    sole = sole && is_sole(value);  // before one more reference is made
    return tensor_from_array(py::reinterpret_borrow<py::object>(value), place, taking, sole);
  }
  if (type == tensor_type) return tensor_from_tensor(value, taking, sole);
  if (type == &PyFloat_Type) return Tensor::scalar(PyFloat_AS_DOUBLE(value));
  if (type == &PyBool_Type) return Tensor::scalar(value == Py_True);
  if (type == &PyLong_Type) return tensor_from_int(value, place);
  // The usual NumPy scalars, read from their objects without NumPy's detour over dtype objects.
  if (type == &PyFloat64ArrType_Type) return Tensor::scalar(PyArrayScalar_VAL(value, Float64));
  if (type == &PyFloat32ArrType_Type) return Tensor::scalar(PyArrayScalar_VAL(value, Float32));
  if (type == &PyInt64ArrType_Type) return Tensor::scalar<std::int64_t>(PyArrayScalar_VAL(value, Int64));
  if (type == &PyInt32ArrType_Type) return Tensor::scalar<std::int32_t>(PyArrayScalar_VAL(value, Int32));
  if (type == &PyUInt8ArrType_Type) return Tensor::scalar<std::uint8_t>(PyArrayScalar_VAL(value, UInt8));
  if (type == &PyBoolArrType_Type) return Tensor::scalar(PyArrayScalar_VAL(value, Bool) != 0);
  if (PyArray_IsScalar(value, Generic))
    return tensor_from_array(own(PyArray_FromScalar(value, nullptr)), place, taking, false);
  if (PyArray_Check(value)) return tensor_from_array(py::reinterpret_borrow<py::object>(value), place, taking, false);
  if (PyUnicode_Check(value)) return texts_from({&value, 1}, text, {});
  if (PyBytes_Check(value)) return texts_from({&value, 1}, bytes, {});
  if (PyList_Check(value)) return tensor_from_list(value, place, taking);
  if (PyComplex_Check(value) || PyFloat_Check(value) ||
      PyLong_Check(value)) {  // complex, and subclasses such as IntEnum
    return tensor_from_array(own(PyArray_FROM_OF(value, NPY_ARRAY_ENSUREARRAY)), place, taking, false);
  }
  return tensor_from_object(value, place, taking);
}

}  // namespace headrace::python
