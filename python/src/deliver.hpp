// Tensors as NumPy arrays, scalars and texts, without copying where that is right.
#pragma once

#include "numpy.hpp"

#include <headrace/tensor/tensor.hpp>

namespace headrace::python {

enum class Deliver : unsigned char {
  views,     // to be read at once: views of blocks, always read-only
  keepable,  // for the user to keep: a small row is copied out of its block, so that it pins nothing large
  writable,  // that, and what others may read is copied
};

/// The whole tensor: an array, a NumPy scalar for rank 0, str or bytes, or an object array of them.
py::object deliver(const Tensor& tensor, Deliver how);
/// Row `row` of a column, without making a Tensor of it.
py::object deliver_row(const Tensor& column, std::int64_t row, Deliver how);

/// Always an array that shares the tensor's memory, also for rank 0, and may be written to if the tensor may.
/// Variable-length text becomes a new array of str or bytes objects.
py::object shared_array(const Tensor& tensor);
/// What deliver() makes of the tensor, as a Tensor: in `how`, what must be copied is.
Tensor kept_tensor(const Tensor& tensor, Deliver how);

/// The rows of one column as read-only views that share one base object. For loops that call a function for each row.
class RowViews {
 public:
  explicit RowViews(const Tensor& column);
  py::object operator()(std::int64_t row) const;

 private:
  const Tensor& column_;
  PyArray_Descr* descr_;
  py::object base_;
};

}  // namespace headrace::python
