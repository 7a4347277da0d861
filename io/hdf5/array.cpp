#include <headrace/io/hdf5/array.hpp>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include <headrace/io/file.hpp>
#include <headrace/io/hdf5/array_info.hpp>
#include <headrace/io/hdf5/global_heap.hpp>
#include <headrace/io/hdf5/raw_chunk.hpp>
#include <headrace/io/hdf5/values.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

class StoredArray final : public Array {
 public:
  StoredArray(const Action& action, std::shared_ptr<const OpenFile> file, Id dataset, bool as_stored)
      : file_(std::move(file)), generation_(Library::generation()), dataset_(std::move(dataset)) {
    Opened opened = open_info(action, *file_, dataset_.get(), as_stored);
    info_ = std::move(opened.info);
    type_ = std::move(opened.type);
    plain_edges_ = opened.plain_edges;
    fill_text_ = std::move(opened.fill_text);
    if (info_.sequences || info_.dtype.variable_length()) heap_ = &file_->heap(action);
  }
  ~StoredArray() override {
    if (!Library::lives()) return;
    const Library library;
    dataset_.close();
    type_ = Type();
  }
  StoredArray(const StoredArray&) = delete;
  StoredArray& operator=(const StoredArray&) = delete;

  std::vector<std::optional<StoredChunk>> read_chunks(std::string_view stage,
                                                      std::span<const Shape> starts) const override;
  void read_bytes(std::string_view stage, std::int64_t place, std::byte* to, std::int64_t size) const override;
  Tensor read_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const override;
  Tensor items(std::string_view stage, const Tensor& stored) const override;
  Tensor sequence_splits(std::string_view stage, const Tensor& references) const override;
  void read_sequences(std::string_view stage, const Tensor& references, const Tensor& to) const override;
  RaggedTensor read_sequence_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const override;

  const std::string& file_path() const override { return file_->path(); }

 private:
  hid_t dataset(const Action& action) const {
    file_->require_current(action);
    if (generation_ != Library::generation()) {  // a child of fork()
      file_->id(action);
      dataset_ = Id();
      dataset_ = file_->open_object(action);
      generation_ = Library::generation();
    }
    return dataset_.get();
  }
  bool reaches_beyond(const Shape& start) const {
    for (int axis = 0; axis < info_.rank; ++axis)
      if (start[axis] + info_.chunk[axis] > info_.shape[axis]) return true;
    return false;
  }
  /// Of a call that reads: where the file was cut, that is the cause, whatever libhdf5 stumbled over.
  void require_read(const Action& action, herr_t result) const {
    const std::string cause = result < 0 ? last_message() : "";
    file_->require_whole(action);
    if (result < 0) fail(action, missing_filter(cause));
  }
  std::optional<StoredChunk> read_chunk(const Action& action, hid_t id, const Shape& start) const;
  /// Calls read(memory type, memory space, file space, elements) for rows, under the Library.
  template <class Read>
  auto with_rows(std::string_view stage, std::int64_t begin, std::int64_t count, const Read& read) const;
  std::string missing_filter(std::string cause) const;

  std::shared_ptr<const OpenFile> file_;
  bool plain_edges_ = false;
  Type type_;
  std::string fill_text_;
  const GlobalHeap* heap_ = nullptr;  // the file's
  mutable int generation_;            // under the Library, as is dataset_
  mutable Id dataset_;
};

/// Whether nothing was ever written of a chunk. Walks over all chunks that there are.
bool has_no_place(hid_t dataset, const hsize_t* place) {
  unsigned mask = 0;
  haddr_t address = 0;
  hsize_t size = 0;
  return H5Dget_chunk_info_by_coord(dataset, place, &mask, &address, &size) >= 0 && address == HADDR_UNDEF;
}

/// After libhdf5 has refused to tell a chunk's size: 1.10 does so for one that was never written, among others that
/// were.
bool refused_as_never_written(hid_t dataset, const hsize_t* place) {
  return last_message() == "chunk storage is not allocated" || has_no_place(dataset, place);
}

std::optional<Array::StoredChunk> StoredArray::read_chunk(const Action& action, hid_t id, const Shape& start) const {
  hsize_t place[H5S_MAX_RANK] = {};
  std::copy(start.begin(), start.end(), place);
  hsize_t size = 0;
  const herr_t found = H5Dget_chunk_storage_size(id, place, &size);
  if (found < 0 && !refused_as_never_written(id, place)) require_read(action, found);
  if (found < 0 || size == 0) {
    file_->require_whole(action);
    if (found >= 0 && !has_no_place(id, place)) fail(action, "its index says that it has no bytes");
    return std::nullopt;
  }
  if (size > static_cast<hsize_t>(file_->size()))
    fail(action, "it claims " + std::to_string(size) + " bytes, more than the file has");
  StoredChunk chunk;
  chunk.size = static_cast<std::int64_t>(size);
  chunk.bytes = Buffer::allocate(static_cast<std::size_t>(size));
  if (info_.filters.empty()) {
    const std::string cause = read_raw_chunk(id, place, chunk.filter_mask, chunk.bytes.data(), size);
    if (!cause.empty()) file_->require_whole(action), fail(action, cause);
  } else {
    const herr_t read = H5Dread_chunk(id, H5P_DEFAULT, place, &chunk.filter_mask, chunk.bytes.data());
    if (read < 0) require_read(action, read);
  }
  if (plain_edges_ && reaches_beyond(start)) chunk.filter_mask = ~std::uint32_t{0};
  return chunk;
}

