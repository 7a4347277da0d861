#include <headrace/io/hdf5/row_blocks.hpp>

#include <algorithm>
#include <cstring>

#include <headrace/io/file.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::int64_t kBlockBytes = std::int64_t{1} << 18;  // about, where there are no chunks
constexpr std::int64_t kTogether = std::int64_t{1} << 17;

std::int64_t rounded_up(std::int64_t n, std::int64_t by) { return n / by + (n % by != 0); }

void fill_with(const std::vector<std::byte>& item, std::byte* to, std::int64_t size) {
  const auto width = static_cast<std::int64_t>(item.size());
  if (std::all_of(item.begin(), item.end(), [](std::byte byte) { return byte == std::byte{}; })) {
    std::memset(to, 0, static_cast<std::size_t>(size));
    return;
  }
  for (std::int64_t i = 0; i < size; i += width) std::memcpy(to + i, item.data(), item.size());
}

/// What stored bytes are decoded as: items with the axes of an array type, or where they take two steps, bytes.
DType decoded_dtype(const ArrayInfo& info) {
  return info.in_two_steps() ? DType::record({}, info.item_bytes) : info.dtype;
}

/// A dataset's shape as such a tensor.
Shape decoded_shape(const ArrayInfo& info) { return info.in_two_steps() ? dataset_shape(info) : info.shape; }

Shape chunk_shape(const ArrayInfo& info) {
  Shape shape = decoded_shape(info);
  for (int axis = 0; axis < info.rank; ++axis) shape[axis] = info.chunk[axis];
  return shape;
}

bool chunk_is_rows(const ArrayInfo& info, const BlockPlan& plan) {
  return plan.chunks == 1 && chunk_shape(info).tail() == decoded_shape(info).tail();
}

std::string chunk_name(const ArrayInfo& info, const Shape& start) {
  Shape place = info.chunk;
  for (int axis = 0; axis < info.rank; ++axis) place[axis] = start[axis] / info.chunk[axis];
  return "chunk " + to_string(place);
}

/// The whole chunk at `start`, also where it stands out over the array's edge, as C-order bytes.
void decode_chunk(std::string_view stage, const Array& array, const Shape& start,
                  const std::optional<Array::StoredChunk>& stored, const Tensor& chunk) {
  const ArrayInfo& info = array.info();
  const std::int64_t size = chunk.nbytes();
  if (!stored) {
    fill_with(info.fill, chunk.mutable_data(), size);
    return;
  }
  try {
    info.filters.decode({stored->bytes.data(), static_cast<std::size_t>(stored->size)}, stored->filter_mask,
                        {chunk.mutable_data(), static_cast<std::size_t>(size)});
  } catch (const ValueError& error) {
    throw IoError(sentence(stage, "cannot decode ", chunk_name(info, start), " of '", info.name, "' in '",
                           array.file_path(), "': ", error.what(), "; the file is damaged"));
  }
  if (!info.in_two_steps()) put_right(info.fixes, info.dtype.itemsize(), chunk.mutable_data(), size);
}

/// Calls body(begin, chunks) for chunks that are read together: libhdf5's lock is taken once for about kTogether bytes.
template <class Body>
void each_group(std::string_view stage, const Array& array, std::span<const Shape> starts, std::int64_t chunk_bytes,
                const Body& body) {
  const auto most =
      static_cast<std::size_t>(std::max<std::int64_t>(kTogether / std::max<std::int64_t>(chunk_bytes, 1), 1));
  for (std::size_t begin = 0; begin < starts.size(); begin += most) {
    const auto group = starts.subspan(begin, std::min(most, starts.size() - begin));
    body(begin, array.read_chunks(stage, group));
  }
}

Shape zeros(const Shape& like) {
  Shape shape = like;
  std::fill(shape.begin(), shape.end(), 0);
  return shape;
}

