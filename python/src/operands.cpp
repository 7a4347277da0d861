#include "operands.hpp"

namespace headrace::python {

ops::Operand Argument::read_other(PyObject* value, std::string_view stage) {
  if (PyBool_Check(value)) return value == Py_True;
  const bool strong = PyArray_IsScalar(value, Generic);  // np.float64 is a float, too
  if (!strong && PyFloat_Check(value)) return PyFloat_AS_DOUBLE(value);
  if (!strong && PyLong_Check(value)) {
    int overflow = 0;
    const long long small = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow == 0) return static_cast<std::int64_t>(small);
    const unsigned long long large = overflow > 0 ? PyLong_AsUnsignedLongLong(value) : 0;
    if (overflow > 0 && !PyErr_Occurred()) return static_cast<std::uint64_t>(large);
    PyErr_Clear();
    const double nearest = PyLong_AsDouble(value);
    if (nearest == -1 && PyErr_Occurred()) throw_python_error();
    return ops::Number::huge(nearest);
  }
  made_.emplace(made_tensor(value, nullptr, stage));
  return *made_;
}

Tensor Argument::tensor() const {
  if (operand_.tensor()) return *operand_.tensor();
  const DType dtype = operand_.number().own_dtype();
  Tensor scalar = Tensor::empty(dtype, {});
  operand_.number().store("tensor", dtype, scalar.mutable_data());
  return scalar;
}

bool is_operand(PyObject* value) {
  return is_tensor(value) || PyFloat_Check(value) || PyLong_Check(value) || PyComplex_Check(value) ||
         PyArray_Check(value) || PyArray_IsScalar(value, Generic) || PyList_Check(value) || PyTuple_Check(value);
}

}  // namespace headrace::python
