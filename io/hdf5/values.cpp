#include <headrace/io/hdf5/values.hpp>

#include <algorithm>
#include <cstring>
#include <limits>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

constexpr int kMostAxes = 32;  // of HDF5 and of NumPy 1

/// Older libraries put nothing but converted values into the caller's memory. Newer ones may convert there, so that
/// after an error it holds numbers that are no pointers: such texts are left alone.
constexpr bool kOnlyConverted = !H5_VERSION_GE(1, 13, 0);

/// What libhdf5 allocated, one by one, until it is copied: char* or hvl_t, `items` of them in `elements`.
template <class Item>
class Borrowed {
 public:
  Borrowed(const Type& type, std::int64_t items, std::int64_t elements)
      : type_(type), elements_(static_cast<hsize_t>(elements)), items_(static_cast<std::size_t>(items), Item{}) {}
  ~Borrowed() {
    if (!read_ && !kOnlyConverted) return;
    const Id space(H5Screate_simple(1, &elements_, nullptr));
    H5Dvlen_reclaim(type_.memory.get(), space.get(), H5P_DEFAULT, items_.data());
  }
  Borrowed(const Borrowed&) = delete;
  Borrowed& operator=(const Borrowed&) = delete;

  Item* room() { return items_.data(); }
  void all_read() { read_ = true; }
  const std::vector<Item>& all() const { return items_; }

 private:
  const Type& type_;
  hsize_t elements_;
  std::vector<Item> items_;
  bool read_ = false;
};

Shape shape_of(const Action& action, hid_t space, int rank) {
  hsize_t sizes[H5S_MAX_RANK] = {}, most[H5S_MAX_RANK] = {};
  if (rank > H5S_MAX_RANK) fail(action, "it has " + std::to_string(rank) + " axes");
  checked(action, H5Sget_simple_extent_dims(space, sizes, most));
  Shape shape;
  for (int axis = 0; axis < rank; ++axis) {
    const auto limit = std::min(most[axis], static_cast<hsize_t>(std::numeric_limits<std::int64_t>::max()));
    if (sizes[axis] > limit)  // 1.10.8 does not look, and takes for ever over such chunks
      fail(action, "axis " + std::to_string(axis) + " claims " + std::to_string(sizes[axis]) + " elements, of " +
                       std::to_string(limit) + " at most");
    shape = shape.with_back(static_cast<std::int64_t>(sizes[axis]));
  }
  return shape;
}

/// Refuses what no tensor can be, before anybody multiplies it.
void check_size(const Action& action, const Stored& stored) {
  if (stored.shape.size() > kMostAxes)
    fail(action, "its shape " + to_string(stored.shape) + " has more than " + std::to_string(kMostAxes) + " axes");
  try {
    const std::int64_t largest = std::max({std::int64_t{1}, stored.type.dtype.itemsize(), stored.item_bytes});
    element_count(stored.shape.with_back(largest));
  } catch (const Error&) {
    fail(action, "it claims to be " + to_string(stored.shape) + ", more bytes than any file has");
  }
}

}  // namespace

Stored stored_values(const Action& action, hid_t space, hid_t type) {
  Stored stored;
  stored.type = describe(action, type);
  stored.item_bytes = static_cast<std::int64_t>(H5Tget_size(type));
  if (H5Sget_simple_extent_type(space) == H5S_NULL) {
    stored.type.dtype = DType();
    stored.type.why = "an empty dataspace";
    return stored;
  }
  stored.rank = checked(action, H5Sget_simple_extent_ndims(space));
  stored.shape = shape_of(action, space, stored.rank);
  for (const std::int64_t size : stored.type.axes) stored.shape = stored.shape.with_back(size);
  if (stored.type.dtype) check_size(action, stored);
  return stored;
}

Stored stored_elements(const Action& action, hid_t space, hid_t type) {
  Stored stored;
  stored.item_bytes = static_cast<std::int64_t>(H5Tget_size(type));
  stored.type.dtype = DType::record({}, stored.item_bytes);
  stored.type.memory = owned(action, H5Tcopy(type));  // libhdf5 converts nothing
  stored.type.stored_bytes = stored.item_bytes;
  stored.rank = checked(action, H5Sget_simple_extent_ndims(space));
  stored.shape = shape_of(action, space, stored.rank);
  check_size(action, stored);
  return stored;
}

Tensor read_values(const Action& action, const Type& type, const Shape& shape, std::int64_t count,
                   const std::function<herr_t(void*)>& read) {
  if (!type.dtype.variable_length()) {
    Tensor result = Tensor::zeros(type.dtype, shape);  // libhdf5 leaves alone what has neither bytes nor a fill value
    checked(action, read(result.mutable_data()));
    return result;
  }
  const std::int64_t texts = element_count(shape);
  if (texts == 0) return Tensor::empty(type.dtype, shape);
  Borrowed<char*> borrowed(type, texts, count);
  checked(action, read(borrowed.room()));
  borrowed.all_read();
  std::vector<std::string_view> views;
  views.reserve(borrowed.all().size());
  for (const char* one : borrowed.all()) views.emplace_back(one ? one : "");
  return Tensor::texts(views, type.dtype).reshape(shape);
}

RaggedTensor read_sequence_values(const Action& action, const Type& type, std::int64_t count,
                                  const std::function<herr_t(void*)>& read) {
  const Type& item = *type.sequence_of;
  const std::int64_t item_bytes = static_cast<std::int64_t>(H5Tget_size(item.memory.get()));
  Borrowed<hvl_t> borrowed(type, count, count);
  checked(action, read(borrowed.room()));
  borrowed.all_read();
  Tensor splits = Tensor::empty(int64, {count + 1});
  const auto ends = splits.mutable_values<std::int64_t>();
  ends[0] = 0;
  for (std::size_t i = 0; i < borrowed.all().size(); ++i)
    ends[i + 1] = ends[i] + static_cast<std::int64_t>(borrowed.all()[i].len);
  Tensor values = Tensor::empty(item.dtype, item.axes.with_front(ends.back()));
  std::byte* place = values.mutable_data();
  for (const hvl_t& one : borrowed.all()) {
    const auto size = static_cast<std::size_t>(item_bytes) * one.len;
    if (size > 0) std::memcpy(place, one.p, size);
    place += size;
  }
  return {std::move(values), std::move(splits)};
}

Tensor converted(const Action& action, const Type& type, const std::byte* stored, std::int64_t count,
                 const Shape& shape) {
  const Library library;
  const std::size_t from = H5Tget_size(type.stored.get()), to = H5Tget_size(type.memory.get());
  const auto items = static_cast<std::size_t>(count);
  const Buffer room = Buffer::allocate(std::max(from, to) * items);
  if (count > 0) std::memcpy(room.data(), stored, from * items);
  std::vector<std::byte> background(to * items);  // what lies between a record's fields
  if (count > 0)
    checked(action,
            H5Tconvert(type.stored.get(), type.memory.get(), items, room.data(), background.data(), H5P_DEFAULT));
  return Tensor::view(room, room.data(), type.dtype, shape, contiguous_strides(shape, type.dtype.itemsize()), true);
}

}  // namespace headrace::hdf5
