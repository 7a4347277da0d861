#include <headrace/io/hdf5/values.hpp>

#include <algorithm>
#include <limits>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

constexpr int kMostAxes = 32;  // of HDF5 and of NumPy 1

/// Older libraries put nothing but converted values into the caller's memory. Newer ones may convert there, so that
/// after an error it holds numbers that are no pointers: such texts are left alone.
constexpr bool kOnlyConverted = !H5_VERSION_GE(1, 13, 0);

/// The texts that libhdf5 allocated, one by one, until they are copied.
class BorrowedTexts {
 public:
  BorrowedTexts(const Type& type, std::int64_t texts, std::int64_t elements)
      : type_(type), elements_(static_cast<hsize_t>(elements)), texts_(static_cast<std::size_t>(texts), nullptr) {}
  ~BorrowedTexts() {
    if (!read_ && !kOnlyConverted) return;
    const Id space(H5Screate_simple(1, &elements_, nullptr));
    H5Dvlen_reclaim(type_.memory.get(), space.get(), H5P_DEFAULT, texts_.data());
  }
  BorrowedTexts(const BorrowedTexts&) = delete;
  BorrowedTexts& operator=(const BorrowedTexts&) = delete;

  char** room() { return texts_.data(); }
  void all_read() { read_ = true; }
  std::vector<std::string_view> views() const {
    std::vector<std::string_view> result;
    result.reserve(texts_.size());
    for (const char* text : texts_) result.emplace_back(text ? text : "");
    return result;
  }

 private:
  const Type& type_;
  hsize_t elements_;
  std::vector<char*> texts_;
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

Tensor read_values(const Action& action, const Type& type, const Shape& shape, std::int64_t count,
                   const std::function<herr_t(void*)>& read) {
  if (!type.dtype.variable_length()) {
    Tensor result = Tensor::zeros(type.dtype, shape);  // libhdf5 leaves alone what has neither bytes nor a fill value
    checked(action, read(result.mutable_data()));
    return result;
  }
  const std::int64_t texts = element_count(shape);
  if (texts == 0) return Tensor::empty(type.dtype, shape);
  BorrowedTexts borrowed(type, texts, count);
  checked(action, read(borrowed.room()));
  borrowed.all_read();
  return Tensor::texts(borrowed.views(), type.dtype).reshape(shape);
}

}  // namespace headrace::hdf5
