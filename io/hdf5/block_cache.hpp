// Decoded blocks of rows, kept while there is room: one cache for all files of the process.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>

#include <headrace/tensor/tensor.hpp>

namespace headrace::hdf5 {

/// A block that nobody changes any more.
using Block = std::shared_ptr<const Tensor>;

/// Thread-safe. No block is made twice at once: who comes while it is being made waits for it.
class BlockCache {
 public:
  static BlockCache& shared();

  /// A number for an array whose blocks are to be kept; forget() when it goes.
  std::int64_t new_array();
  void forget(std::int64_t array);

  /// The block, read-only; made where it is not there. Afterwards at most `room` bytes are kept, this block aside;
  /// those not used for longest go first. What `make` throws, all who wait for it get.
  /// Who would have to wait calls `meanwhile` before.
  Block get(std::int64_t array, std::int64_t block, std::int64_t room, const std::function<Tensor()>& make,
            const std::function<void()>& meanwhile = {});
  /// Whether some thread makes it at this moment.
  bool being_made(std::int64_t array, std::int64_t block) const;

  /// Those of an array's blocks that are there, in their places; the other places stay as they are.
  void find(std::int64_t array, std::span<const std::int64_t> blocks, std::span<Block> found);

 private:
  struct Key {
    std::int64_t array, block;
    friend bool operator==(const Key&, const Key&) = default;
  };
  struct Hash {
    std::size_t operator()(const Key& key) const {
      return static_cast<std::size_t>(key.array * 0x9E3779B97F4A7C15 + key.block);
    }
  };
  struct Use;
  struct Entry {
    bool made = false;
    Block block;
    std::int64_t bytes = 0;
    std::exception_ptr error;
    std::list<Use>::iterator used;  // in uses_, once made
  };
  using EntryPtr = std::shared_ptr<Entry>;
  struct Use {
    Key key;
    EntryPtr entry;
  };

  Block wait(std::unique_lock<std::mutex>& lock, const EntryPtr& entry);
  void keep(std::list<Use>& use, const EntryPtr& entry, std::int64_t room);
  void drop_oldest();

  mutable std::mutex mutex_;
  std::condition_variable made_;
  std::unordered_map<Key, EntryPtr, Hash> entries_;
  std::list<Use> uses_;  // of blocks that are made; the last used one comes first
  std::int64_t bytes_ = 0;
  std::int64_t arrays_ = 0;
};

}  // namespace headrace::hdf5
