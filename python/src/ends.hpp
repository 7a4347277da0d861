// What a plan can be asked: the functions behind headrace.Dataset's own methods.
#pragma once

#include <pybind11/pybind11.h>

namespace headrace::python {

void define_ends(pybind11::module_& module);
/// Taking a plan apart for a pickle, and making it again; the list of stages as data.
void define_pickling(pybind11::module_& module);
/// Counters for tests and benchmarks.
void define_counters(pybind11::module_& module);
/// Hooks around fork() and at the interpreter's end.
void define_process_hooks(pybind11::module_& module);

}  // namespace headrace::python
