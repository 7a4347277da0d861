// What operator new of this program counts, and when it fails: hdf5_damage_test.cpp replaces it.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace headrace::allocations {

extern thread_local std::size_t taken;             // bytes
extern thread_local int left;                      // of this thread, until one fails; 0: none does
extern std::atomic<std::int64_t> left_everywhere;  // of all threads, until one fails; 0 and less: none does

}  // namespace headrace::allocations
