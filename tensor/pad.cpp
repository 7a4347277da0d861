#include <headrace/tensor/pad.hpp>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/copy_kernels.hpp>
#include <headrace/tensor/heaps.hpp>
#include <headrace/tensor/pool.hpp>

#include <algorithm>
#include <cstring>
#include <vector>

namespace headrace {
namespace {

/// Fills runs of bytes with copies of one item.
class Filler {
 public:
  explicit Filler(const Tensor& item)
      : item_(item.data()),
        size_(static_cast<std::size_t>(item.dtype().itemsize())),
        one_byte_(std::all_of(item_, item_ + size_, [&](std::byte b) { return b == item_[0]; })) {}

  void operator()(std::byte* to, std::int64_t count) const {
    const auto bytes = static_cast<std::size_t>(count);
    if (bytes == 0) return;
    if (one_byte_) {
      std::memset(to, static_cast<int>(*item_), bytes);
      return;
    }
    std::memcpy(to, item_, size_);
    for (std::size_t filled = size_; filled < bytes; filled *= 2)
      std::memcpy(to + filled, to, std::min(filled, bytes - filled));
  }

 private:
  const std::byte* item_;
  std::size_t size_;
  bool one_byte_;
};

/// Whether items of shape `from` are adjacent in a row of shape `to`: only the first sizes may differ.
bool leads(const Shape& from, const Shape& to) {
  return from.empty() || std::equal(from.begin() + 1, from.end(), to.begin() + 1);
}

/// Puts `item` at the start of `place`, one gapless row of the result.
void place_padded(const Tensor& item, const Tensor& place, const Filler& fill) {
  if (item.is_contiguous() && leads(item.shape(), place.shape())) {
    const std::int64_t bytes = item.nbytes();
    if (bytes > 0) std::memcpy(place.mutable_data(), item.data(), static_cast<std::size_t>(bytes));
    fill(place.mutable_data() + bytes, place.nbytes() - bytes);
    return;
  }
  fill(place.mutable_data(), place.nbytes());
  const Tensor corner =
      Tensor::view(place.buffer(), place.mutable_data(), place.dtype(), item.shape(), place.strides(), true);
  if (item.size() > 0) copy(item, corner);
}

/// Calls body(begin, end) over rows of `bytes` each, on the pool where that is worth it.
template <class Body>
void over_rows(std::int64_t count, std::int64_t bytes, const Body& body) {
  if (count * bytes <= detail::kParallelBytes) return body(0, count);
  pool::parallel_for(count, std::max<std::int64_t>(detail::kPieceBytes / bytes, 1), body);
}

void prefetch(const std::byte* data, std::int64_t bytes) {
  constexpr std::int64_t kLine = 64, kMost = 1024;
  for (std::int64_t i = 0; i < std::min(bytes, kMost); i += kLine) __builtin_prefetch(data + i);
}

/// Slices whose rows are gapless runs, copied run by run into places of `place_bytes` each.
template <class After>
void copy_slices(const Tensor& from, std::span<const Slice> slices, std::size_t begin, std::size_t end,
                 std::int64_t row_bytes, const After& place_of) {
  constexpr std::size_t kAhead = 6;
  for (std::size_t i = begin; i < end; ++i) {
    if (i + kAhead < end)
      prefetch(from.data() + slices[i + kAhead].begin * row_bytes, slices[i + kAhead].count * row_bytes);
    const std::int64_t bytes = slices[i].count * row_bytes;
    std::byte* const to = place_of(i, bytes);
    if (bytes > 0) std::memcpy(to, from.data() + slices[i].begin * row_bytes, static_cast<std::size_t>(bytes));
  }
}

bool gapless_rows(const Tensor& from) { return from.is_contiguous() && from.size() > 0; }

std::int64_t row_bytes_of(const Tensor& from) { return from.nbytes() / from.shape()[0]; }

}  // namespace

Tensor default_padding(DType dtype) {
  Tensor item = Tensor::zeros(dtype, {});
  const bool time = dtype.kind() == Kind::datetime64 || dtype.kind() == Kind::timedelta64;
  if (time) std::memcpy(item.mutable_data(), &kNaT, sizeof kNaT);
  return item;
}

Tensor pad(std::span<const Tensor> items, DType dtype, const Shape& shape, const Tensor& padding) {
  const auto count = static_cast<std::int64_t>(items.size());
  Tensor result = Tensor::empty(dtype, shape.with_front(count));
  if (result.size() == 0 || dtype.itemsize() == 0) return result;
  const Tensor wide = widen(padding, dtype);
  const Filler fill(wide);
  const Tensor first = result.row(0);
  const std::int64_t bytes = first.nbytes();
  over_rows(count, bytes, [&](std::int64_t begin, std::int64_t end) {
    Tensor place = first;
    for (std::int64_t i = begin; i < end; ++i) {
      const Tensor& item = items[static_cast<std::size_t>(i)];
      place.set_data(first.mutable_data() + i * bytes);
      if (item.dtype() == dtype)
        place_padded(item, place, fill);
      else
        place_padded(widen(item, dtype), place, fill);
    }
  });
  if (dtype.variable_length()) {
    std::vector<Tensor> sources(items.begin(), items.end());
    sources.push_back(padding);
    detail::join_heaps(sources, result);
  }
  return result;
}

Tensor pad(const Tensor& from, std::span<const Slice> slices, const Shape& shape, const Tensor& padding) {
  if (!gapless_rows(from) || !leads(from.shape(), shape)) {
    std::vector<Tensor> items;
    for (const Slice& slice : slices) items.push_back(from.rows(slice.begin, slice.count));
    return pad(items, from.dtype(), shape, padding);
  }
  const auto count = static_cast<std::int64_t>(slices.size());
  Tensor result = Tensor::empty(from.dtype(), shape.with_front(count));
  if (result.size() == 0 || from.dtype().itemsize() == 0) return result;
  const Tensor wide = widen(padding, from.dtype());
  const Filler fill(wide);
  const std::int64_t place_bytes = result.nbytes() / count, row_bytes = row_bytes_of(from);
  over_rows(count, place_bytes, [&](std::int64_t begin, std::int64_t end) {
    copy_slices(from, slices, static_cast<std::size_t>(begin), static_cast<std::size_t>(end), row_bytes,
                [&](std::size_t i, std::int64_t bytes) {
                  std::byte* const to = result.mutable_data() + static_cast<std::int64_t>(i) * place_bytes;
                  fill(to + bytes, place_bytes - bytes);
                  return to;
                });
  });
  const Tensor sources[] = {from, padding};
  detail::join_heaps(sources, result);
  return result;
}

Tensor join(const Tensor& from, std::span<const Slice> slices) {
  std::int64_t total = 0;
  bool adjacent = true;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    adjacent = adjacent && (i == 0 || slices[i].begin == slices[i - 1].begin + slices[i - 1].count);
    total += slices[i].count;
  }
  if (adjacent) return from.rows(slices.empty() ? 0 : slices.front().begin, total);
  if (!gapless_rows(from)) {
    std::vector<Tensor> parts;
    for (const Slice& slice : slices) parts.push_back(from.rows(slice.begin, slice.count));
    return concatenate(parts);
  }
  Tensor result = Tensor::empty(from.dtype(), from.shape().tail().with_front(total));
  std::byte* to = result.mutable_data();
  copy_slices(from, slices, 0, slices.size(), row_bytes_of(from), [&](std::size_t, std::int64_t bytes) {
    std::byte* const place = to;
    to += bytes;
    return place;
  });
  result.set_heap(from.heap());
  return result;
}

}  // namespace headrace
