#include <headrace/io/hdf5/block_cache.hpp>

#include <vector>

namespace headrace::hdf5 {

BlockCache& BlockCache::shared() {
  static BlockCache& cache = *new BlockCache;  // never destroyed: workers may use it until the end
  return cache;
}

std::int64_t BlockCache::new_array() {
  const std::lock_guard lock(mutex_);
  return arrays_++;
}

void BlockCache::forget(std::int64_t array) {
  std::list<Use> gone;  // freed without the lock; nothing is allocated, as destructors call this
  const std::lock_guard lock(mutex_);
  for (auto next = uses_.begin(); next != uses_.end();) {
    const auto use = next++;
    if (use->key.array != array) continue;
    bytes_ -= use->entry->bytes;
    entries_.erase(use->key);
    gone.splice(gone.begin(), uses_, use);
  }
}

void BlockCache::find(std::int64_t array, std::span<const std::int64_t> blocks, std::span<Block> found) {
  const std::lock_guard lock(mutex_);
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    const auto place = entries_.find({array, blocks[i]});
    if (place == entries_.end() || !place->second->made) continue;
    uses_.splice(uses_.begin(), uses_, place->second->used);
    found[i] = place->second->block;
  }
}

bool BlockCache::being_made(std::int64_t array, std::int64_t block) const {
  const std::lock_guard lock(mutex_);
  const auto place = entries_.find({array, block});
  return place != entries_.end() && !place->second->made;
}

Block BlockCache::get(std::int64_t array, std::int64_t block, std::int64_t room, const std::function<Tensor()>& make,
                      const std::function<void()>& meanwhile) {
  const Key key{array, block};
  EntryPtr entry;
  std::list<Use> use;  // all memory is taken before there is an entry: nothing is left half-made where there is none
  {
    std::unique_lock lock(mutex_);
    if (const auto place = entries_.find(key); place != entries_.end()) {
      const EntryPtr there = place->second;
      if (there->made) {
        uses_.splice(uses_.begin(), uses_, there->used);
      } else if (meanwhile) {
        lock.unlock();
        meanwhile();
        lock.lock();
      }
      return wait(lock, there);
    }
    entry = std::make_shared<Entry>();
    use.push_front({key, entry});
    entries_.emplace(key, entry);
  }
  Block made;
  std::exception_ptr error;
  try {
    made = std::make_shared<const Tensor>(make().read_only());
  } catch (...) {
    error = std::current_exception();
  }
  const std::lock_guard lock(mutex_);
  entry->made = true;
  entry->error = error;
  made_.notify_all();
  if (error) {
    entries_.erase(key);  // the next one tries again
    std::rethrow_exception(error);
  }
  entry->block = made;
  keep(use, entry, room);
  return made;
}

Block BlockCache::wait(std::unique_lock<std::mutex>& lock, const EntryPtr& entry) {
  made_.wait(lock, [&] { return entry->made; });
  if (entry->error) std::rethrow_exception(entry->error);
  return entry->block;
}

void BlockCache::keep(std::list<Use>& use, const EntryPtr& entry, std::int64_t room) {
  entry->bytes = static_cast<std::int64_t>(entry->block->buffer().size());
  if (entry->block->heap()) entry->bytes += static_cast<std::int64_t>(entry->block->heap().size());
  uses_.splice(uses_.begin(), use);
  entry->used = uses_.begin();
  bytes_ += entry->bytes;
  while (bytes_ > room && uses_.size() > 1) drop_oldest();
}

void BlockCache::drop_oldest() {
  const Use& oldest = uses_.back();
  bytes_ -= oldest.entry->bytes;
  entries_.erase(oldest.key);
  uses_.pop_back();
}

}  // namespace headrace::hdf5
