// Specs as structures of headrace.TensorSpec.
#pragma once

#include "errors.hpp"
#include "place.hpp"

#include <headrace/tensor/spec.hpp>

namespace headrace::python {

py::object spec_object(const Spec& spec);
/// A DatasetSpec.
py::object dataset_spec_object(const std::optional<Spec>& element_spec);
/// np.dtype, or str or bytes for text of variable length.
py::object dtype_object(DType dtype);
/// Whatever np.dtype takes, and str and bytes. Throws TypeError for others.
DType dtype_from(PyObject* value, const Place& place);
/// The same, of stored bytes whose order is said apart; TypeError for one of the other byte order.
DType native_dtype_from(PyObject* value, const Place& place);
/// Throws TypeError where a leaf is neither a TensorSpec nor a DatasetSpec; where `dtypes`, nor a dtype: a scalar's.
Spec spec_from(PyObject* value, const Place& place, bool dtypes = false);

}  // namespace headrace::python
