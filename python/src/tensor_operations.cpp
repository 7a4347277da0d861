#include "tensor_operations.hpp"

#include "arguments.hpp"
#include "operands.hpp"
#include "operation_docs.hpp"
#include "specs.hpp"

#include <headrace/tensor/elementwise.hpp>

#include <array>
#include <utility>

namespace headrace::python {
namespace {

using ops::Operand;

/// How much there is to do: one operand's items, or all pairs where shapes differ.
std::int64_t work_of(const Argument& a, const Argument& b) {
  const std::int64_t more = std::max(a.size(), b.size()), less = std::min(a.size(), b.size());
  if (less <= 1 || less == more) return more;
  std::int64_t pairs = 0;
  return __builtin_mul_overflow(less, more, &pairs) ? more : pairs;
}

struct Binary {
  const char* name;
  Tensor (*run)(const Operand& a, const Operand& b);
  OperationDoc doc;

  py::object operator()(PyObject* left, PyObject* right) const {
    const Argument a(left, name), b(right, name);
    return wrap_tensor(computed(work_of(a, b), [&] { return run(*a, *b); }));
  }
  PyObject* slot(PyObject* left, PyObject* right) const {
    if (!is_operand(left) || !is_operand(right)) return Py_NewRef(Py_NotImplemented);
    return guarded([&] { return (*this)(left, right); });
  }
};

struct Unary {
  const char* name;
  Tensor (*run)(const Operand& a);
  OperationDoc doc;

