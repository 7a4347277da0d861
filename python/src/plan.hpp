// headrace._core.Plan: the Python object that holds a Dataset. headrace.Dataset derives from it.
#pragma once

#include "errors.hpp"

#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace::python {

struct PlanObject {
  PyObject_HEAD Dataset dataset;
  Seeds seeds;                         // from a loaded state: they replace the drawn ones in later epochs
  std::vector<StageStats> last_stats;  // of the iterator of it that ended last
};

PyTypeObject* plan_type();
void define_plan(py::module_& module);

/// A new headrace.Dataset.
py::object wrap(Dataset dataset);
bool is_plan(PyObject* object);
/// Throws TypeError for anything else than a plan.
PlanObject& plan_of(py::handle object);

}  // namespace headrace::python
