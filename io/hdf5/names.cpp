#include <headrace/io/hdf5/names.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

void collect(std::string_view stage, const Structure& structure, const std::string& name,
             std::vector<std::string>& names) {
  if (structure.kind() == Structure::Kind::leaf) {
    names.push_back(name.empty() ? "/data" : name);
    return;
  }
  for (std::size_t i = 0; i < structure.children().size(); ++i) {
    const std::string key = structure.keys().empty() ? std::to_string(i) : structure.keys()[i];
    require(!key.empty() && key != "." && key.find('/') == std::string::npos && key.find('\0') == std::string::npos,
            stage, "keys must be names of HDF5 objects, without '/', got '", key, "'; rename it in map");
    collect(stage, *structure.children()[i], name + "/" + key, names);
  }
}

}  // namespace

std::vector<std::string> array_names(std::string_view stage, const Structure& structure) {
  std::vector<std::string> names;
  collect(stage, structure, "", names);
  return names;
}

}  // namespace headrace::hdf5
