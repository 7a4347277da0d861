#include <headrace/tensor/buffer.hpp>

#include <headrace/tensor/buffer_shelf.hpp>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <limits>
#include <new>
#include <type_traits>

#include <pthread.h>
#include <sys/mman.h>

// Present in programs built with AddressSanitizer only: free blocks are poisoned, so that reading a buffer that was
// given back is found although its memory is kept.
extern "C" {
__attribute__((weak, visibility("default"))) void __asan_poison_memory_region(const volatile void*, std::size_t);
__attribute__((weak, visibility("default"))) void __asan_unpoison_memory_region(const volatile void*, std::size_t);
}

namespace headrace {
namespace {

using detail::capacity_of;
using detail::class_of;
using detail::Shelf;
using Storage = detail::BufferStorage;

constexpr std::size_t kHeader = 64;  // the data follow the header in the same block
static_assert(sizeof(Storage) <= kHeader);

// Up to here a class bounds its cache by itself, which saves the counters that all larger ones share.
constexpr int kSmallClass = class_of(4096);
constexpr std::int64_t kSmallCache = std::int64_t{1} << 20;  // of each small class
constexpr std::int64_t kLargeCache = std::int64_t{256}
                                     << 20;  // of all others together, or what is live if that is more

struct Pool {
  std::array<Shelf, detail::kClasses> shelves;
  alignas(64) std::atomic<std::int64_t> large_live{0};
  alignas(64) std::atomic<std::int64_t> large_cached{0};
  std::atomic<const std::function<bool(std::size_t)>*> fault_hook{nullptr};

