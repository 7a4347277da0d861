// Private to copy.cpp and stack.cpp: runs of bytes moved from places to places.
#pragma once

#include <cstddef>
#include <cstdint>

namespace headrace::detail {

/// Where run i lies, in bytes from a base: list[i] * stride, or i * stride.
struct Places {
  const std::int64_t* list;
  std::int64_t stride;
  Places from(std::int64_t i) const { return {list ? list + i : nullptr, stride}; }
  std::int64_t offset(std::int64_t i) const { return list ? list[i] * stride : i * stride; }
};

/// Work above this many bytes is shared with the pool, in pieces of at least kPieceBytes.
constexpr std::int64_t kParallelBytes = std::int64_t{1} << 20;
constexpr std::int64_t kPieceBytes = std::int64_t{1} << 18;

/// Copies `count` runs of `run` bytes each, on this thread. Places in lists are prefetched.
void move_runs(const std::byte* from, Places from_places, std::byte* to, Places to_places, std::int64_t count,
               std::int64_t run);

/// A memcpy, on the pool where it is large.
void move_bytes(const std::byte* from, std::byte* to, std::int64_t bytes);

}  // namespace headrace::detail
