#include <headrace/io/read_hdf5.hpp>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/whole_array.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

constexpr const char* kName = "read_hdf5";

std::vector<std::pair<std::string, Tensor>> attributes_of(const hdf5::File& file, const std::string& object) {
  std::vector<std::pair<std::string, Tensor>> attributes;
  for (auto& [name, value] : file.attributes(kName, object)) attributes.emplace_back(name, std::move(value));
  return attributes;
}

Hdf5Group read_group(const hdf5::File& file, const std::string& group) {
  Hdf5Group result;
  result.attributes = attributes_of(file, group);
  for (const hdf5::Member& member : file.members(kName, group, false)) {
    const std::string key = member.name.substr(member.name.rfind('/') + 1);
    if (member.group) {
      result.groups.emplace_back(key, read_group(file, member.name));
      continue;
    }
    result.arrays.emplace_back(key, hdf5::read_all(kName, *file.array(kName, member.name)));
    auto attributes = attributes_of(file, member.name);
    if (!attributes.empty()) result.array_attributes.emplace_back(key, std::move(attributes));
  }
  return result;
}

}  // namespace

Tensor read_hdf5(const std::string& path, const std::string& dataset, std::optional<Hdf5Rows> rows, bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  const auto array = file->array(kName, dataset);
  if (!rows) return hdf5::read_all(kName, *array);
  const std::int64_t count = array->info().rank == 0 ? 0 : array->info().shape[0];
  require<IndexError>(0 <= rows->begin && rows->begin <= rows->end && rows->end <= count, kName,
                      "rows must lie in the ", count, " of '", dataset, "', got [", rows->begin, ", ", rows->end, ")");
  return hdf5::read_rows(kName, *array, rows->begin, rows->end);
}

Hdf5Group read_hdf5_group(const std::string& path, const std::string& group, bool trusted) {
  return read_group(*hdf5::File::open(kName, path, trusted), group);
}

std::optional<std::int64_t> hdf5_rows(const std::string& path, const std::string& name, bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  if (file->is_group(kName, name)) return std::nullopt;
  const auto array = file->array(kName, name);
  return array->info().rank == 0 ? -1 : array->info().shape[0];
}

}  // namespace headrace
