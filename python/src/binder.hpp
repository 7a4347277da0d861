// One call of a source or stage from Python, whichever it is.
#pragma once

#include "errors.hpp"

#include <headrace/pipeline/stage.hpp>

namespace headrace::python {

/// Binds the arguments as a Python function would, makes the stage and attaches it to `upstream` (nullptr for a
/// source).
py::object attach(const StageInfo& stage, const Dataset* upstream, PyObject* args, PyObject* kwargs);

/// The same from a pickle: every option by name, with label and place.
py::object reattach(const StageInfo& stage, const Dataset* upstream, const py::dict& options, std::string label,
                    std::string place);

/// The values of the options of a call, bound in the same way.
std::vector<Value> values_of_call(const StageInfo& call, PyObject* args, PyObject* kwargs);

/// "batch(batch_size, drop_remainder=False, *, name=None)".
std::string signature(const StageInfo& stage);
/// The docstring in the order of STYLE: summary, Shape, Args, the rest.
std::string docstring(const StageInfo& stage);

}  // namespace headrace::python