/// The part of `tensor` that begins at `start` and is at most `shape`.
Tensor part(const Tensor& tensor, const Shape& start, const Shape& shape) {
  std::byte* data = tensor.mutable_data();
  Shape sizes = tensor.shape();
  for (int axis = 0; axis < sizes.size(); ++axis) {
    data += start[axis] * tensor.strides()[axis];
    sizes[axis] = std::min(shape[axis], sizes[axis] - start[axis]);
  }
  return Tensor::view(tensor.buffer(), data, tensor.dtype(), sizes, tensor.strides(), true);
}

}  // namespace

TensorSpec row_of(const ArrayInfo& info) {
  if (info.sequences) return {info.sequences->dtype, info.sequences->axes.with_front(-1)};
  return {info.dtype, info.shape.tail()};
}

bool lies_as_it_is(const ArrayInfo& info) { return lies_in_one_place(info) && info.fixes.empty(); }

bool lies_in_one_place(const ArrayInfo& info) {
  return info.layout == Layout::contiguous && info.slow_because.empty() && !info.in_two_steps();
}

BlockPlan::BlockPlan(const ArrayInfo& info) : rows(info.rank == 0 ? 1 : info.shape[0]) {
  const bool by_chunks = info.layout == Layout::chunked;
  if (by_chunks) {
    block_rows = info.chunk[0];
    for (int axis = 1; axis < info.rank; ++axis) chunks *= rounded_up(info.shape[axis], info.chunk[axis]);
  } else {
    std::int64_t row_bytes = info.item_bytes + (info.dtype.variable_length() ? info.heap_bytes : 0);
    for (int axis = 1; axis < info.rank; ++axis) row_bytes *= std::max<std::int64_t>(info.shape[axis], 1);
    block_rows = std::max<std::int64_t>(kBlockBytes / std::max<std::int64_t>(row_bytes, 1), 1);
  }
  if (!by_chunks || !info.slow_because.empty()) chunks = 0;
  blocks = rounded_up(rows, block_rows);
}

bool BlockPlan::is_one_chunk(const ArrayInfo& info) const { return chunk_is_rows(info, *this) && !info.in_two_steps(); }

namespace {

/// Rows of an array that has no chunks, as they are stored.
Tensor decode_rows(std::string_view stage, const Array& array, std::int64_t begin, std::int64_t count) {
  const ArrayInfo& info = array.info();
  const Shape shape = decoded_shape(info);
  const Tensor rows = Tensor::empty(decoded_dtype(info), (info.rank == 0 ? shape : shape.tail()).with_front(count));
  read_contiguous(stage, array, begin, rows);
  return rows;
}

/// Rows [first, first + count) of an array of which several chunks lie beside each other.
Tensor decode_chunks(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t first,
                     std::int64_t count) {
  const ArrayInfo& info = array.info();
  Shape whole = decoded_shape(info);
  std::vector<Shape> starts;
  Shape start = zeros(whole);
  start[0] = first;
  for (std::int64_t chunk = 0; chunk < plan.chunks; ++chunk) {
    starts.push_back(start);
    for (int axis = info.rank - 1; axis > 0; --axis) {  // to the next one
      start[axis] += info.chunk[axis];
      if (start[axis] < info.shape[axis]) break;
      start[axis] = 0;
    }
  }
  whole[0] = count;
  const Tensor rows = Tensor::empty(decoded_dtype(info), whole);
  const Tensor decoded = Tensor::empty(decoded_dtype(info), chunk_shape(info));
  each_group(stage, array, starts, decoded.nbytes(), [&](std::size_t begin, const auto& chunks) {
    for (std::size_t i = 0; i < chunks.size(); ++i) {
      decode_chunk(stage, array, starts[begin + i], chunks[i], decoded);
      Shape place = starts[begin + i];
      place[0] = 0;
      const Tensor to = part(rows, place, decoded.shape());
      copy(part(decoded, zeros(place), to.shape()), to);
    }
  });
  return rows;
}

/// A block as it is decoded.
Tensor decode_block(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t block) {
  const ArrayInfo& info = array.info();
  const std::int64_t first = block * plan.block_rows;
  const std::int64_t count = std::min(plan.block_rows, plan.rows - first);
  if (plan.chunks == 0) return decode_rows(stage, array, first, count);
  if (!chunk_is_rows(info, plan)) return decode_chunks(stage, array, plan, first, count);
  const Tensor chunk = Tensor::empty(decoded_dtype(info), chunk_shape(info));
  read_blocks_into(stage, array, plan, block, chunk);
  return chunk.rows(0, count);
}

}  // namespace

