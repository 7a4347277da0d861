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
  std::vector<EntryPtr> gone;  // freed without the lock
  const std::lock_guard lock(mutex_);
  std::vector<Key> keys;
  for (const auto& [key, entry] : entries_) {
    if (key.array == array && entry->made) keys.push_back(key);
  }
  for (const Key& key : keys) {
    gone.push_back(entries_.at(key));
    remove(key);
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
  {
    std::unique_lock lock(mutex_);
    const auto [place, fresh] = entries_.try_emplace(key);
    if (!fresh) {
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
    entry = place->second = std::make_shared<Entry>();
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
  keep(key, entry, room);
  return made;
}

Block BlockCache::wait(std::unique_lock<std::mutex>& lock, const EntryPtr& entry) {
  made_.wait(lock, [&] { return entry->made; });
  if (entry->error) std::rethrow_exception(entry->error);
  return entry->block;
}

void BlockCache::keep(const Key& key, const EntryPtr& entry, std::int64_t room) {
  entry->bytes = static_cast<std::int64_t>(entry->block->buffer().size());
  if (entry->block->heap()) entry->bytes += static_cast<std::int64_t>(entry->block->heap().size());
  uses_.push_front(key);
  entry->used = uses_.begin();
  bytes_ += entry->bytes;
  while (bytes_ > room && uses_.size() > 1) remove(Key(uses_.back()));
}

void BlockCache::remove(const Key& key) {
  const auto place = entries_.find(key);
  bytes_ -= place->second->bytes;
  uses_.erase(place->second->used);
  entries_.erase(place);
}

}  // namespace headrace::hdf5
