// Which rows: an arithmetic range, or a list. A chain of take, skip, shard and slices stays arithmetic, so that a batch
// without a shuffle is a view.
#pragma once

#include <cstdint>

namespace headrace {

/// Non-owning when it is a list: whoever makes one keeps the list alive for the call.
struct Positions {
  const std::int64_t* list = nullptr;  // if set: list[0..count)
  std::int64_t start = 0;              // otherwise start, start + step, ...
  std::int64_t step = 1;
  std::int64_t count = 0;

  static Positions range(std::int64_t start, std::int64_t count, std::int64_t step = 1) {
    return {nullptr, start, step, count};
  }
  static Positions of(const std::int64_t* list, std::int64_t count) { return {list, 0, 1, count}; }
  std::int64_t operator[](std::int64_t i) const { return list ? list[i] : start + i * step; }
  /// Entries [begin, begin + n).
  Positions slice(std::int64_t begin, std::int64_t n) const {
    return list ? of(list + begin, n) : range(start + begin * step, n, step);
  }
};

}  // namespace headrace
