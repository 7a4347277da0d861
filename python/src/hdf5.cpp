#include "hdf5.hpp"

#include "components.hpp"
#include "deliver.hpp"
#include "elements.hpp"
#include "options.hpp"
#include "structures.hpp"
#include "writing.hpp"

#include <pybind11/stl.h>

#include <map>

#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/write_hdf5.hpp>

namespace headrace::python {
namespace {

using Named = std::vector<std::pair<std::string, Tensor>>;

/// A name as HDF5 has it, whose other bytes than UTF-8 become lone surrogates, as h5py and os.fsdecode do.
py::object name_object(const std::string& name) {
  return own(PyUnicode_DecodeUTF8(name.data(), static_cast<Py_ssize_t>(name.size()), "surrogateescape"));
}

py::dict dict_of(const Named& named) {
  py::dict dict;
  for (const auto& [name, tensor] : named)  // None: what no dtype stands for
    dict[name_object(name)] = tensor.dtype() ? deliver(tensor, Deliver::writable) : py::none();
  return dict;
}

py::object ragged(const RaggedTensor& tensor) {
  const auto type = py::reinterpret_borrow<py::object>(component_class(Compound::ragged));
  return type(deliver(tensor.values(), Deliver::writable), deliver(tensor.row_splits(), Deliver::writable));
}

/// (arrays, attributes, attributes of the arrays), groups within as the same; one group under two names is one tuple.
py::object group_parts(const Hdf5Group& group, std::map<const Hdf5Group*, py::object>& made) {
  if (const auto known = made.find(&group); known != made.end()) return known->second;
  py::dict members = dict_of(group.arrays);
  for (const auto& [name, rows] : group.ragged) members[name_object(name)] = ragged(rows);
  for (const auto& [name, inner] : group.groups) members[name_object(name)] = group_parts(*inner, made);
  py::dict of_arrays;
  for (const auto& [name, attributes] : group.array_attributes) of_arrays[name_object(name)] = dict_of(attributes);
  return made[&group] = py::make_tuple(members, dict_of(group.attributes), of_arrays);
}

py::object read(const std::string& file, const std::string& name, std::optional<std::int64_t> begin,
                std::optional<std::int64_t> end, bool trusted) {
  std::optional<Hdf5Rows> rows;
  if (begin && end) rows = {*begin, *end};
  const Element read = away([&] { return read_hdf5_element(file, name, rows, trusted); });
  if (read.structure->kind() != Structure::Kind::leaf) return ragged(RaggedTensor::of(read));
  return deliver(read.tensor(), Deliver::writable);
}

constexpr const char* kWrite = "write_hdf5";

/// An option that needs no more than a type, in the words in which a stage's are refused.
template <class T>
T option(const char* name, OptionType type, bool nullable, const py::object& value) {
  static const StageInfo stage{kWrite, {}, {}, false, {}, {}};
  return detail::from_value<T>(value_from(stage, {name, type, false, nullable, true, {}, {}}, value.ptr()));
}

/// Each value of a dict, or None, as an array.
Named attributes_from(const py::object& attrs) {
  Named attributes;
  if (attrs.is_none()) return attributes;
  require<TypeError>(PyDict_Check(attrs.ptr()), kWrite, "attrs must be a dict or None, got ", shown(attrs.ptr()));
  for (const auto& [key, value] : py::reinterpret_borrow<py::dict>(attrs)) {
    require<TypeError>(PyUnicode_Check(key.ptr()), kWrite, "names in attrs must be str, got ", shown(key.ptr()));
    const std::string name(utf8(key.ptr())), what = "attrs['" + name + "']";
    const Element element = ElementReader(kWrite, what, Taking::give).read(py::reinterpret_borrow<py::object>(value));
    require<TypeError>(element.structure->kind() == Structure::Kind::leaf, kWrite, what, " must be an array, got ",
                       shown(value.ptr()));
    attributes.emplace_back(name, element.tensor());
  }
  return attributes;
}

py::object write(const py::object& object, const std::string& path, Hdf5Options options, const py::object& progress) {
  write_next_epoch(kWrite, object, progress,
                   [&](const Dataset& dataset, std::int64_t epoch, const auto& seeds, auto& told) {
                     options.progress = std::move(told);
                     write_hdf5(dataset, epoch, seeds, path, options);
                   });
  return py::none();
}

}  // namespace

void define_hdf5(py::module_& module) {
  module.def("read_hdf5_array", [](const std::string& file, const std::string& name, std::optional<std::int64_t> begin,
                                   std::optional<std::int64_t> end, bool trusted) {
    return answered([&] { return read(file, name, begin, end, trusted); });
  });
  module.def(kWrite, [](const py::object& plan, const std::string& path, const py::object& chunk_rows,
                        const py::object& compression, const py::object& level, const py::object& shuffle,
                        const py::object& checksum, const py::object& attrs, const py::object& progress) {
    return answered([&] {
      using Rows = std::optional<std::int64_t>;
      using Text = std::optional<std::string>;
      Hdf5Options options{option<Rows>("chunk_rows", OptionType::integer, true, chunk_rows),
                          option<Text>("compression", OptionType::string, true, compression),
                          option<std::int64_t>("level", OptionType::integer, false, level),
                          option<bool>("shuffle", OptionType::boolean, false, shuffle),
                          option<bool>("checksum", OptionType::boolean, false, checksum),
                          attributes_from(attrs),
                          {}};
      return write(plan, path, std::move(options), progress);
    });
  });
  module.def("read_hdf5_group", [](const std::string& file, const std::string& group, bool trusted) {
    return answered([&] {
      std::map<const Hdf5Group*, py::object> made;
      return group_parts(away([&] { return read_hdf5_group(file, group, trusted); }), made);
    });
  });
  module.def("hdf5_rows", [](const std::string& file, const std::string& name, bool trusted) {  // None: a group
    return answered([&]() -> py::object {
      const auto rows = away([&] { return hdf5_rows(file, name, trusted); });
      return rows ? py::object(py::int_(*rows)) : py::none();
    });
  });
}

}  // namespace headrace::python
