#include <headrace/io/read_hdf5.hpp>

#include <map>

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

/// Groups by where they lie in the file: none is read twice, whatever leads to it.
class GroupReader {
 public:
  explicit GroupReader(const hdf5::File& file) : file_(file) {}

  std::shared_ptr<const Hdf5Group> read(const std::string& group) {
    auto result = std::make_shared<Hdf5Group>();
    result->attributes = attributes_of(file_, group);
    for (const hdf5::Member& member : file_.members(kName, group, false)) {
      const std::string key = member.name.substr(member.name.rfind('/') + 1);
      if (member.group) {
        if (auto inner = known(member)) result->groups.emplace_back(key, std::move(inner));
        continue;
      }
      const bool nothing = member.dangling || (!member.dtype && !member.broken);
      result->arrays.emplace_back(key, nothing ? Tensor() : hdf5::read_all(kName, *file_.array(kName, member.name)));
      if (member.dangling) continue;
      auto attributes = attributes_of(file_, member.name);
      if (!attributes.empty()) result->array_attributes.emplace_back(key, std::move(attributes));
    }
    return result;
  }

  /// Nothing for one that is being read: it is within itself.
  std::shared_ptr<const Hdf5Group> known(const hdf5::Member& member) {
    const auto [place, fresh] = read_.try_emplace(member.place);
    if (fresh) {
      auto group = read(member.name);
      read_[member.place] = std::move(group);
    }
    return read_[member.place];
  }

 private:
  const hdf5::File& file_;
  std::map<hdf5::Place, std::shared_ptr<const Hdf5Group>> read_;  // nullptr: being read
};

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
  const auto file = hdf5::File::open(kName, path, trusted);
  return *GroupReader(*file).known(file->member(kName, group));
}

std::optional<std::int64_t> hdf5_rows(const std::string& path, const std::string& name, bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  if (file->is_group(kName, name)) return std::nullopt;
  const auto array = file->array(kName, name);
  return array->info().rank == 0 ? -1 : array->info().shape[0];
}

}  // namespace headrace
