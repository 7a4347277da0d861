// Memory that tensors share: reference-counted, 64-byte aligned, recycled. When the last tensor on a buffer goes, its
// memory returns to the pool, so a steady loop allocates nothing. All of this is thread-safe.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <utility>

namespace headrace {

namespace detail {
struct BufferStorage {  // the head of a block from the pool; the pooled bytes follow it
  std::atomic<std::int64_t> references;
  std::byte* data;
  std::size_t size;      // as asked for
  std::size_t capacity;  // of the pooled bytes
  void* owner;           // foreign only
  void (*release)(void*);
  BufferStorage* next_free;
};
}  // namespace detail

class Buffer {
 public:
  Buffer() = default;
  /// `size` uninitialised bytes, 64-byte aligned, from the pool. Throws std::bad_alloc.
  static Buffer allocate(std::size_t size);
  /// Memory that belongs to somebody else; `release(owner)` is called once, on whatever thread drops the last reference
  /// (also where this throws std::bad_alloc). `release` may be nullptr, for memory that lives for ever.
  static Buffer foreign(std::byte* data, std::size_t size, void* owner, void (*release)(void*));

  Buffer(const Buffer& other) noexcept : storage_(other.storage_) { retain(); }
  Buffer(Buffer&& other) noexcept : storage_(std::exchange(other.storage_, nullptr)) {}
  Buffer& operator=(Buffer other) noexcept {
    std::swap(storage_, other.storage_);
    return *this;
  }
  ~Buffer() { drop(); }

  /// The same memory, not equal bytes.
  friend bool operator==(const Buffer& a, const Buffer& b) { return a.storage_ == b.storage_; }
  explicit operator bool() const { return storage_ != nullptr; }
  std::byte* data() const { return storage_->data; }
  std::size_t size() const { return storage_->size; }
  /// The number of references, exact only when the caller holds the only one.
  std::int64_t use_count() const { return storage_ ? storage_->references.load(std::memory_order_acquire) : 0; }
  /// Memory of somebody else, who would keep it anyway.
  bool is_foreign() const { return storage_ && storage_->release; }
  /// The owner given to foreign() if it was given with this release function, else nullptr.
  void* foreign_owner(void (*release)(void*)) const {
    return storage_ && storage_->release == release ? storage_->owner : nullptr;
  }

 private:
  using Storage = detail::BufferStorage;
  explicit Buffer(Storage* storage) noexcept : storage_(storage) {}
  void retain() const noexcept {
    if (storage_) storage_->references.fetch_add(1, std::memory_order_relaxed);
  }
  void drop() noexcept {
    if (storage_ && storage_->references.fetch_sub(1, std::memory_order_acq_rel) == 1) destroy(storage_);
  }
  static void destroy(Storage* storage) noexcept;

  Storage* storage_ = nullptr;
};

/// Counters of the process-wide pool behind Buffer::allocate, and its test hook.
class BufferPool {
 public:
  struct Counters {
    std::int64_t allocated = 0;     // blocks taken from the system so far
    std::int64_t reused = 0;        // requests served by a recycled block
    std::int64_t live_bytes = 0;    // in buffers that somebody holds
    std::int64_t cached_bytes = 0;  // free, kept for reuse (bounded; see trim)
  };
  static Counters counters();
  /// Gives all free blocks back to the system.
  static void trim();
  /// Called before each allocation from the system or the cache; if it returns true, std::bad_alloc is thrown. For
  /// tests of memory faults; an empty function removes it. Not to be changed while others allocate.
  static void set_fault_hook(std::function<bool(std::size_t)> fails);
};

}  // namespace headrace
