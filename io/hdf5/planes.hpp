// Private to io/hdf5: items of several bytes, taken apart into planes (all first bytes, then all second ones) and put
// together again, 16 bytes at a time. The compiler makes SSE2 or NEON of it: no dispatch is needed.
#pragma once

#include <array>
#include <cstddef>
#include <cstring>

namespace headrace::hdf5 {

using Vector [[gnu::vector_size(16)]] = unsigned char;

inline Vector load(const std::byte* from) {
  Vector v;
  std::memcpy(&v, from, sizeof v);
  return v;
}
inline void store(std::byte* to, Vector v) { std::memcpy(to, &v, sizeof v); }

/// N planes of 16 bytes become 16 items of N bytes. Each round doubles how many bytes of an item stand together.
template <std::size_t N>
void interleave(std::array<Vector, N>& v) {
#pragma GCC unroll 4
  for (std::size_t width = 1; width < N; width *= 2) {
    std::array<Vector, N> next;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < N / 2; ++i) {
      const Vector a = v[i], b = v[i + N / 2];
      next[2 * i] = __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
      next[2 * i + 1] = __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
    v = next;
  }
}

/// The reverse.
template <std::size_t N>
void deinterleave(std::array<Vector, N>& v) {
#pragma GCC unroll 4
  for (std::size_t width = 1; width < N; width *= 2) {
    std::array<Vector, N> next;
#pragma GCC unroll 8
    for (std::size_t i = 0; i < N / 2; ++i) {
      const Vector a = v[2 * i], b = v[2 * i + 1];
      next[i] = __builtin_shufflevector(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
      next[i + N / 2] = __builtin_shufflevector(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    }
    v = next;
  }
}

/// `count` items of `item` bytes each; the two do not overlap.
void to_planes(const std::byte* items, std::size_t count, std::size_t item, std::byte* planes);
void from_planes(const std::byte* planes, std::size_t count, std::size_t item, std::byte* items);

}  // namespace headrace::hdf5
