// Private to buffer.cpp: the sizes that blocks come in, and the free blocks of one size.
#pragma once

#include <headrace/tensor/buffer.hpp>

#include <bit>
#include <mutex>
#include <thread>
#include <utility>

namespace headrace::detail {

// 64, 128, 192, 256, then four sizes between powers of two, so that at most a quarter is wasted.
constexpr int kClasses = 164;
constexpr std::size_t kLargest = std::size_t{1} << 48;

constexpr int class_of(std::size_t size) {
  if (size <= 256) return size == 0 ? 0 : static_cast<int>((size - 1) / 64);
  const int width = std::bit_width(size - 1);
  return 4 + (width - 9) * 4 + static_cast<int>((size - 1) >> (width - 3) & 3);
}

constexpr std::size_t capacity_of(int index) {
  if (index < 4) return static_cast<std::size_t>(index + 1) * 64;
  const int width = 9 + (index - 4) / 4;
  return static_cast<std::size_t>(5 + (index - 4) % 4) << (width - 3);
}

static_assert(class_of(kLargest) == kClasses - 1 && capacity_of(kClasses - 1) == kLargest);

/// A lock for a few instructions, and for a fork: any thread may unlock it.
class SpinLock {
 public:
  void lock() {
    for (int tries = 0; taken_.exchange(true, std::memory_order_acquire); ++tries) {
      if (tries >= 32) std::this_thread::yield();
    }
  }
  void unlock() { taken_.store(false, std::memory_order_release); }

 private:
  std::atomic<bool> taken_{false};
};

/// The free blocks of one size class, and its counters. Thread-safe. Needs no constructor to run and no destructor.
struct alignas(64) Shelf {
  SpinLock lock;
  BufferStorage* free = nullptr;
  std::int64_t free_count = 0;
  std::int64_t live_count = 0;
  std::int64_t allocated = 0;
  std::int64_t reused = 0;

  /// A free block, to be used again or given back to the system; nullptr where there is none.
  BufferStorage* take(bool to_use) {
    const std::lock_guard guard(lock);
    BufferStorage* const block = free;
    if (!block) return nullptr;
    free = block->next_free;
    --free_count;
    live_count += to_use;
    reused += to_use;
    return block;
  }
  void count_new_block() {
    const std::lock_guard guard(lock);
    ++live_count;
    ++allocated;
  }
  /// Keeps a block that was in use, unless `most` are kept already: then false.
  bool put(BufferStorage* block, std::int64_t most) {
    const std::lock_guard guard(lock);
    --live_count;
    if (free_count >= most) return false;
    block->next_free = std::exchange(free, block);
    ++free_count;
    return true;
  }
};

}  // namespace headrace::detail
