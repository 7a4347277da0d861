// NumPy's C API: one table of functions for all sources of this folder, filled by import_numpy().
#pragma once

#include <pybind11/pybind11.h>

#ifndef HEADRACE_NUMPY_TABLE  // set by the one source that holds the table
#define NO_IMPORT_ARRAY
#endif
#define PY_ARRAY_UNIQUE_SYMBOL headrace_numpy_table
#include <numpy/arrayobject.h>
#include <numpy/arrayscalars.h>

#include <cstdint>

namespace headrace::python {

namespace py = pybind11;

void import_numpy();

/// NumPy's own sizes and strides are the library's.
static_assert(sizeof(npy_intp) == sizeof(std::int64_t));
inline const npy_intp* as_intp(const std::int64_t* values) { return reinterpret_cast<const npy_intp*>(values); }

inline PyArrayObject* as_array(PyObject* object) { return reinterpret_cast<PyArrayObject*>(object); }
inline PyObject* as_object(PyArray_Descr* descr) { return reinterpret_cast<PyObject*>(descr); }

}  // namespace headrace::python