std::vector<std::optional<Array::StoredChunk>> StoredArray::read_chunks(std::string_view stage,
                                                                        std::span<const Shape> starts) const {
  std::vector<std::optional<StoredChunk>> chunks;
  chunks.reserve(starts.size());
  const Library library;
  for (const Shape& start : starts) {
    const Action action{stage, "read chunk", info_.name, file_->path(), &start};
    chunks.push_back(read_chunk(action, dataset(action), start));
  }
  if (!starts.empty()) file_->require_whole({stage, "read chunk", info_.name, file_->path(), &starts.front()});
  return chunks;
}

void StoredArray::read_bytes(std::string_view stage, std::int64_t place, std::byte* to, std::int64_t size) const {
  const bool read = read_fully(file_->descriptor(), to, static_cast<std::size_t>(size), place);
  const int error = errno;
  const Action action{stage, "read", info_.name, file_->path()};
  file_->require_whole(action);
  if (read) return;
  fail(action, std::to_string(size) + " bytes at " + std::to_string(place) + ": " + std::strerror(error));
}

/// `cause`, unless a filter is missing: libhdf5 itself says only that one is, not what can be done.
std::string StoredArray::missing_filter(std::string cause) const {
  for (const Filter& filter : info_.filters.filters()) {
    if (H5Zfilter_avail(filter.id) > 0) continue;
    const std::string name = filter.name.empty() ? "" : " ('" + filter.name + "')";
    return "filter " + std::to_string(filter.id) + name + " is not available; " +
           (file_->trusted() ? "install its plugin for libhdf5 " + library_version()
                             : "with trusted=True libhdf5 may load its plugin");
  }
  return cause;
}

template <class Read>
auto StoredArray::with_rows(std::string_view stage, std::int64_t begin, std::int64_t count, const Read& read) const {
  const Action action{stage, "read", info_.name, file_->path()};
  const std::int64_t rows = info_.rank == 0 ? 1 : info_.shape[0];
  require<IndexError>(begin >= 0 && count >= 0 && count <= rows && begin <= rows - count, stage, "'", info_.name,
                      "' has ", rows, " rows, got ", count, " from ", begin);
  const Library library;
  const Plugins plugins(file_->trusted());
  const hid_t id = dataset(action);
  const Id space = owned(action, H5Dget_space(id));
  hsize_t sizes[H5S_MAX_RANK] = {1}, starts[H5S_MAX_RANK] = {};
  if (info_.rank > 0) {
    checked(action, H5Sget_simple_extent_dims(space.get(), sizes, nullptr));
    if (!std::equal(sizes, sizes + info_.rank, info_.shape.begin(),
                    [](hsize_t now, std::int64_t then) { return now == static_cast<hsize_t>(then); }))
      fail(action, "its shape has changed since it was opened");
    starts[0] = static_cast<hsize_t>(begin);
    sizes[0] = static_cast<hsize_t>(count);
    checked(action, H5Sselect_hyperslab(space.get(), H5S_SELECT_SET, starts, nullptr, sizes, nullptr));
  }
  const Id room = owned(action, H5Screate_simple(std::max(info_.rank, 1), sizes, nullptr));
  const std::int64_t elements = checked(action, H5Sget_simple_extent_npoints(room.get()));
  return read(action, elements, [&](void* to) {
    if (elements > 0) require_read(action, H5Dread(id, type_.memory.get(), room.get(), space.get(), H5P_DEFAULT, to));
    return 0;
  });
}

Tensor StoredArray::read_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const {
  const Shape shape = (info_.rank == 0 ? info_.shape : info_.shape.tail()).with_front(count);
  return with_rows(stage, begin, count, [&](const Action& action, std::int64_t elements, const auto& read) {
    return read_values(action, type_, shape, elements, read);
  });
}

RaggedTensor StoredArray::read_sequence_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const {
  return with_rows(stage, begin, count, [&](const Action& action, std::int64_t elements, const auto& read) {
    return read_sequence_values(action, type_, elements, read);
  });
}

Tensor StoredArray::items(std::string_view stage, const Tensor& stored) const {
  const Action action{stage, "read", info_.name, file_->path()};
  Shape shape = stored.shape();
  for (const std::int64_t size : type_.axes) shape = shape.with_back(size);
  if (info_.dtype.variable_length()) return heap_->texts(action, stored, info_.dtype, fill_text_).reshape(shape);
  return converted(action, type_, stored.data(), stored.size(), shape);
}

Tensor StoredArray::sequence_splits(std::string_view stage, const Tensor& references) const {
  return heap_->splits({stage, "read", info_.name, file_->path()}, references, type_.sequence_of->stored_bytes);
}

void StoredArray::read_sequences(std::string_view stage, const Tensor& references, const Tensor& to) const {
  const Action action{stage, "read", info_.name, file_->path()};
  const Type& item = *type_.sequence_of;
  if (item.slow.empty()) {
    heap_->join(action, references, item.stored_bytes, to.mutable_data());
    put_right(item.fixes, item.dtype.itemsize(), to.mutable_data(), to.nbytes());
    return;
  }
  const std::int64_t items = to.shape()[0];
  std::vector<std::byte> stored(static_cast<std::size_t>(items * item.stored_bytes));
  heap_->join(action, references, item.stored_bytes, stored.data());
  copy(converted(action, item, stored.data(), items, to.shape()), to);
}

}  // namespace

std::shared_ptr<const Array> OpenFile::array(std::string_view stage, const std::string& name, bool as_stored) const {
  const std::string full = full_name(name);
  const Action action{stage, "open", full, path_};
  const Library library;
  Id object = open_object(action);
  const H5I_type_t kind = H5Iget_type(object.get());
  if (kind == H5I_GROUP) fail(action, "it is a group; name an array in it");
  if (kind != H5I_DATASET) fail(action, "it is no array");
  return std::make_shared<StoredArray>(action, shared_from_this(), std::move(object), as_stored);
}

}  // namespace headrace::hdf5
