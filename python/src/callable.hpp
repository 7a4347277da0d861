// What C++ objects around a Python callable have in common: pickling and the garbage collector ask for it.
#pragma once

#include "release.hpp"

#include <headrace/pipeline/stage.hpp>

#include <string>

namespace headrace::python {

class PyCallable {
 public:
  explicit PyCallable(py::object callable);
  /// Shares the reference of `other`, which the garbage collector is told of through that one alone.
  PyCallable(const PyCallable& other) : callable_(other.callable_), name_(other.name_), shares_(true) {}
  PyCallable& operator=(const PyCallable&) = delete;
  virtual ~PyCallable() = default;
  PyObject* callable() const { return callable_.get(); }
  bool shares() const { return shares_; }

 protected:
  const std::string& callable_name() const { return name_; }

 private:
  Kept callable_;
  std::string name_;
  bool shares_ = false;
};

/// The Python callable that an option's value is, or nullptr; also for one that shares another's.
PyObject* callable_in(const Value& value);

}  // namespace headrace::python
