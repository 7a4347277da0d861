// Joining tensors: stack, concatenate, and what goes with it: widening fixed-width text and merging heaps.
#include <headrace/tensor/copy.hpp>

#include <headrace/tensor/copy_kernels.hpp>
#include <headrace/tensor/copy_nest.hpp>
#include <headrace/tensor/heaps.hpp>
#include <headrace/tensor/pool.hpp>

#include <algorithm>
#include <cstring>

namespace headrace {
namespace {

bool fixed_width(DType dtype) { return dtype.kind() == Kind::fixed_bytes || dtype.kind() == Kind::fixed_text; }

bool only_width_differs(DType a, DType b) { return a.kind() == b.kind() && fixed_width(a); }

/// The dtype of all items, the widest for text. Throws where they don't agree.
DType common_dtype(std::string_view stage, std::span<const Tensor> items) {
  DType widest = items.front().dtype();
  for (std::size_t i = 1; i < items.size(); ++i) {
    const DType dtype = items[i].dtype();
    if (dtype == widest) continue;
    if (!dtype || !only_width_differs(dtype, widest)) {
      const std::string got = dtype ? dtype.name() : "none";
      throw MismatchError(stage, static_cast<std::int64_t>(i), "dtype", got, items.front().dtype().name());
    }
    if (dtype.itemsize() > widest.itemsize()) widest = dtype;
  }
  return widest;
}

/// Copies one item, gapless and of the right width as a rule, to a gapless place.
void place_item(const Tensor& item, const Tensor& place) {
  if (item.dtype() == place.dtype() && item.is_contiguous()) {
    const std::int64_t bytes = item.nbytes();
    if (bytes > 0) detail::move_bytes(item.data(), place.mutable_data(), bytes);
    return;
  }
  if (item.dtype() != place.dtype()) std::memset(place.mutable_data(), 0, static_cast<std::size_t>(place.nbytes()));
  detail::copy_items(item, place, item.dtype().itemsize());
}

/// Copies the bytes of all items of a gapless tensor into a new heap.
void own_heap(Tensor& tensor) {
  auto* const items = reinterpret_cast<Text*>(tensor.mutable_data());
  const std::span<Text> texts(items, static_cast<std::size_t>(tensor.size()));
  std::int64_t total = 0;
  for (const Text& text : texts) total += text.size;
  Buffer heap = Buffer::allocate(static_cast<std::size_t>(total));
  auto* place = reinterpret_cast<char*>(heap.data());
  for (Text& text : texts) {
    const char* const start = place;
    place = std::copy_n(text.data, text.size, place);
    text.data = start;
  }
  tensor.set_heap(std::move(heap));
}

void check_not_empty(std::string_view stage, std::span<const Tensor> items) {
  require(!items.empty() && items.front().dtype(), stage, "at least one tensor is needed, got none");
}

}  // namespace

void detail::join_heaps(std::span<const Tensor> items, Tensor& joined) {
  if (!joined.dtype().variable_length()) return;
  Buffer shared;
  for (const Tensor& item : items) {
    if (!item.heap() || item.heap() == shared) continue;
    if (shared) return own_heap(joined);
    shared = item.heap();
  }
  joined.set_heap(std::move(shared));
}

MismatchError::MismatchError(std::string_view stage, std::int64_t index, std::string_view property, std::string got,
                             std::string first)
    : ValueError(sentence(stage, "item ", index, " has ", property, " ", got, ", the first has ", first)),
      index_(index),
      property_(property),
      got_(std::move(got)),
      first_(std::move(first)) {}

Tensor stack(std::span<const Tensor> items) {
  check_not_empty("stack", items);
  const Shape& shape = items.front().shape();
  for (std::size_t i = 1; i < items.size(); ++i) {
    if (items[i].shape() == shape) continue;
    throw MismatchError("stack", static_cast<std::int64_t>(i), "shape", to_string(items[i].shape()), to_string(shape));
  }
  const auto count = static_cast<std::int64_t>(items.size());
  Tensor result = Tensor::empty(common_dtype("stack", items), shape.with_front(count));
  const Tensor first = result.row(0);
  const std::int64_t bytes = first.nbytes();
  const auto place = [&](std::int64_t begin, std::int64_t end) {
    Tensor row = first;
    for (std::int64_t i = begin; i < end; ++i) {
      row.set_data(first.mutable_data() + i * bytes);
      place_item(items[static_cast<std::size_t>(i)], row);
    }
  };
  if (bytes <= detail::kPieceBytes && count * bytes > detail::kParallelBytes) {
    pool::parallel_for(count, detail::kPieceBytes / bytes, place);
  } else {
    place(0, count);
  }
  detail::join_heaps(items, result);
  return result;
}

Tensor concatenate(std::span<const Tensor> parts) {
  check_not_empty("concatenate", parts);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    require(parts[i].ndim() > 0, "concatenate", "each part needs a first axis, got a scalar for part ", i);
    const Shape tail = parts[i].shape().tail(), first = parts.front().shape().tail();
    if (tail != first)
      throw MismatchError("concatenate", static_cast<std::int64_t>(i), "row shape", to_string(tail), to_string(first));
    count += parts[i].shape()[0];
  }
  Shape shape = parts.front().shape();
  shape[0] = count;
  Tensor result = Tensor::empty(common_dtype("concatenate", parts), shape);
  std::int64_t row = 0;
  for (const Tensor& part : parts) {
    if (part.size() > 0) place_item(part, result.rows(row, part.shape()[0]));
    row += part.shape()[0];
  }
  detail::join_heaps(parts, result);
  return result;
}

Tensor widen(const Tensor& tensor, DType dtype) {
  if (tensor.dtype() == dtype || !fixed_width(tensor.dtype())) return tensor;
  require<TypeError>(only_width_differs(tensor.dtype(), dtype) && dtype.itemsize() >= tensor.dtype().itemsize(),
                     "widen", "text can only be made wider, got ", tensor.dtype().name(), " for ", dtype.name());
  Tensor result = Tensor::empty(dtype, tensor.shape());
  place_item(tensor, result);
  return result;
}

Tensor Tensor::copy() const {
  Tensor result = empty(dtype_, shape_);
  headrace::copy(*this, result);
  if (dtype_.variable_length() && size() > 0) own_heap(result);
  return result;
}

}  // namespace headrace