Tensor read_block(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t block) {
  const ArrayInfo& info = array.info();
  if (!info.slow_because.empty()) {
    const std::int64_t first = block * plan.block_rows;
    return array.read_rows(stage, first, std::min(plan.block_rows, plan.rows - first));
  }
  const Tensor decoded = decode_block(stage, array, plan, block);
  return info.in_two_steps() ? array.items(stage, decoded) : decoded;
}

void read_blocks_into(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t first,
                      const Tensor& to) {
  std::vector<Shape> starts(static_cast<std::size_t>(to.shape()[0] / plan.block_rows), zeros(to.shape()));
  for (std::size_t i = 0; i < starts.size(); ++i)
    starts[i][0] = (first + static_cast<std::int64_t>(i)) * plan.block_rows;
  each_group(stage, array, starts, to.nbytes() / std::max<std::int64_t>(static_cast<std::int64_t>(starts.size()), 1),
             [&](std::size_t begin, const auto& chunks) {
               for (std::size_t i = 0; i < chunks.size(); ++i) {
                 const auto row = static_cast<std::int64_t>(begin + i) * plan.block_rows;
                 decode_chunk(stage, array, starts[begin + i], chunks[i], to.rows(row, plan.block_rows));
               }
             });
}

Tensor map_array(std::string_view stage, const Array& array) {
  const ArrayInfo& info = array.info();
  if (!info.offset) {
    const Tensor rows = Tensor::empty(info.dtype, info.shape);
    fill_with(info.fill, rows.mutable_data(), rows.nbytes());
    return rows.read_only();
  }
  const std::string& path = array.file_path();
  const Buffer file = OpenFolder(std::string(stage), parent_of(path)).map(path.substr(path.rfind('/') + 1));
  const std::int64_t size = element_count(info.shape) * info.dtype.itemsize();  // the array's own size was checked
  require<IoError>(*info.offset >= 0 && size <= static_cast<std::int64_t>(file.size()) - *info.offset, stage,
                   "the bytes of '", info.name, "' must lie in '", path, "', got ", size, " at ", *info.offset, " of ",
                   file.size(), "; the file is damaged");
  return Tensor::view(file, file.data() + *info.offset, info.dtype, info.shape,
                      contiguous_strides(info.shape, info.dtype.itemsize()), false);
}

void read_contiguous(std::string_view stage, const Array& array, std::int64_t begin, const Tensor& to) {
  const ArrayInfo& info = array.info();
  const std::int64_t row_bytes = to.shape()[0] > 0 ? to.nbytes() / to.shape()[0] : 0;
  if (!info.offset)
    fill_with(info.fill, to.mutable_data(), to.nbytes());
  else
    array.read_bytes(stage, *info.offset + begin * row_bytes, to.mutable_data(), to.nbytes());
  if (info.offset && !info.in_two_steps()) put_right(info.fixes, info.dtype.itemsize(), to.mutable_data(), to.nbytes());
}

std::vector<Shape> chunk_starts(const ArrayInfo& info, const BlockPlan& plan, std::int64_t first, std::int64_t count) {
  std::vector<Shape> starts;
  for (std::int64_t block = first; block < first + count; ++block) {
    Shape start = info.chunk;
    std::ranges::fill(start, 0);
    start[0] = block * plan.block_rows;
    for (std::int64_t chunk = 0; chunk < plan.chunks; ++chunk) {
      starts.push_back(start);
      for (int axis = info.rank - 1; axis > 0; --axis) {
        start[axis] += info.chunk[axis];
        if (start[axis] < info.shape[axis]) break;
        start[axis] = 0;
      }
    }
  }
  return starts;
}

}  // namespace headrace::hdf5
