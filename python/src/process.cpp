// fork() and the interpreter's end.
#include "ends.hpp"
#include "gil.hpp"
#include "iterator.hpp"

#include <headrace/tensor/pool.hpp>

namespace headrace::python {
namespace {

constexpr double kPatience = 5;  // seconds that the interpreter's end may wait for

void before_fork() {
  const py::gil_scoped_release released;  // a worker in the middle of a Python function needs it to get done
  pool::pause();
}

void after_fork_in_child() {
  pool::off();
  forget_other_threads();
  ++Turns::fork_generation;
}

void at_exit() {
  begin_closing();
  const bool quiet = wait_until_outside(kPatience);
  close_iterators();
  if (quiet) {
    const py::gil_scoped_release released;
    pool::pause();
  }
  pool::off();
}

}  // namespace

void define_process_hooks(py::module_& module) {
  const py::object os = py::module_::import("os");
  if (py::hasattr(os, "register_at_fork")) {
    py::dict hooks;
    hooks["before"] = py::cpp_function(before_fork);
    hooks["after_in_parent"] = py::cpp_function([] { pool::resume(); });
    hooks["after_in_child"] = py::cpp_function(after_fork_in_child);
    os.attr("register_at_fork")(**hooks);
  }
  py::module_::import("atexit").attr("register")(py::cpp_function(at_exit));
  static_cast<void>(module);
}

}  // namespace headrace::python
