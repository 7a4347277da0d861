#include "errors.hpp"

#include "gil.hpp"

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/promotion.hpp>

#include <new>

#include <unistd.h>

namespace headrace::python {
namespace {

/// The exception that is set, taken off, with its traceback attached.
py::object take_exception() {
#if PY_VERSION_HEX >= 0x030C0000
  return py::reinterpret_steal<py::object>(PyErr_GetRaisedException());
#else
  PyObject *type = nullptr, *value = nullptr, *traceback = nullptr;
  PyErr_Fetch(&type, &value, &traceback);
  PyErr_NormalizeException(&type, &value, &traceback);
  if (traceback) PyException_SetTraceback(value, traceback);
  Py_XDECREF(type);
  Py_XDECREF(traceback);
  return py::reinterpret_steal<py::object>(value);
#endif
}

/// Sets it again as it was, without a new context.
void put_exception(py::object exception) {
#if PY_VERSION_HEX >= 0x030C0000
  PyErr_SetRaisedException(exception.release().ptr());
#else
  PyObject* const type = reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr()));
  PyObject* const traceback = PyException_GetTraceback(exception.ptr());
  PyErr_Restore(py::reinterpret_borrow<py::object>(type).release().ptr(), exception.release().ptr(), traceback);
#endif
}

/// A StopIteration that came out of next() would end the loop in silence (PEP 479 does the same for generators).
py::object without_stop(py::object exception) {
  if (!PyErr_GivenExceptionMatches(exception.ptr(), PyExc_StopIteration)) return exception;
  PyErr_SetString(PyExc_RuntimeError, "the function raised StopIteration, which would end the loop over the dataset");
  py::object error = take_exception();
  PyException_SetCause(error.ptr(), py::object(exception).release().ptr());
  return error;
}

void add_notes(const std::vector<std::string>& notes) {
  if (notes.empty()) return;
  py::object exception = take_exception();
  for (const std::string& note : notes) {
    const py::object text = py::reinterpret_steal<py::object>(
        PyUnicode_DecodeUTF8(note.data(), static_cast<Py_ssize_t>(note.size()), "replace"));
    const py::object done = py::reinterpret_steal<py::object>(
        text ? PyObject_CallMethod(exception.ptr(), "add_note", "O", text.ptr()) : nullptr);
    if (!done) PyErr_Clear();  // an exception whose class forbids notes still is the one to raise
  }
  put_exception(std::move(exception));
}

/// Names of files and of what is in them may be any bytes: what is no UTF-8 is shown as "\\xe9".
void set_error(PyObject* type, std::string_view text) {
  PyObject* const shown = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "backslashreplace");
  if (!shown) return;  // then that is the error
  PyErr_SetObject(type, shown);
  Py_DECREF(shown);
}

void set_from_current_exception() {
  try {
    throw;
  } catch (const PythonError& error) {
    put_exception(without_stop(py::reinterpret_borrow<py::object>(error.exception())));
  } catch (const PythonInterrupt& error) {
    put_exception(py::reinterpret_borrow<py::object>(error.exception()));
  } catch (const Closing&) {  // silent in a daemon thread
    PyErr_SetNone(PyExc_SystemExit);
  } catch (py::error_already_set& error) {
    error.restore();
  } catch (const py::builtin_exception& error) {
    error.set_error();
  } catch (const Failed& failed) {
    set_python_error(*failed.failure);
  } catch (const OverflowError& error) {
    PyErr_SetString(PyExc_OverflowError, error.what());
  } catch (const ValueError& error) {
    set_error(PyExc_ValueError, error.what());
  } catch (const TypeError& error) {
    set_error(PyExc_TypeError, error.what());
  } catch (const IndexError& error) {
    set_error(PyExc_IndexError, error.what());
  } catch (const IoError& error) {
    set_error(PyExc_OSError, error.what());
  } catch (const MemoryLimitError& error) {
    set_error(PyExc_MemoryError, error.what());
  } catch (const std::bad_alloc&) {
    PyErr_NoMemory();
  } catch (const std::exception& error) {  // StateError among them
    set_error(PyExc_RuntimeError, error.what());
  } catch (...) {
    PyErr_SetString(PyExc_RuntimeError, "[headrace] a C++ exception of unknown type");
  }
}

}  // namespace

const char* PythonError::what() const noexcept { return Py_TYPE(exception_.get())->tp_name; }
const char* PythonInterrupt::what() const noexcept { return Py_TYPE(exception_.get())->tp_name; }

std::string PythonError::type() const {
  const std::string name = Py_TYPE(exception_.get())->tp_name;  // of a class written in Python: its name alone
  return name.substr(name.rfind('.') + 1);
}

std::string PythonError::message() const {
  try {
    const WithGil gil;
    const py::object text = py::reinterpret_steal<py::object>(PyObject_Str(exception_.get()));
    Py_ssize_t size = 0;
    const char* const utf8 = text ? PyUnicode_AsUTF8AndSize(text.ptr(), &size) : nullptr;
    if (utf8) return {utf8, static_cast<std::size_t>(size)};
    PyErr_Clear();
  } catch (const Closing&) {
  }
  return "?";
}

void throw_python_error() {
  py::object exception = take_exception();
  const bool ordinary = PyErr_GivenExceptionMatches(exception.ptr(), PyExc_Exception);
  if (ordinary) throw PythonError(keep(std::move(exception)));
  throw PythonInterrupt(keep(std::move(exception)));
}

void refuse_buffer(const std::string& text) {
  PyErr_SetString(PyExc_BufferError, text.c_str());
  throw_python_error();
}

void set_python_error(const std::vector<std::string>& notes) {
  set_from_current_exception();
  add_notes(notes);
}

void set_python_error(const Failure& failure) {
  try {
    std::rethrow_exception(failure.error);
  } catch (...) {
    set_python_error(failure.notes);
  }
}

void rest_until_exit() {
  for (;;) pause();
}

std::string type_name(PyTypeObject* type) {
  const auto text = [type](const char* attribute) {
    py::object value =
        py::reinterpret_steal<py::object>(PyObject_GetAttrString(reinterpret_cast<PyObject*>(type), attribute));
    if (!value || !PyUnicode_Check(value.ptr())) {
      PyErr_Clear();
      return std::string("?");
    }
    return value.cast<std::string>();
  };
  const std::string module = text("__module__");
  return module == "builtins" ? text("__qualname__") : module + "." + text("__qualname__");
}

std::ostream& operator<<(std::ostream& out, Shown shown) {
  PyObject* const value = shown.value;
  if (value == Py_None) return out << "None";
  py::object text = py::reinterpret_steal<py::object>(PyObject_Repr(value));
  std::string repr = "?";
  if (text) {
    const char* const utf8 = PyUnicode_AsUTF8(text.ptr());
    if (utf8) repr = utf8;
  }
  PyErr_Clear();
  for (char& c : repr) {
    if (c == '\n') c = ' ';
  }
  if (repr.size() > 60) {
    std::size_t cut = 57;
    while (cut > 0 && (static_cast<unsigned char>(repr[cut]) & 0xC0) == 0x80) --cut;  // not inside a character
    repr = repr.substr(0, cut) + "...";
  }
  return out << repr << " (" << type_name(Py_TYPE(value)) << ")";
}

}  // namespace headrace::python
