// Strided tensors for tests, and the slow, plain way to read them.
#pragma once

#include <headrace/tensor/tensor.hpp>

#include <cstring>
#include <numeric>
#include <random>
#include <string>
#include <vector>

namespace headrace::testing {

/// Calls visit(index) for every index of `shape`, in C order.
template <class Visit>
void for_each_index(const Shape& shape, const Visit& visit) {
  if (element_count(shape) == 0) return;
  Shape index = shape;
  std::fill(index.begin(), index.end(), 0);
  for (;;) {
    visit(index);
    int axis = shape.size() - 1;
    while (axis >= 0 && ++index[axis] == shape[axis]) index[axis--] = 0;
    if (axis < 0) return;
  }
}

inline std::string item_bytes(const Tensor& tensor, const Shape& index) {
  std::int64_t offset = 0;
  for (int axis = 0; axis < index.size(); ++axis) offset += index[axis] * tensor.strides()[axis];
  return {reinterpret_cast<const char*>(tensor.data()) + offset, static_cast<std::size_t>(tensor.dtype().itemsize())};
}

/// All items in C order, one string each.
inline std::vector<std::string> items_of(const Tensor& tensor) {
  std::vector<std::string> items;
  for_each_index(tensor.shape(), [&](const Shape& index) { items.push_back(item_bytes(tensor, index)); });
  return items;
}

/// Strides of all kinds: axes in any order, steps, gaps, negative; with `repeats`, also zero.
inline Tensor random_strided(DType dtype, const Shape& shape, std::mt19937& random, bool repeats) {
  std::vector<int> order(static_cast<std::size_t>(shape.size()));
  std::iota(order.begin(), order.end(), 0);
  if (random() % 2) std::shuffle(order.begin(), order.end(), random);
  Strides strides = shape;
  std::int64_t stride = dtype.itemsize(), first = 0;
  for (auto place = order.rbegin(); place != order.rend(); ++place) {
    const int axis = *place;
    const std::int64_t step = random() % 4 ? 1 : 1 + static_cast<std::int64_t>(random() % 3);
    const bool back = random() % 4 == 0, repeat = repeats && random() % 6 == 0;
    strides[axis] = repeat ? 0 : back ? -stride * step : stride * step;
    if (back && !repeat) first += (shape[axis] - 1) * stride * step;
    stride *= std::max<std::int64_t>(shape[axis], 1) * step;
  }
  Buffer buffer = Buffer::allocate(static_cast<std::size_t>(stride));
  for (std::size_t i = 0; i < buffer.size(); ++i) buffer.data()[i] = std::byte(random());
  std::byte* const data = buffer.data() + (element_count(shape) > 0 ? first : 0);
  return Tensor::view(std::move(buffer), data, dtype, shape, strides, true);
}

/// A gapless copy made item by item.
inline Tensor plain_copy(const Tensor& tensor) {
  Tensor result = Tensor::empty(tensor.dtype(), tensor.shape());
  std::byte* place = result.mutable_data();
  for (const std::string& item : items_of(tensor)) {
    std::memcpy(place, item.data(), item.size());
    place += item.size();
  }
  return result;
}

}  // namespace headrace::testing
