// t[key]: NumPy's basic indexing as views; whatever else a key may be, NumPy does it, as a copy.
#include "deliver.hpp"
#include "tensors.hpp"

namespace headrace::python {
namespace {

/// A key without its tuple, and how many axes it takes.
class Key {
 public:
  explicit Key(PyObject* key) : single_(key), tuple_(PyTuple_Check(key) ? key : nullptr) {}

  Py_ssize_t size() const { return tuple_ ? PyTuple_GET_SIZE(tuple_) : 1; }
  PyObject* operator[](Py_ssize_t i) const { return tuple_ ? PyTuple_GET_ITEM(tuple_, i) : single_; }

  bool is_slice() const { return PySlice_Check(single_); }
  /// Ints, slices, None and one Ellipsis; nothing else.
  bool is_basic() const {
    int ellipses = 0;
    for (Py_ssize_t i = 0; i < size(); ++i) {
      PyObject* const item = (*this)[i];
      if (item == Py_Ellipsis ? ++ellipses > 1 : !(item == Py_None || PySlice_Check(item) || is_int(item)))
        return false;
    }
    return true;
  }
  int axes() const {
    int count = 0;
    for (Py_ssize_t i = 0; i < size(); ++i) count += (*this)[i] != Py_None && (*this)[i] != Py_Ellipsis;
    return count;
  }
  bool has_ellipsis() const {
    for (Py_ssize_t i = 0; i < size(); ++i) {
      if ((*this)[i] == Py_Ellipsis) return true;
    }
    return false;
  }

 private:
  static bool is_int(PyObject* item) {
    if (PyLong_CheckExact(item)) return true;
    if (PyBool_Check(item) || PyArray_IsScalar(item, Bool)) return false;  // a mask without axes
    if (PyArray_Check(item)) return PyArray_NDIM(as_array(item)) == 0 && PyArray_ISINTEGER(as_array(item));
    if (is_tensor(item)) {
      const Kind kind = tensor_of(item).dtype().kind();
      return tensor_of(item).ndim() == 0 && kind >= Kind::int8 && kind <= Kind::uint64;
    }
    return PyIndex_Check(item) && !PySequence_Check(item);
  }

  PyObject* single_;
  PyObject* tuple_;
};

struct Range {
  Py_ssize_t start = 0, count = 0, step = 1;
};
Range range_of(PyObject* slice, std::int64_t size) {
  Py_ssize_t start = 0, stop = 0, step = 0;
  check(PySlice_Unpack(slice, &start, &stop, &step));
  const Py_ssize_t count = PySlice_AdjustIndices(size, &start, &stop, step);
  return {count > 0 ? start : 0, count, count > 1 ? step : 1};  // for one item any step will do, and none overflows
}

/// The view being made: axes are taken from the tensor's front, kept ones are added at the back.
class View {
 public:
  explicit View(const Tensor& tensor) : tensor_(tensor), data_(const_cast<std::byte*>(tensor.data())) {}

  void keep() { add(tensor_.shape()[axis_], tensor_.strides()[axis_]), ++axis_; }
  void insert() { add(1, 0); }
  void pick(PyObject* item) {
    const std::int64_t size = tensor_.shape()[axis_];
    const Py_ssize_t given = PyNumber_AsSsize_t(item, PyExc_IndexError);
    if (given == -1 && PyErr_Occurred()) throw_python_error();
    require<IndexError>(given >= -size && given < size, "tensor", "index ", given, " is out of bounds for axis ", axis_,
                        " of size ", size);
    data_ += (given < 0 ? given + size : given) * tensor_.strides()[axis_++];
  }
  void slice(PyObject* item) {
    const Range range = range_of(item, tensor_.shape()[axis_]);
    const std::int64_t stride = tensor_.strides()[axis_++];
    data_ += range.start * stride;
    add(range.count, stride * range.step);
  }
  int axis() const { return axis_; }

  Tensor get() && {
    Tensor result = Tensor::view(tensor_.buffer(), data_, tensor_.dtype(), std::move(shape_), std::move(strides_),
                                 tensor_.writable());
    result.set_heap(tensor_.heap());
    return result;
  }

