// headrace's warnings as Python's.
#pragma once

#include "errors.hpp"

namespace headrace::python {

/// From now on warnings are collected, on whatever thread they come.
void collect_warnings();
/// Hands them to Python's warnings module, which may turn one into an exception: then it is thrown, and the others
/// stay. With the GIL held, where nothing is lost by an exception.
void give_warnings();

}  // namespace headrace::python
