#include "npy.hpp"

#include "writing.hpp"

#include <headrace/io/write_npy.hpp>

namespace headrace::python {

void define_npy(py::module_& module) {
  module.def("write_npy", [](const py::object& plan, const std::string& path, const py::object& progress) {
    return answered([&]() -> py::object {
      write_next_epoch("write_npy", plan, progress,
                       [&](const Dataset& dataset, std::int64_t epoch, const auto& seeds, const auto& told) {
                         write_npy(dataset, epoch, seeds, path, told);
                       });
      return py::none();
    });
  });
}

}  // namespace headrace::python
