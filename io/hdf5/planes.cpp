#include <headrace/io/hdf5/planes.hpp>

#include <algorithm>

namespace headrace::hdf5 {

namespace {

/// Items [first, count), whatever their size, in runs that stay in the first cache.
void to_planes_bytewise(const std::byte* items, std::size_t first, std::size_t count, std::size_t item,
                        std::byte* planes) {
  const std::size_t run = std::max<std::size_t>(16, 8192 / item);
  for (std::size_t begin = first; begin < count; begin += run) {
    const std::size_t end = std::min(count, begin + run);
    for (std::size_t byte = 0; byte < item; ++byte) {
      for (std::size_t i = begin; i < end; ++i) planes[byte * count + i] = items[i * item + byte];
    }
  }
}

void from_planes_bytewise(const std::byte* planes, std::size_t first, std::size_t count, std::size_t item,
                          std::byte* items) {
  const std::size_t run = std::max<std::size_t>(16, 8192 / item);
  for (std::size_t begin = first; begin < count; begin += run) {
    const std::size_t end = std::min(count, begin + run);
    for (std::size_t byte = 0; byte < item; ++byte) {
      for (std::size_t i = begin; i < end; ++i) items[i * item + byte] = planes[byte * count + i];
    }
  }
}

/// 16 items at a time; how many were done.
template <std::size_t N>
std::size_t to_planes_of(const std::byte* items, std::size_t count, std::byte* planes) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    std::array<Vector, N> v;
#pragma GCC unroll 16
    for (std::size_t k = 0; k < N; ++k) v[k] = load(items + i * N + 16 * k);
    deinterleave(v);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < N; ++k) store(planes + k * count + i, v[k]);
  }
  return i;
}

template <std::size_t N>
std::size_t from_planes_of(const std::byte* planes, std::size_t count, std::byte* items) {
  std::size_t i = 0;
  for (; i + 16 <= count; i += 16) {
    std::array<Vector, N> v;
#pragma GCC unroll 16
    for (std::size_t k = 0; k < N; ++k) v[k] = load(planes + k * count + i);
    interleave(v);
#pragma GCC unroll 16
    for (std::size_t k = 0; k < N; ++k) store(items + i * N + 16 * k, v[k]);
  }
  return i;
}

}  // namespace

void to_planes(const std::byte* items, std::size_t count, std::size_t item, std::byte* planes) {
  const std::size_t done = item == 2    ? to_planes_of<2>(items, count, planes)
                           : item == 4  ? to_planes_of<4>(items, count, planes)
                           : item == 8  ? to_planes_of<8>(items, count, planes)
                           : item == 16 ? to_planes_of<16>(items, count, planes)
                                        : 0;
  to_planes_bytewise(items, done, count, item, planes);
}

void from_planes(const std::byte* planes, std::size_t count, std::size_t item, std::byte* items) {
  const std::size_t done = item == 2    ? from_planes_of<2>(planes, count, items)
                           : item == 4  ? from_planes_of<4>(planes, count, items)
                           : item == 8  ? from_planes_of<8>(planes, count, items)
                           : item == 16 ? from_planes_of<16>(planes, count, items)
                                        : 0;
  from_planes_bytewise(planes, done, count, item, items);
}

}  // namespace headrace::hdf5
