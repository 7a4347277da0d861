// Arguments of a METH_FASTCALL | METH_KEYWORDS function by place or by name.
#pragma once

#include "errors.hpp"

#include <array>

#include <headrace/tensor/error.hpp>

namespace headrace::python {

template <std::size_t N>
struct Parameters {
  const char* function;
  std::array<const char*, N> names;
  std::size_t required = 0;
  std::size_t by_place = N;  // the rest by name only

  /// nullptr where one is left out. Throws TypeError.
  std::array<PyObject*, N> bind(PyObject* const* arguments, Py_ssize_t count, PyObject* keywords) const {
    std::array<PyObject*, N> values{};
    require<TypeError>(static_cast<std::size_t>(count) <= by_place, function, "it takes at most ", by_place,
                       " arguments by place, got ", count);
    std::copy(arguments, arguments + count, values.begin());
    const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    for (Py_ssize_t i = 0; i < named; ++i) place(values, PyTuple_GET_ITEM(keywords, i), arguments[count + i]);
    for (std::size_t i = 0; i < required; ++i)
      require<TypeError>(values[i] != nullptr, function, "the argument ", names[i], " is missing");
    return values;
  }

 private:
  void place(std::array<PyObject*, N>& values, PyObject* name, PyObject* value) const {
    for (std::size_t i = 0; i < N; ++i) {
      if (PyUnicode_CompareWithASCIIString(name, names[i]) != 0) continue;
      require<TypeError>(values[i] == nullptr, function, "the argument ", names[i], " is given twice");
      values[i] = value;
      return;
    }
    throw TypeError(sentence(function, "it has no argument ", shown(name)));
  }
};

/// None or nothing.
inline bool left_out(PyObject* argument) { return !argument || argument == Py_None; }

/// What PyMethodDef wants for such a function.
inline PyCFunction fast_call(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t, PyObject*)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}
/// The same for METH_FASTCALL, whose arguments have no names.
inline PyCFunction fast_call(PyObject* (*function)(PyObject*, PyObject* const*, Py_ssize_t)) {
  return reinterpret_cast<PyCFunction>(reinterpret_cast<void (*)()>(function));
}
inline constexpr int kFastCall = METH_FASTCALL | METH_KEYWORDS;

}  // namespace headrace::python
