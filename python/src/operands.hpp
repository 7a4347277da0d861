// What an operation takes from Python: Tensors as they are, Python's numbers as weak ones, all else as array data.
#pragma once

#include "gil.hpp"
#include "tensors.hpp"

#include <optional>

#include <headrace/tensor/promotion.hpp>

namespace headrace::python {

/// An operand, and the tensor behind it where one had to be made.
class Argument {
 public:
  /// Throws TypeError or ValueError for what is no array data.
  Argument(PyObject* value, std::string_view stage) : operand_(read(value, stage)) {}
  Argument(const Argument&) = delete;
  Argument& operator=(const Argument&) = delete;

  const ops::Operand& operator*() const { return operand_; }
  /// The tensor of it, a number's in the dtype it has on its own.
  Tensor tensor() const;
  std::int64_t size() const { return operand_.tensor() ? operand_.tensor()->size() : 1; }

 private:
  ops::Operand read(PyObject* value, std::string_view stage) {
    if (is_tensor(value)) return tensor_of(value);
    if (PyFloat_CheckExact(value)) return PyFloat_AS_DOUBLE(value);
    return read_other(value, stage);
  }
  ops::Operand read_other(PyObject* value, std::string_view stage);

  std::optional<Tensor> made_;  // before operand_, which points at it
  ops::Operand operand_;
};

/// Whether an operator should try `value` as its other operand; else it is Python's turn to ask that one.
bool is_operand(PyObject* value);

/// Calls `body`; without the GIL where `work` items take long.
template <class F>
Tensor computed(std::int64_t work, F&& body) {
  constexpr std::int64_t kLong = 16'384;
  if (work < kLong) return body();
  const Inside inside;
  const Away away;
  return body();
}

}  // namespace headrace::python
