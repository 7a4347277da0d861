// A tensor as one number: float(t), int(t), bool(t), and as an index.
#include "dtypes.hpp"
#include "tensors.hpp"

namespace headrace::python {
namespace {

/// The only item as NumPy's scalar.
py::object only_item(PyObject* self, const char* what) {
  const Tensor& tensor = tensor_of(self);
  require<TypeError>(!tensor.dtype().variable_length(), what, "a number is needed, got ", tensor.dtype().name());
  require<TypeError>(tensor.size() == 1, what, "a tensor of one item is needed, got shape ", to_string(tensor.shape()));
  return own(PyArray_Scalar(const_cast<std::byte*>(tensor.data()), descr_of(tensor.dtype()), nullptr));
}

}  // namespace

PyObject* tensor_float(PyObject* self) {
  return guarded([&] { return own(PyNumber_Float(only_item(self, "float").ptr())); });
}

PyObject* tensor_int(PyObject* self) {
  return guarded([&] { return own(PyNumber_Long(only_item(self, "int").ptr())); });
}

PyObject* tensor_index(PyObject* self) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const Kind kind = tensor.dtype().kind();
    const bool whole = kind >= Kind::int8 && kind <= Kind::uint64 && tensor.ndim() == 0;
    require<TypeError>(whole, "index", "only an int tensor without axes is an index, got ", tensor.dtype().name(),
                       to_string(tensor.shape()));
    return own(PyNumber_Index(only_item(self, "index").ptr()));
  });
}

int tensor_bool(PyObject* self) {
  return guarded(-1, [&] {
    const Tensor& tensor = tensor_of(self);
    require(tensor.size() == 1, "bool", "the truth of a tensor of ", tensor.size(),
            " items is not one; use .numpy().any() or .all()");
    if (tensor.dtype().variable_length()) return static_cast<int>(!tensor.text().empty());
    const int truth = PyObject_IsTrue(only_item(self, "bool").ptr());
    check(truth);
    return truth;
  });
}

}  // namespace headrace::python