  py::object operator()(PyObject* value) const {
    const Argument a(value, name);
    return wrap_tensor(computed(a.size(), [&] { return run(*a); }));
  }
};

// clang-format off
constexpr Binary binaries[] = {
    {"add", ops::add, {"Returns a + b; of bools: or.", "hr.add([1, 2], 0.5)", "[1.5, 2.5]"}},
    {"subtract", ops::subtract, {"Returns a - b; not of two bools.", "hr.subtract([1, 2], [[1], [2]])", "[[0, 1], [-1, 0]]"}},
    {"multiply", ops::multiply, {"Returns a * b; of bools: and.", "hr.multiply([1, 2], 3)", "[3, 6]"}},
    {"divide", ops::divide, {"Returns a / b, a float; division by zero gives inf or NaN without a warning.", "hr.divide([1, 2], 2)", "[0.5, 1.0]"}},
    {"minimum", ops::minimum, {"Returns the smaller items of a and b, NaN where either is.", "hr.minimum([1, 4], 2)", "[1, 2]"}},
    {"maximum", ops::maximum, {"Returns the larger items of a and b, NaN where either is.", "hr.maximum([1, 4], 2)", "[2, 4]"}},
    {"equal", ops::equal, {"Returns a == b, bools. Integers compare by value, whatever their dtypes.", "hr.equal([1, 2], 2)", "[False, True]"}},
    {"not_equal", ops::not_equal, {"Returns a != b, bools.", "hr.not_equal([1, 2], 2)", "[True, False]"}},
    {"less", ops::less, {"Returns a < b, bools.", "hr.less([1, 2], 2)", "[True, False]"}},
    {"less_equal", ops::less_equal, {"Returns a <= b, bools.", "hr.less_equal([1, 2], 2)", "[True, True]"}},
    {"greater", ops::greater, {"Returns a > b, bools.", "hr.greater([1, 2], 1)", "[False, True]"}},
    {"greater_equal", ops::greater_equal, {"Returns a >= b, bools.", "hr.greater_equal([1, 2], 2)", "[False, True]"}},
    {"logical_and", ops::logical_and, {"Returns where both are not zero, bools.", "hr.logical_and([0, 2], 1)", "[False, True]"}},
    {"logical_or", ops::logical_or, {"Returns where either is not zero, bools.", "hr.logical_or([0, 2], 0)", "[False, True]"}},
    {"logical_xor", ops::logical_xor, {"Returns where one of both is not zero, bools.", "hr.logical_xor([0, 2], 1)", "[True, False]"}},
    {"bitwise_and", ops::bitwise_and, {"Returns a & b, of bools and integers.", "hr.bitwise_and([5, 6], 3)", "[1, 2]"}},
    {"bitwise_or", ops::bitwise_or, {"Returns a | b, of bools and integers.", "hr.bitwise_or([5, 6], 3)", "[7, 7]"}},
    {"bitwise_xor", ops::bitwise_xor, {"Returns a ^ b, of bools and integers.", "hr.bitwise_xor([5, 6], 3)", "[6, 5]"}},
};
constexpr Unary unaries[] = {
    {"negative", ops::negative, {"Returns -a; not of bools.", "hr.negative([1, -2])", "[-1, 2]"}},
    {"abs", ops::abs, {"Returns the absolute values; that of the least integer is itself.", "hr.abs([1, -2])", "[1, 2]"}},
    {"sqrt", ops::sqrt, {"Returns the square roots, floats; NaN of negative numbers, without a warning.", "hr.sqrt([1, 4])", "[1.0, 2.0]"}},
    {"exp", ops::exp, {"Returns e to the power of each item, floats, within 1 ulp.", "hr.exp([0, -1e9])", "[1.0, 0.0]"}},
    {"log", ops::log, {"Returns the natural logarithms, floats, within 1 ulp; -inf of 0, NaN below, without a warning.", "hr.log([1, 0])", "[0.0, -inf]"}},
    {"logical_not", ops::logical_not, {"Returns where items are zero, bools.", "hr.logical_not([0, 2])", "[True, False]"}},
    {"invert", ops::invert, {"Returns ~a, of bools and integers.", "hr.invert([0, 5])", "[-1, -6]"}},
};
// clang-format on
enum BinaryIndex : std::size_t { kAdd, kSubtract, kMultiply, kDivide, kEqual = 6, kAnd = 15, kOr, kXor };
enum UnaryIndex : std::size_t { kNegative, kAbs, kInvert = 6 };

template <class Table>
constexpr bool stands(const Table& table, std::size_t place, std::string_view name) {
  return table[place].name == name;
}
static_assert(stands(binaries, kAdd, "add") && stands(binaries, kDivide, "divide") &&
              stands(binaries, kEqual, "equal"));
static_assert(stands(binaries, kEqual + 5, "greater_equal") && stands(binaries, kAnd, "bitwise_and"));
static_assert(stands(binaries, kXor, "bitwise_xor") && stands(unaries, kAbs, "abs") &&
              stands(unaries, kInvert, "invert"));

void check_count(const char* name, Py_ssize_t count, Py_ssize_t wanted) {
  require<TypeError>(count == wanted, name, "it takes ", wanted, " arguments, got ", count);
}

template <std::size_t I>
PyObject* call_binary(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&] {
    check_count(binaries[I].name, count, 2);
    return binaries[I](args[0], args[1]);
  });
}

template <std::size_t I>
PyObject* call_unary(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&] {
    check_count(unaries[I].name, count, 1);
    return unaries[I](args[0]);
  });
}

PyObject* clip(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<3> parameters{"clip", {"a", "min", "max"}, 1};
    const auto [value, min, max] = parameters.bind(args, count, keywords);
    const Argument a(value, "clip");
    std::optional<Argument> least, most;
    if (!left_out(min)) least.emplace(min, "clip");
    if (!left_out(max)) most.emplace(max, "clip");
    const auto bound = [](const std::optional<Argument>& argument) {
      return argument ? std::optional<Operand>(**argument) : std::nullopt;
    };
    const std::int64_t work = std::max(least ? work_of(a, *least) : 1, most ? work_of(a, *most) : a.size());
    return wrap_tensor(computed(work, [&] { return ops::clip(*a, bound(least), bound(most)); }));
  });
}

PyObject* where(PyObject*, PyObject* const* args, Py_ssize_t count) {
  return guarded([&] {
    check_count("where", count, 3);
    const Argument choice(args[0], "where"), yes(args[1], "where"), no(args[2], "where");
    const std::int64_t work = std::max({work_of(choice, yes), work_of(choice, no), work_of(yes, no)});
    return wrap_tensor(computed(work, [&] { return ops::where(*choice, *yes, *no); }));
  });
}

