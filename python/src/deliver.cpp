#include "deliver.hpp"

#include "dtypes.hpp"
#include "keeper.hpp"
#include "texts.hpp"

#include <headrace/pipeline/rows.hpp>

#include <cstring>

namespace headrace::python {
namespace {

/// Items of a tensor that become one array.
struct Part {
  const Tensor& tensor;
  const std::byte* data;
  int axis;  // axes left out in front

  int ndim() const { return tensor.ndim() - axis; }
  const std::int64_t* shape() const { return tensor.shape().begin() + axis; }
  const std::int64_t* strides() const { return tensor.strides().begin() + axis; }

  std::int64_t nbytes() const {
    std::int64_t bytes = tensor.dtype().itemsize();
    for (int i = 0; i < ndim(); ++i) bytes *= shape()[i];
    return bytes;
  }
  bool is_contiguous() const {
    std::int64_t step = tensor.dtype().itemsize();
    for (int i = ndim(); i-- > 0; step *= shape()[i]) {
      if (strides()[i] != step && shape()[i] > 1) return false;
    }
    return true;
  }
};

py::object new_array(PyArray_Descr* descr, const Part& part, const std::byte* data, const std::int64_t* strides,
                     bool writable, py::object base) {
  Py_INCREF(descr);
  py::object array =
      own(PyArray_NewFromDescr(&PyArray_Type, descr, part.ndim(), as_intp(part.shape()), as_intp(strides),
                               const_cast<std::byte*>(data), writable ? NPY_ARRAY_WRITEABLE : 0, nullptr));
  // Not PyArray_SetBaseObject, which would keep the root of a chain of views alive instead of the caller's array.
  reinterpret_cast<PyArrayObject_fields*>(array.ptr())->base = base.release().ptr();
  return array;
}

py::object copied(PyArray_Descr* descr, const Part& part) {
  if (!part.is_contiguous()) {
    const Tensor copy =
        (part.axis ? part.tensor.row((part.data - part.tensor.data()) / part.tensor.strides()[0]) : part.tensor).copy();
    return new_array(descr, {copy, copy.data(), 0}, copy.data(), copy.strides().begin(), true,
                     make_keeper(copy.buffer()));
  }
  const std::int64_t bytes = part.nbytes();
  Buffer buffer = Buffer::allocate(static_cast<std::size_t>(bytes));
  std::memcpy(buffer.data(), part.data, static_cast<std::size_t>(bytes));
  const std::byte* const data = buffer.data();
  return new_array(descr, part, data, nullptr, true, make_keeper(std::move(buffer)));
}

/// Whether keeping `part` would keep much more memory alive than it needs. A mapped file is no memory.
bool pins_a_block(const Part& part) {
  const std::int64_t bytes = part.nbytes();
  const Buffer& buffer = part.tensor.buffer();
  return bytes < kSmallElement && !buffer.is_foreign() && static_cast<std::int64_t>(buffer.size()) > 2 * bytes;
}

py::object scalar(PyArray_Descr* descr, const std::byte* data) {
  return own(PyArray_Scalar(const_cast<std::byte*>(data), descr, nullptr));
}

py::object text(const Part& part) {
  const Kind kind = part.tensor.dtype().kind();
  if (part.ndim() == 0) return text_object(*reinterpret_cast<const Text*>(part.data), kind);
  const auto n = static_cast<std::size_t>(part.ndim());
  return text_array(part.data, kind, {part.shape(), n}, {part.strides(), n});
}

py::object deliver(const Part& part, Deliver how) {
  const DType dtype = part.tensor.dtype();
  if (dtype.variable_length()) return text(part);
  PyArray_Descr* const descr = descr_of(dtype);
  if (part.ndim() == 0) return scalar(descr, part.data);
  PyObject* const owner = owner_of(part.tensor.buffer());
  const bool writable = part.tensor.writable() && how != Deliver::views;
  if (how == Deliver::writable && !writable) return copied(descr, part);
  if (owner)
    return new_array(descr, part, part.data, part.strides(), writable, py::reinterpret_borrow<py::object>(owner));
  if (how != Deliver::views && pins_a_block(part)) return copied(descr, part);
  return new_array(descr, part, part.data, part.strides(), writable, make_keeper(part.tensor.buffer()));
}

}  // namespace

py::object deliver(const Tensor& tensor, Deliver how) { return deliver(Part{tensor, tensor.data(), 0}, how); }

py::object deliver_row(const Tensor& column, std::int64_t row, Deliver how) {
  return deliver(Part{column, column.data() + row * column.strides()[0], 1}, how);
}

py::object shared_array(const Tensor& tensor) {
  const Part part{tensor, tensor.data(), 0};
  if (tensor.dtype().variable_length()) {
    const auto n = static_cast<std::size_t>(part.ndim());
    return text_array(part.data, tensor.dtype().kind(), {part.shape(), n}, {part.strides(), n});
  }
  return new_array(descr_of(tensor.dtype()), part, part.data, part.strides(), tensor.writable(),
                   base_of(tensor.buffer()));
}

Tensor kept_tensor(const Tensor& tensor, Deliver how) {
  const Part part{tensor, tensor.data(), 0};
  const bool owned = owner_of(tensor.buffer()) != nullptr;
  if (how == Deliver::writable ? !tensor.writable() : !owned && pins_a_block(part)) return tensor.copy();
  return tensor;
}

RowViews::RowViews(const Tensor& column) : column_(column), descr_(descr_of(column.dtype())) {
  if (column.ndim() > 1 && !column.dtype().variable_length()) base_ = base_of(column.buffer());
}

py::object RowViews::operator()(std::int64_t row) const {
  const Part part{column_, column_.data() + row * column_.strides()[0], 1};
  if (column_.dtype().variable_length()) return text(part);
  if (part.ndim() == 0) return scalar(descr_, part.data);
  return new_array(descr_, part, part.data, part.strides(), false, base_);
}

}  // namespace headrace::python
