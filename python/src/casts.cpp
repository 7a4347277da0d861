#include "casts.hpp"

#include "deliver.hpp"
#include "dtypes.hpp"

#include <cmath>
#include <limits>
#include <utility>

namespace headrace::python {
namespace {

/// Python's tower of numbers: each kind holds those before it; none for what is no number.
enum class Tower : unsigned char { none, boolean, whole, real, complex };

Tower tower_of(DType dtype) {
  const Kind kind = dtype.kind();
  if (kind == Kind::boolean) return Tower::boolean;
  if (kind >= Kind::int8 && kind <= Kind::uint64) return Tower::whole;
  if (kind >= Kind::float16 && kind <= Kind::float64) return Tower::real;
  return kind == Kind::complex64 || kind == Kind::complex128 ? Tower::complex : Tower::none;
}

bool may_become(DType from, DType to) {
  const Tower low = tower_of(from), high = tower_of(to);
  return low != Tower::none && low <= high && (low != Tower::boolean || high == Tower::boolean);
}

template <class T>
std::optional<Tensor> number_as(PyObject* value) {
  if (PyLong_CheckExact(value)) {
    int overflow = 0;
    const std::int64_t number = PyLong_AsLongLongAndOverflow(value, &overflow);
    if (overflow != 0) return std::nullopt;
    if constexpr (!std::is_floating_point_v<T>) {
      if (!std::in_range<T>(number)) return std::nullopt;
    }
    return Tensor::scalar(static_cast<T>(number));
  }
  if constexpr (std::is_floating_point_v<T>) {
    const double number = PyFloat_AS_DOUBLE(value);
    if (std::isfinite(number) && std::abs(number) > static_cast<double>(std::numeric_limits<T>::max())) return {};
    return Tensor::scalar(static_cast<T>(number));
  }
  return std::nullopt;
}

/// The usual ones, without going through NumPy.
std::optional<Tensor> plain_number(PyObject* value, DType wanted) {
  if (!PyLong_CheckExact(value) && !PyFloat_CheckExact(value)) return std::nullopt;
  switch (wanted.kind()) {
    case Kind::int8:
      return number_as<std::int8_t>(value);
    case Kind::int16:
      return number_as<std::int16_t>(value);
    case Kind::int32:
      return number_as<std::int32_t>(value);
    case Kind::uint8:
      return number_as<std::uint8_t>(value);
    case Kind::float32:
      return number_as<float>(value);
    case Kind::float64:
      return number_as<double>(value);
    default:
      return std::nullopt;
  }
}

/// NumPy says nothing of numbers that overflow while one lives: they are looked for afterwards.
class Quietly {
 public:
  Quietly() : scope_(py::module_::import("numpy").attr("errstate")(py::arg("all") = "ignore")) {
    scope_.attr("__enter__")();
  }
  ~Quietly() {
    PyObject* const left = PyObject_CallMethod(scope_.ptr(), "__exit__", "OOO", Py_None, Py_None, Py_None);
    if (left) Py_DECREF(left);
    PyErr_Clear();
  }
  Quietly(const Quietly&) = delete;
  Quietly& operator=(const Quietly&) = delete;

 private:
  py::object scope_;
};

/// What NumPy makes of it, if every whole number is still there and nothing has become infinite.
std::optional<py::object> cast(const py::object& array, DType wanted) {
  const Quietly quietly;
  const py::object whole = own(PyArray_FromAny(array.ptr(), nullptr, 0, 0, 0, nullptr));
  PyArray_Descr* const descr = descr_of(wanted);
  Py_INCREF(descr);
  py::object made = own(PyArray_CastToType(as_array(whole.ptr()), descr, 0));
  const py::module_ numpy = py::module_::import("numpy");
  const bool kept =
      tower_of(wanted) == Tower::whole
          ? numpy.attr("array_equal")(whole, made).cast<bool>()
          : numpy.attr("array_equal")(numpy.attr("isfinite")(whole), numpy.attr("isfinite")(made)).cast<bool>();
  return kept ? std::optional(std::move(made)) : std::nullopt;
}

}  // namespace

Tensor tensor_as(PyObject* value, DType wanted, const Place& place, Taking taking, bool sole) {
  if (auto number = plain_number(value, wanted)) return *std::move(number);
  Tensor tensor = tensor_from(value, place, taking, sole);
  const bool numbers =
      PyLong_CheckExact(value) || PyFloat_CheckExact(value) || PyComplex_CheckExact(value) || PyList_Check(value);
  if (!numbers || tensor.dtype() == wanted || !may_become(tensor.dtype(), wanted)) return tensor;
  auto made = cast(deliver(tensor, Deliver::views), wanted);
  return made ? tensor_from(made->ptr(), place, taking, true) : tensor;
}

}  // namespace headrace::python
