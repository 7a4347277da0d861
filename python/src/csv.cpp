#include "csv.hpp"

#include "options.hpp"
#include "writing.hpp"

#include <headrace/io/write_csv.hpp>

namespace headrace::python {

void define_csv(py::module_& module) {
  module.def("write_csv", [](const py::object& plan, const std::string& path, const py::object& header,
                             const py::object& delimiter, const py::object& progress) {
    return answered([&]() -> py::object {
      static const StageInfo stage{"write_csv", {}, {}, false, {}, {}};
      const auto value = [&](const char* name, OptionType type, const py::object& given) {
        return value_from(stage, {name, type, false, false, true, {}, {}}, given.ptr());
      };
      CsvOptions options{std::get<bool>(value("header", OptionType::boolean, header)),
                         std::get<std::string>(value("delimiter", OptionType::string, delimiter)),
                         {}};
      write_next_epoch("write_csv", plan, progress,
                       [&](const Dataset& dataset, std::int64_t epoch, const auto& seeds, auto& told) {
                         options.progress = std::move(told);
                         write_csv(dataset, epoch, seeds, path, options);
                       });
      return py::none();
    });
  });
}

}  // namespace headrace::python
