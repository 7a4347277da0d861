// Exceptions between the two languages. A Python exception crosses C++ as itself: the same object, with its traceback.
#pragma once

#include "release.hpp"

#include <cxxabi.h>

#include <exception>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <headrace/pipeline/failure.hpp>

namespace headrace::python {

/// A Python exception on its way through C++. May be copied and dropped on any thread.
class PythonError : public ForeignError {
 public:
  explicit PythonError(Kept exception) : exception_(std::move(exception)) {}
  PyObject* exception() const { return exception_.get(); }
  std::string type() const override;
  std::string message() const override;  // takes the GIL
  const char* what() const noexcept override;

 private:
  Kept exception_;
};

/// KeyboardInterrupt, SystemExit and whatever else is no Exception: never an element's error.
class PythonInterrupt : public Interrupt {
 public:
  explicit PythonInterrupt(Kept exception) : exception_(std::move(exception)) {}
  PyObject* exception() const { return exception_.get(); }
  const char* what() const noexcept override;

 private:
  Kept exception_;
};

/// The run was dropped or the interpreter is ending: nobody waits for more, and no more Python code should run.
class Closing : public Interrupt {
 public:
  const char* what() const noexcept override { return "the run or the interpreter is ending"; }
};

/// Takes the exception that is set in Python and throws it as PythonError or PythonInterrupt.
[[noreturn]] void throw_python_error();

/// Throws a BufferError: memory that cannot be shared in the way that is asked for.
[[noreturn]] void refuse_buffer(const std::string& text);

/// A new reference, owned; nullptr means that a Python exception is set, and throws it.
inline py::object own(PyObject* reference) {
  if (!reference) throw_python_error();
  return py::reinterpret_steal<py::object>(reference);
}
/// For calls that answer -1 with a Python exception set.
inline void check(int status) {
  if (status < 0) throw_python_error();
}

/// Sets the Python exception for the C++ one now being handled. To be called in a catch (...) block only.
void set_python_error(const std::vector<std::string>& notes = {});
/// Sets the Python exception for a failed element, with its notes.
void set_python_error(const Failure& failure);

/// For the error sentences: "'x' (str)", long values shortened. Asks for the repr only when it is written.
struct Shown {
  PyObject* value;
  friend std::ostream& operator<<(std::ostream& out, Shown shown);
};
inline Shown shown(PyObject* value) { return {value}; }
/// "module.Class" without builtins'.
std::string type_name(PyTypeObject* type);

/// Never returns: for a thread that the interpreter's end has caught inside.
[[noreturn]] void rest_until_exit();

/// Calls `body`, which may take the GIL. Where the interpreter has ended meanwhile, CPython (before 3.14) ends the
/// thread by pthread_exit, which would unwind the C++ frames around us and abort at the first catch (...): it rests
/// here instead.
template <class F>
auto without_unwinding(F&& body) {
  try {
    return body();
  } catch (abi::__forced_unwind&) {
    rest_until_exit();
  }
}

/// An exception that pybind11 caught may be freed with the GIL only: it goes on as one that may be freed anywhere.
template <class F>
auto in_python(F&& body) {
  try {
    return body();
  } catch (py::error_already_set& error) {
    error.restore();
  }
  throw_python_error();
}

/// Calls `body` and answers its result, or `failed` with a Python exception set: what a C slot must do.
template <class F, class R>
R guarded(R failed, F&& body) {
  try {
    return without_unwinding(body);
  } catch (...) {
    set_python_error();
    return failed;
  }
}

/// The same for slots that answer an object.
template <class F>
PyObject* guarded(F&& body) {
  return guarded(static_cast<PyObject*>(nullptr), [&] { return py::object(body()).release().ptr(); });
}

/// The same for functions that pybind11 calls, which translates only what it knows.
template <class F>
py::object answered(F&& body) {
  PyObject* const result = guarded([&]() -> py::object { return body(); });
  if (!result) throw py::error_already_set();
  return py::reinterpret_steal<py::object>(result);
}

}  // namespace headrace::python
