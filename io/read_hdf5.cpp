#include <headrace/io/read_hdf5.hpp>

#include <map>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/hdf5/whole_array.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

constexpr const char* kName = "read_hdf5";

void require_vector(const std::string& path, const hdf5::ArrayInfo& info) {
  require<TypeError>(info.rank <= 1, kName, "a dataset of sequences must have one axis at most, got ",
                     to_string(info.shape), " of '", info.name, "' in '", path, "'");
}

/// Rows as they were written, or as their attribute says.
Element as_kept(const hdf5::File& file, const hdf5::ArrayInfo& info, const Tensor& rows) {
  const DType dtype = hdf5::kept_dtype(kName, file, info);
  return dtype ? hdf5::in_dtype(kName, info.name, rows, dtype) : hdf5::honest_texts(rows);
}

Element read_whole(const hdf5::File& file, const hdf5::Array& array) {
  const hdf5::ArrayInfo& info = array.info();
  if (!info.sequences) return as_kept(file, info, hdf5::read_all(kName, array));
  require_vector(file.path(), info);
  return hdf5::read_sequences(kName, array, 0, info.rank == 0 ? 1 : info.shape[0]);
}

std::vector<std::pair<std::string, Tensor>> attributes_of(const hdf5::File& file, const std::string& object) {
  std::vector<std::pair<std::string, Tensor>> attributes;
  for (const auto& [name, value] : file.attributes(kName, object))
    attributes.emplace_back(name, value.dtype() ? hdf5::honest_texts(value) : value);
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
      if (nothing || (member.sequences && member.shape.size() > 1))
        result->arrays.emplace_back(key, Tensor());
      else
        add(key, read_whole(file_, *file_.array(kName, member.name)), *result);
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
  static void add(const std::string& key, const Element& whole, Hdf5Group& group) {
    if (whole.structure->kind() == Structure::Kind::leaf)
      group.arrays.emplace_back(key, whole.tensor());
    else
      group.ragged.emplace_back(key, RaggedTensor::of(whole));
  }

  const hdf5::File& file_;
  std::map<hdf5::Place, std::shared_ptr<const Hdf5Group>> read_;  // nullptr: being read
};

}  // namespace

Element read_hdf5_element(const std::string& path, const std::string& dataset, std::optional<Hdf5Rows> rows,
                          bool trusted) {
  const auto file = hdf5::File::open(kName, path, trusted);
  const auto array = file->array(kName, dataset);
  const hdf5::ArrayInfo& info = array->info();
  if (!rows) return read_whole(*file, *array);
  const std::int64_t count = info.rank == 0 ? 0 : info.shape[0];
  require<IndexError>(0 <= rows->begin && rows->begin <= rows->end && rows->end <= count, kName,
                      "rows must lie in the ", count, " of '", dataset, "', got [", rows->begin, ", ", rows->end, ")");
  if (!info.sequences) return as_kept(*file, info, hdf5::read_rows(kName, *array, rows->begin, rows->end));
  require_vector(path, info);
  return hdf5::read_sequences(kName, *array, rows->begin, rows->end);
}

Tensor read_hdf5(const std::string& path, const std::string& dataset, std::optional<Hdf5Rows> rows, bool trusted) {
  const Element element = read_hdf5_element(path, dataset, rows, trusted);
  require<TypeError>(element.structure->kind() == Structure::Kind::leaf, kName, "'", dataset, "' in '", path,
                     "' holds sequences of variable length; read it with read_hdf5_ragged");
  return element.tensor();
}

RaggedTensor read_hdf5_ragged(const std::string& path, const std::string& dataset, std::optional<Hdf5Rows> rows,
                              bool trusted) {
  return RaggedTensor::of(read_hdf5_element(path, dataset, rows, trusted));
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
