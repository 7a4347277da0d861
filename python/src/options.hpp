// The values of a stage's options, both ways.
#pragma once

#include "errors.hpp"

#include <headrace/pipeline/stage.hpp>

#include <functional>

namespace headrace::python {

/// What `option` of `stage` makes of a Python value. Throws TypeError in words where it is of another type.
Value value_from(const StageInfo& stage, const OptionInfo& option, PyObject* value);

/// The Python value that gives `value` back. Arrays go through `array`, functions through `function`.
using Replace = std::function<py::object(py::object)>;
py::object object_of(const Value& value, const Replace& array, const Replace& function);

}  // namespace headrace::python