PyObject* cast(PyObject*, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<2> parameters{"cast", {"a", "dtype"}, 2};
    const auto [value, dtype] = parameters.bind(args, count, keywords);
    const Argument a(value, "cast");
    return wrap_tensor(cast_or_convert(a.tensor(), dtype_from(dtype, {"cast", "dtype"}), "cast"));
  });
}

/// One C function for each entry: Python does not say by which name it calls.
template <std::size_t... B, std::size_t... U>
PyMethodDef* all_functions(std::index_sequence<B...>, std::index_sequence<U...>) {
  static PyMethodDef functions[] = {
      {binaries[B].name, fast_call(call_binary<B>), METH_FASTCALL, binary_doc(binaries[B].name, binaries[B].doc)}...,
      {unaries[U].name, fast_call(call_unary<U>), METH_FASTCALL, unary_doc(unaries[U].name, unaries[U].doc)}...,
      {"clip", fast_call(clip), kFastCall, clip_doc()},
      {"where", fast_call(where), METH_FASTCALL, where_doc()},
      {"cast", fast_call(cast), kFastCall, cast_doc()},
      {nullptr, nullptr, 0, nullptr},
  };
  return functions;
}

template <std::size_t I>
PyObject* unary_slot(PyObject* a) {
  return guarded([&] { return unaries[I](a); });
}

}  // namespace

Tensor cast_or_convert(const Tensor& tensor, DType dtype, std::string_view stage) {
  if (!ops::computes(tensor.dtype()) || !ops::computes(dtype)) {
    return tensor.dtype() == dtype ? tensor.copy() : converted(tensor, dtype, stage);
  }
  return computed(tensor.size(), [&] { return ops::cast(tensor, dtype); });
}

PyObject* tensor_add(PyObject* a, PyObject* b) { return binaries[kAdd].slot(a, b); }
PyObject* tensor_subtract(PyObject* a, PyObject* b) { return binaries[kSubtract].slot(a, b); }
PyObject* tensor_multiply(PyObject* a, PyObject* b) { return binaries[kMultiply].slot(a, b); }
PyObject* tensor_divide(PyObject* a, PyObject* b) { return binaries[kDivide].slot(a, b); }
PyObject* tensor_and(PyObject* a, PyObject* b) { return binaries[kAnd].slot(a, b); }
PyObject* tensor_or(PyObject* a, PyObject* b) { return binaries[kOr].slot(a, b); }
PyObject* tensor_xor(PyObject* a, PyObject* b) { return binaries[kXor].slot(a, b); }
PyObject* tensor_negative(PyObject* a) { return unary_slot<kNegative>(a); }
PyObject* tensor_absolute(PyObject* a) { return unary_slot<kAbs>(a); }
PyObject* tensor_invert(PyObject* a) { return unary_slot<kInvert>(a); }
PyObject* tensor_positive(PyObject* a) {
  return guarded([&] { return wrap_tensor(tensor_of(a).copy()); });
}

PyObject* tensor_compare(PyObject* a, PyObject* b, int comparison) {
  static constexpr std::array<std::size_t, 6> places = [] {  // in the order of the table
    std::array<std::size_t, 6> result{};
    std::size_t place = kEqual;
    for (const int python : {Py_EQ, Py_NE, Py_LT, Py_LE, Py_GT, Py_GE})
      result[static_cast<std::size_t>(python)] = place++;
    return result;
  }();
  return binaries[places[static_cast<std::size_t>(comparison)]].slot(a, b);
}

void define_reductions(py::module_& module);  // reductions.cpp

void define_tensor_operations(py::module_& module) {
  check(PyModule_AddFunctions(module.ptr(), all_functions(std::make_index_sequence<std::size(binaries)>(),
                                                          std::make_index_sequence<std::size(unaries)>())));
  define_reductions(module);
}

}  // namespace headrace::python
