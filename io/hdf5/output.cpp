#include <headrace/io/hdf5/output.hpp>

#include <algorithm>

#include <headrace/io/hdf5/stored_types.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/io/part_file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

const std::string kNone;
constexpr std::int64_t kEntry =
    128;  // about what a file needs for a chunk, or a value of variable length, besides its bytes

std::vector<hsize_t> sizes(std::int64_t rows, const Shape& row) {
  std::vector<hsize_t> all{static_cast<hsize_t>(rows)};
  for (const std::int64_t size : row) all.push_back(static_cast<hsize_t>(size));
  return all;
}

/// Variable-length items as libhdf5 takes them: each ended by a zero.
class ZeroEnded {
 public:
  ZeroEnded(std::string_view stage, const std::string& object, const Tensor& tensor) {
    const Tensor items = tensor.is_contiguous() ? tensor : tensor.copy();
    texts_.reserve(static_cast<std::size_t>(items.size()));
    for (std::int64_t i = 0; i < items.size(); ++i) {
      texts_.emplace_back(reinterpret_cast<const Text*>(items.data())[i].view());
      require(texts_.back().find('\0') == std::string::npos, stage,
              "variable-length texts must not hold a zero byte, got one in '", object,
              "'; HDF5 would end the text there");
    }
    for (const std::string& text : texts_) {
      pointers_.push_back(text.c_str());
      bytes_ += static_cast<std::int64_t>(text.size()) + 1;
    }
  }
  const char* const* data() const { return pointers_.data(); }
  std::int64_t bytes() const { return bytes_; }

 private:
  std::int64_t bytes_ = 0;
  std::vector<std::string> texts_;
  std::vector<const char*> pointers_;
};

/// The groups on the way to `name` that are not there; those of libhdf5's making would have the time in them.
void make_groups(const Action& action, hid_t file, const std::string& name, hid_t links) {
  const Id creation = owned(action, H5Pcreate(H5P_GROUP_CREATE));
  checked(action, H5Pset_obj_track_times(creation.get(), false));
  for (std::size_t end = name.find('/', 1); end != std::string::npos; end = name.find('/', end + 1)) {
    const std::string group = name.substr(0, end);
    if (checked(action, H5Lexists(file, group.c_str(), H5P_DEFAULT)) == 0)
      owned(action, H5Gcreate2(file, group.c_str(), links, creation.get(), H5P_DEFAULT));
  }
}

/// Sequences of `item`, or of arrays of them.
Id sequence_type(const Action& action, const Id& item, const Shape& axes) {
  if (axes.empty()) return owned(action, H5Tvlen_create(item.get()));
  const std::vector<hsize_t> all(axes.begin(), axes.end());
  const Id array = owned(action, H5Tarray_create2(item.get(), static_cast<unsigned>(all.size()), all.data()));
  return owned(action, H5Tvlen_create(array.get()));
}

}  // namespace

struct Output::Impl {
  struct Growing {
    NewArray array;
    Id id, memory;
    std::int64_t rows = 0;
  };

  std::string stage, path;
  PartFile part;
  Id file;
  std::vector<Growing> arrays;

  Impl(std::string_view stage_name, const std::string& file_path)
      : stage(stage_name), path(file_path), part(stage_name, file_path) {}
  ~Impl() {
    if (!Library::lives()) return;
    const Library library;
    arrays.clear();
    file.close();
  }

  Action action(const char* what, const std::string& object = kNone) const { return {stage, what, object, path}; }
  /// Now with `rows` rows more, of which the first is returned.
  std::int64_t grow(Growing& growing, std::int64_t rows) const {
    const std::int64_t first = growing.rows;
    const auto extent = sizes(first + rows, growing.array.row);
    checked(action("extend", growing.array.name), H5Dset_extent(growing.id.get(), extent.data()));
    growing.rows += rows;
    return first;
  }
  /// `count` rows more, by libhdf5: of what it takes `values` for.
  void append_values(std::size_t array, std::int64_t count, const void* values) {
    const Library library;
    Growing& growing = arrays[array];
    const Action writing = action("write", growing.array.name);
    const auto extent = sizes(count, growing.array.row);
    auto start = sizes(grow(growing, count), growing.array.row);
    std::fill(start.begin() + 1, start.end(), 0);
    if (std::find(extent.begin(), extent.end(), 0) != extent.end()) return;
    const Id memory = owned(writing, H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
    const Id space = owned(writing, H5Dget_space(growing.id.get()));
    checked(writing, H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, start.data(), nullptr, extent.data(), nullptr));
    checked(writing, H5Dwrite(growing.id.get(), growing.memory.get(), memory.get(), space.get(), H5P_DEFAULT, values));
  }
};

Output::Output(std::string_view stage, const std::string& path) : impl_(std::make_unique<Impl>(stage, path)) {
  const Library library;
  impl_->file = create_file({impl_->stage, "create", kNone, impl_->part.path()});
}

Output::~Output() = default;

