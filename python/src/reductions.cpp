// sum, mean, min and max: functions of the package and methods of Tensor.
#include "arguments.hpp"
#include "operands.hpp"
#include "operation_docs.hpp"
#include "tensor_operations.hpp"

#include <headrace/tensor/reduce.hpp>

#include <array>

namespace headrace::python {
namespace {

struct Entry {
  const char* name;
  Tensor (*run)(const Tensor& tensor, const ops::Over& over);
};
constexpr std::array<Entry, 4> reductions = {
    Entry{"sum", ops::sum}, {"mean", ops::mean}, {"min", ops::min}, {"max", ops::max}};

int axis_of(const char* name, PyObject* value) {
  require<TypeError>(PyIndex_Check(value), name, "axis must be an int, a tuple of ints or None, got ", shown(value));
  const Py_ssize_t axis = PyNumber_AsSsize_t(value, PyExc_ValueError);
  if (axis == -1 && PyErr_Occurred()) throw_python_error();
  return static_cast<int>(std::clamp<Py_ssize_t>(axis, -10'000, 10'000));  // none has so many; it is refused below
}

ops::Over over(const char* name, PyObject* axis, PyObject* keepdims) {
  ops::Over result;
  if (keepdims) {
    const int keep = PyObject_IsTrue(keepdims);
    check(keep);
    result.keepdims = keep == 1;
  }
  if (left_out(axis)) return result;
  result.axes.emplace();
  if (!PyTuple_Check(axis) && !PyList_Check(axis)) {
    result.axes->push_back(axis_of(name, axis));
    return result;
  }
  const Py_ssize_t count = PySequence_Fast_GET_SIZE(axis);
  for (Py_ssize_t i = 0; i < count; ++i) result.axes->push_back(axis_of(name, PySequence_Fast_GET_ITEM(axis, i)));
  return result;
}

py::object reduced(const Entry& entry, const Tensor& tensor, PyObject* axis, PyObject* keepdims) {
  const ops::Over where = over(entry.name, axis, keepdims);
  return wrap_tensor(computed(tensor.size(), [&] { return entry.run(tensor, where); }));
}

template <Reduction which>
PyObject* call(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    constexpr const Entry& entry = reductions[static_cast<std::size_t>(which)];
    static constexpr Parameters<3> parameters{entry.name, {"a", "axis", "keepdims"}, 1};
    const auto [value, axis, keepdims] = parameters.bind(args, count, keywords);
    const Argument a(value, entry.name);
    return reduced(entry, a.tensor(), axis, keepdims);
  });
}

template <Reduction which>
PyMethodDef method(const OperationDoc& doc) {
  const char* const name = reductions[static_cast<std::size_t>(which)].name;
  return {name, fast_call(call<which>), kFastCall, reduction_doc(name, doc)};
}

}  // namespace

PyObject* reduce_method(Reduction which, PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    const Entry& entry = reductions[static_cast<std::size_t>(which)];
    const Parameters<4> parameters{entry.name, {"axis", "keepdims", "dtype", "out"}, 0, 2};
    const auto [axis, keepdims, dtype, out] = parameters.bind(args, count, keywords);
    require<TypeError>(left_out(dtype) && left_out(out), entry.name, "dtype and out must be None; use np.", entry.name,
                       "(tensor.numpy(), ...)");
    return reduced(entry, tensor_of(self), axis, keepdims);
  });
}

void define_reductions(py::module_& module) {
  static PyMethodDef functions[] = {
      method<Reduction::sum>(
          {"Returns sums over axes: of bool and integers int64 or uint64, wrapping; float32 is summed in\n"
           "float64 and rounded once.",
           "hr.sum([[1, 2], [3, 4]], axis=1)", "[3, 7]"}),
      method<Reduction::mean>(
          {"Returns means over axes: of bool and integers float64; NaN of nothing, without a warning.",
           "hr.mean([[1, 2], [3, 4]], axis=0)", "[2.0, 3.0]"}),
      method<Reduction::min>({"Returns the least items over axes, NaN where one is; ValueError of nothing.",
                              "hr.min([[1, 2], [3, 4]], axis=-1, keepdims=True)", "[[1], [3]]"}),
      method<Reduction::max>({"Returns the largest items over axes, NaN where one is; ValueError of nothing.",
                              "hr.max([[1, 2], [3, 4]], axis=(0, 1))", "4"}),
      {nullptr, nullptr, 0, nullptr},
  };
  check(PyModule_AddFunctions(module.ptr(), functions));
}

}  // namespace headrace::python
