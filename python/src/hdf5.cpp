#include "hdf5.hpp"

#include "deliver.hpp"
#include "elements.hpp"
#include "gil.hpp"
#include "plan.hpp"

#include <pybind11/stl.h>

#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/write_hdf5.hpp>

namespace headrace::python {
namespace {

using Named = std::vector<std::pair<std::string, Tensor>>;

template <class F>
auto away(F&& work) {
  const Inside inside;
  const Away away;
  return work();
}

py::dict dict_of(const Named& named) {
  py::dict dict;
  for (const auto& [name, tensor] : named)  // None: what no dtype stands for
    dict[py::str(name)] = tensor.dtype() ? deliver(tensor, Deliver::writable) : py::none();
  return dict;
}

/// (arrays, attributes, attributes of the arrays), groups within as the same.
py::object group_parts(const Hdf5Group& group) {
  py::dict members = dict_of(group.arrays);
  for (const auto& [name, inner] : group.groups) members[py::str(name)] = group_parts(inner);
  py::dict of_arrays;
  for (const auto& [name, attributes] : group.array_attributes) of_arrays[py::str(name)] = dict_of(attributes);
  return py::make_tuple(members, dict_of(group.attributes), of_arrays);
}

py::object read(const std::string& file, const std::string& name, std::optional<std::int64_t> begin,
                std::optional<std::int64_t> end, bool trusted) {
  std::optional<Hdf5Rows> rows;
  if (begin && end) rows = {*begin, *end};
  return deliver(away([&] { return read_hdf5(file, name, rows, trusted); }), Deliver::writable);
}

/// Each value of a dict, or None, as an array.
Named attributes_from(const py::object& attrs) {
  Named attributes;
  if (attrs.is_none()) return attributes;
  ElementReader reader("write_hdf5", "an attribute", Taking::give);
  for (const auto& [name, value] : attrs.cast<py::dict>()) {
    const Element element = reader.read(py::reinterpret_borrow<py::object>(value));
    attributes.emplace_back(name.cast<std::string>(), element.tensor());
  }
  return attributes;
}

/// Writes the next epoch, counted as one.
py::object write(const py::object& object, const std::string& path, Hdf5Options options, const py::object& progress) {
  PlanObject& plan = plan_of(object);
  if (!progress.is_none()) {
    options.progress = [&progress](std::int64_t rows) {
      const WithGil gil;
      in_python([&] { return progress(rows); });
    };
  }
  const Inside inside;
  const std::int64_t epoch = plan.dataset.next_epoch();
  plan.dataset.set_next_epoch(epoch + 1);
  write_hdf5(plan.dataset, epoch, plan.seeds, path, options);
  return py::none();
}

}  // namespace

void define_hdf5(py::module_& module) {
  module.def("read_hdf5_array", [](const std::string& file, const std::string& name, std::optional<std::int64_t> begin,
                                   std::optional<std::int64_t> end, bool trusted) {
    return answered([&] { return read(file, name, begin, end, trusted); });
  });
  module.def("write_hdf5", [](const py::object& plan, const std::string& path, std::optional<std::int64_t> chunk_rows,
                              std::optional<std::string> compression, std::int64_t level, bool shuffle, bool checksum,
                              const py::object& attrs, const py::object& progress) {
    return answered([&] {
      Hdf5Options options{chunk_rows, std::move(compression), level, shuffle, checksum, attributes_from(attrs), {}};
      return write(plan, path, std::move(options), progress);
    });
  });
  module.def("read_hdf5_group", [](const std::string& file, const std::string& group, bool trusted) {
    return answered([&] { return group_parts(away([&] { return read_hdf5_group(file, group, trusted); })); });
  });
  module.def("hdf5_rows", [](const std::string& file, const std::string& name, bool trusted) {  // None: a group
    return answered([&]() -> py::object {
      const auto rows = away([&] { return hdf5_rows(file, name, trusted); });
      return rows ? py::object(py::int_(*rows)) : py::none();
    });
  });
}

}  // namespace headrace::python
