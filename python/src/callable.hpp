// What C++ objects around a Python callable have in common: pickling and the garbage collector ask for it.
#pragma once

#include "release.hpp"

#include <headrace/pipeline/stage.hpp>

#include <string>

namespace headrace::python {

class PyCallable {
 public:
  explicit PyCallable(py::object callable);
  virtual ~PyCallable() = default;
  PyObject* callable() const { return callable_.get(); }

 protected:
  const std::string& callable_name() const { return name_; }

 private:
  Kept callable_;
  std::string name_;
};

/// The Python callable that an option's value is, or nullptr.
PyObject* callable_in(const Value& value);

}  // namespace headrace::python
