// What operator new of this program counts, and when it fails: hdf5_damage_test.cpp replaces it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace headrace::allocations {

extern thread_local std::size_t taken;  // bytes
extern thread_local int left;           // of this thread, until one fails; 0: none does
inline constexpr std::int64_t kNone = INT64_MIN / 2;
extern std::atomic<std::int64_t> left_everywhere;  // of all threads, until one fails; kNone: none does
extern std::atomic<std::int64_t> in_a_row;         // so many fail then

/// `use` with allocation 1, 2, 3 ... of any thread failing, later ones at growing distances, until none is struck any
/// more, and `after` each. `count`: so many fail in a row.
template <class Use, class After>
void with_faults(Use&& use, After&& after, std::int64_t count = 1) {
  in_a_row = count;
  for (std::int64_t k = 1;; k += 1 + k / 50) {
    SCOPED_TRACE("allocation " + std::to_string(k) + ", " + std::to_string(count) + " in a row");
    left_everywhere = k;
    use();
    const bool struck = left_everywhere.exchange(kNone) <= 0;
    after();
    if (!struck || testing::Test::HasFailure()) return;
  }
}

}  // namespace headrace::allocations
