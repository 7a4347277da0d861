#include "program.hpp"

#include <pybind11/stl.h>

#include <cstdio>

#include <headrace/io/tool/program.hpp>

namespace headrace::python {

void define_program(pybind11::module_& module) {
  module.def(
      "run_program", [](const std::vector<std::string>& words) { return tool::run_program(words, stdout, stderr); },
      pybind11::arg("words"), pybind11::call_guard<pybind11::gil_scoped_release>(),
      "The program headrace with these words; its exit code. It writes to the process's own standard output and "
      "error.");
}

}  // namespace headrace::python