  Shelf& shelf(int index) { return shelves[static_cast<std::size_t>(index)]; }
};

// No constructor to run, no destructor: tensors may be older and younger than any static object.
static_assert(std::is_trivially_destructible_v<Pool>);
constinit Pool pool;

void lock_all() {
  for (Shelf& shelf : pool.shelves) shelf.lock.lock();
}
void unlock_all() {
  for (Shelf& shelf : pool.shelves) shelf.lock.unlock();
}
// A child must not inherit a lock that another thread held.
[[maybe_unused]] const int fork_handlers = pthread_atfork(lock_all, unlock_all, unlock_all);

std::byte* data_of(Storage* block) { return reinterpret_cast<std::byte*>(block) + kHeader; }

void poison(Storage* block) {
  if (__asan_poison_memory_region) __asan_poison_memory_region(data_of(block), block->capacity);
}

void unpoison(Storage* block) {
  if (__asan_unpoison_memory_region) __asan_unpoison_memory_region(data_of(block), block->capacity);
}

void give_back(Storage* block) {
  unpoison(block);
  std::free(block);
}

void add(std::atomic<std::int64_t>& counter, std::int64_t bytes) {
  counter.fetch_add(bytes, std::memory_order_relaxed);
}

/// Whether the large blocks that are kept come to more bytes than allowed.
bool keeps_too_much() {
  const std::int64_t allowed = std::max(kLargeCache, pool.large_live.load(std::memory_order_relaxed));
  return pool.large_cached.load(std::memory_order_relaxed) > allowed;
}

/// Gives blocks of one class back to the system while more() says so and there are any.
void empty_shelf(int index, bool (*more)()) {
  while (more()) {
    Storage* const block = pool.shelf(index).take(false);
    if (!block) return;
    if (index > kSmallClass) add(pool.large_cached, -static_cast<std::int64_t>(block->capacity));
    give_back(block);
  }
}

/// Frees large blocks until no more are kept than allowed. Those of class `in_use` go last: what a program gives back
/// now it will ask for again.
void shrink_cache(int in_use) {
  for (int index = detail::kClasses - 1; index > kSmallClass && keeps_too_much(); --index) {
    if (index != in_use) empty_shelf(index, keeps_too_much);
  }
  empty_shelf(in_use, keeps_too_much);
}

/// Asks for pages of 2 MiB in a large block, as NumPy does for its arrays: they are cleared and found faster. A system
/// that has none refuses, and nothing is lost.
void use_huge_pages(void* memory, std::size_t size) {
  constexpr std::uintptr_t page = std::uintptr_t{2} << 20;
  if (size < 2 * page) return;
  const auto start = reinterpret_cast<std::uintptr_t>(memory), skipped = -start % page;
  ::madvise(static_cast<std::byte*>(memory) + skipped, (size - skipped) / page * page, MADV_HUGEPAGE);
}

Storage* new_block(std::size_t capacity) {
  void* const memory = std::aligned_alloc(kHeader, kHeader + capacity);
  if (!memory) throw std::bad_alloc();
  use_huge_pages(memory, kHeader + capacity);
  auto* const block = new (memory) Storage{};
  block->capacity = capacity;
  return block;
}

/// A block with one reference.
Storage* take_block(std::size_t size) {
  const auto* const hook = pool.fault_hook.load(std::memory_order_acquire);
  if (size > detail::kLargest || (hook && (*hook)(size))) throw std::bad_alloc();
  const int index = class_of(size);
  Storage* block = pool.shelf(index).take(true);
  if (block) {
    if (index > kSmallClass) add(pool.large_cached, -static_cast<std::int64_t>(block->capacity));
    unpoison(block);
  } else {
    block = new_block(capacity_of(index));
    pool.shelf(index).count_new_block();
  }
  if (index > kSmallClass) add(pool.large_live, static_cast<std::int64_t>(block->capacity));
  block->references.store(1, std::memory_order_relaxed);
  block->data = data_of(block);
  block->size = size;
  return block;
}

/// Keeps a block that nobody refers to any more, or frees it.
void put_back(Storage* block) {
  const auto capacity = static_cast<std::int64_t>(block->capacity);
  const int index = class_of(block->capacity);
  poison(block);
  if (index <= kSmallClass) {
    if (!pool.shelf(index).put(block, kSmallCache / capacity)) give_back(block);
    return;
  }
  add(pool.large_live, -capacity);
  add(pool.large_cached, capacity);
  pool.shelf(index).put(block, std::numeric_limits<std::int64_t>::max());
  if (keeps_too_much()) shrink_cache(index);
}

}  // namespace

Buffer Buffer::allocate(std::size_t size) { return Buffer(take_block(size)); }

Buffer Buffer::foreign(std::byte* data, std::size_t size, void* owner, void (*release)(void*)) {
  Storage* block = nullptr;
  try {
    block = take_block(0);
  } catch (...) {
    if (release) release(owner);
    throw;
  }
  block->data = data;
  block->size = size;
  block->owner = owner;
  block->release = release;
  return Buffer(block);
}

void Buffer::destroy(Storage* storage) noexcept {
  if (storage->release) std::exchange(storage->release, nullptr)(storage->owner);
  put_back(storage);
}

BufferPool::Counters BufferPool::counters() {
  Counters sum;
  for (int index = 0; index < detail::kClasses; ++index) {
    Shelf& shelf = pool.shelf(index);
    const auto capacity = static_cast<std::int64_t>(capacity_of(index));
    const std::lock_guard guard(shelf.lock);
    sum.allocated += shelf.allocated;
    sum.reused += shelf.reused;
    sum.live_bytes += shelf.live_count * capacity;
    sum.cached_bytes += shelf.free_count * capacity;
  }
  return sum;
}

void BufferPool::trim() {
  for (int index = 0; index < detail::kClasses; ++index) empty_shelf(index, [] { return true; });
}

void BufferPool::set_fault_hook(std::function<bool(std::size_t)> fails) {
  auto* const hook = fails ? new std::function<bool(std::size_t)>(std::move(fails)) : nullptr;
  delete pool.fault_hook.exchange(hook, std::memory_order_acq_rel);
}

}  // namespace headrace