 private:
  void add(std::int64_t size, std::int64_t stride) {
    shape_ = shape_.with_back(size);
    strides_ = strides_.with_back(stride);
  }

  const Tensor& tensor_;
  std::byte* data_;
  int axis_ = 0;
  Shape shape_;
  Strides strides_;
};

Tensor basic_view(const Tensor& tensor, const Key& key) {
  if (key.is_slice() && tensor.ndim() > 0) {  // the usual one, without a walk
    const Range range = range_of(key[0], tensor.shape()[0]);
    return tensor.rows(range.start, range.count, range.step);
  }
  const int left = tensor.ndim() - key.axes();
  require<IndexError>(left >= 0, "tensor", "a tensor of ", tensor.ndim(), " axes takes no ", key.axes(), " indices");
  View view(tensor);
  for (Py_ssize_t i = 0; i < key.size(); ++i) {
    PyObject* const item = key[i];
    if (item == Py_None) {
      view.insert();
    } else if (item == Py_Ellipsis) {
      for (int axis = 0; axis < left; ++axis) view.keep();
    } else if (PySlice_Check(item)) {
      view.slice(item);
    } else {
      view.pick(item);
    }
  }
  while (view.axis() < tensor.ndim()) view.keep();
  return std::move(view).get();
}

Tensor picked(const Tensor& tensor, PyObject* key) {
  py::object result = own(PyObject_GetItem(shared_array(tensor).ptr(), key));
  const bool texts = tensor.dtype().variable_length();
  if (texts && PyArray_Check(result.ptr()) && PyArray_SIZE(as_array(result.ptr())) == 0) {  // no item tells the dtype
    PyArrayObject* const array = as_array(result.ptr());
    const auto n = static_cast<std::size_t>(PyArray_NDIM(array));
    return Tensor::empty(tensor.dtype(),
                         Shape(std::span(reinterpret_cast<const std::int64_t*>(PyArray_DIMS(array)), n)));
  }
  return tensor_from(result.ptr(), {"tensor", "the result"}, Taking::view, true);
}

}  // namespace

Py_ssize_t tensor_length(PyObject* self) {
  return guarded(Py_ssize_t{-1}, [&]() -> Py_ssize_t {
    const Tensor& tensor = tensor_of(self);
    require<TypeError>(tensor.ndim() > 0, "tensor", "a tensor without axes has no len()");
    return tensor.shape()[0];
  });
}

PyObject* tensor_item(PyObject* self, Py_ssize_t i) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const std::int64_t size = tensor.ndim() > 0 ? tensor.shape()[0] : 0;
    require<IndexError>(i >= 0 && i < size, "tensor", "index ", i, " is out of bounds for axis 0 of size ", size);
    return wrap_tensor(tensor.row(i));
  });
}

PyObject* tensor_iterator(PyObject* self) {
  return guarded([&] {
    require<TypeError>(tensor_of(self).ndim() > 0, "tensor", "a tensor without axes cannot be iterated over");
    return own(PySeqIter_New(self));
  });
}

PyObject* tensor_subscript(PyObject* self, PyObject* key) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const Key parts(key);
    return wrap_tensor(parts.is_basic() ? basic_view(tensor, parts) : picked(tensor, key));
  });
}

int tensor_assign(PyObject* self, PyObject* key, PyObject* value) {
  return guarded(-1, [&] {
    const Tensor& tensor = tensor_of(self);
    require<TypeError>(value != nullptr, "tensor", "items cannot be deleted; use slices of what is to stay");
    require(tensor.writable(), "tensor", "it is read-only, since others may read its memory; use copy()");
    require<TypeError>(!tensor.dtype().variable_length(), "tensor", "items of ", tensor.dtype().name(),
                       " cannot be set; change numpy() and make a tensor of that");
    const py::object from =
        is_tensor(value) ? shared_array(tensor_of(value)) : py::reinterpret_borrow<py::object>(value);
    check(PyObject_SetItem(shared_array(tensor).ptr(), key, from.ptr()));
    return 0;
  });
}

}  // namespace headrace::python
