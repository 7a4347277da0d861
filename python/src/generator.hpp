// A Python callable as a source's generator.
#pragma once

#include "callable.hpp"

namespace headrace::python {

class PyGenerator final : public Generator, public PyCallable {
 public:
  /// `stage` is for errors.
  PyGenerator(py::object callable, std::string stage);
  std::unique_ptr<GeneratorPass> begin(const Call& call) const override;
  bool concurrent() const override { return false; }
  std::string name() const override { return callable_name(); }

 private:
  std::string stage_;
};

}  // namespace headrace::python