std::size_t Output::add(const NewArray& array) {
  const Library library;
  const Action action = impl_->action("create", array.name);
  NewArray stored = array;
  Id type = stored_type(action, array.dtype);
  if (array.sequences) {
    type = sequence_type(action, type, array.row);
    stored.row = {};
  }
  auto extent = sizes(0, stored.row), most = extent;
  most[0] = H5S_UNLIMITED;
  const Id space = owned(action, H5Screate_simple(static_cast<int>(extent.size()), extent.data(), most.data()));
  const Id creation = owned(action, H5Pcreate(H5P_DATASET_CREATE));
  auto chunk = sizes(array.chunk_rows, stored.row);
  for (hsize_t& size : chunk) size = std::max<hsize_t>(size, 1);
  checked(action, H5Pset_chunk(creation.get(), static_cast<int>(chunk.size()), chunk.data()));
  checked(action, H5Pset_obj_track_times(creation.get(), false));
  for (const Filter& filter : array.filters)
    checked(action,
            H5Pset_filter(creation.get(), filter.id, filter.id == kFletcher32 ? H5Z_FLAG_MANDATORY : H5Z_FLAG_OPTIONAL,
                          filter.values.size(), filter.values.data()));
  const Id links = owned(action, H5Pcreate(H5P_LINK_CREATE));
  checked(action, H5Pset_char_encoding(links.get(), H5T_CSET_UTF8));
  make_groups(action, impl_->file.get(), array.name, links.get());
  Id made = owned(action, H5Dcreate2(impl_->file.get(), array.name.c_str(), type.get(), space.get(), links.get(),
                                     creation.get(), H5P_DEFAULT));
  impl_->arrays.push_back({std::move(stored), std::move(made), std::move(type), 0});
  const Kind kind = array.dtype.kind();
  if (kind == Kind::fixed_text || kind == Kind::bytes)
    set_attribute(array.name, kDTypeAttribute, Tensor::text_scalar(array.dtype.name()));
  return impl_->arrays.size() - 1;
}

void Output::append(std::size_t array, std::int64_t rows, std::span<const std::byte> encoded) {
  const Library library;
  Impl::Growing& growing = impl_->arrays[array];
  auto start = sizes(impl_->grow(growing, rows), growing.array.row);
  std::fill(start.begin() + 1, start.end(), 0);
  if (element_count(growing.array.row) == 0) return;
  impl_->part.reserve(static_cast<std::int64_t>(encoded.size()) + kEntry);
  checked(impl_->action("write", growing.array.name),
          H5Dwrite_chunk(growing.id.get(), H5P_DEFAULT, 0, start.data(), encoded.size(), encoded.data()));
}

void Output::append_texts(std::size_t array, const Tensor& rows) {
  const ZeroEnded texts(impl_->stage, impl_->arrays[array].array.name, rows);
  impl_->part.reserve(texts.bytes() + rows.size() * kEntry);
  impl_->append_values(array, rows.shape()[0], texts.data());
}

void Output::append_sequences(std::size_t array, const Tensor& values, const Tensor& row_splits) {
  constexpr std::int64_t kLongest = UINT32_MAX;
  const Tensor items = values.is_contiguous() ? values : values.copy();
  const auto splits = row_splits.values<std::int64_t>();
  const std::int64_t item_bytes = items.nbytes() / std::max<std::int64_t>(items.shape()[0], 1);
  std::vector<hvl_t> sequences;
  for (std::size_t i = 0; i + 1 < splits.size(); ++i) {
    const std::int64_t length = splits[i + 1] - splits[i];
    require(length <= kLongest, impl_->stage, "a sequence must have fewer than 2**32 items, got ", length, " in '",
            impl_->arrays[array].array.name, "'");
    sequences.push_back({static_cast<std::size_t>(length), items.mutable_data() + splits[i] * item_bytes});
  }
  const auto count = static_cast<std::int64_t>(sequences.size());
  impl_->part.reserve(items.nbytes() + count * kEntry);
  impl_->append_values(array, count, sequences.data());
}

void Output::set_attribute(const std::string& object, const std::string& name, const Tensor& value) {
  require(!name.empty() && name.find('\0') == std::string::npos, impl_->stage,
          "names of attributes must not be empty or hold a zero byte, got '", name, "'");
  const Library library;
  const std::string what = "write attribute '" + name + "' of";
  const Action action = impl_->action(what.c_str(), object);
  const Tensor items = value.dtype().kind() == Kind::fixed_text ? as_texts(impl_->stage, value) : value.copy();
  const Id type = stored_type(action, items.dtype());
  const Shape& shape = value.shape();
  const std::vector<hsize_t> extent(shape.begin(), shape.end());
  const Id space =
      owned(action, extent.empty() ? H5Screate(H5S_SCALAR)
                                   : H5Screate_simple(static_cast<int>(extent.size()), extent.data(), nullptr));
  const Id attribute = owned(action, H5Acreate_by_name(impl_->file.get(), object.c_str(), name.c_str(), type.get(),
                                                       space.get(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
  if (items.size() == 0) return;
  if (!items.dtype().variable_length()) {
    checked(action, H5Awrite(attribute.get(), type.get(), items.data()));
    return;
  }
  checked(action, H5Awrite(attribute.get(), type.get(), ZeroEnded(impl_->stage, name, items).data()));
}

void Output::finish() {
  {
    const Library library;
    impl_->arrays.clear();
    checked(impl_->action("write"), H5Fclose(impl_->file.release()));
  }
  impl_->part.finish();
}

}  // namespace headrace::hdf5
