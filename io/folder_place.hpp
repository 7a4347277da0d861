// A folder of elements that is there, or will be.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

#include <headrace/io/element_folder.hpp>
#include <headrace/io/folder_writer.hpp>
#include <headrace/pipeline/cache_store.hpp>

namespace headrace {

using FolderPtr = std::shared_ptr<const ElementFolder>;

/// Thread-safe.
class FolderPlace {
 public:
  /// Looks. `count` elements are expected, or any number of them (kUnknown).
  FolderPlace(FolderNote note, std::int64_t count, std::string way_out);

  const FolderNote& note() const { return note_; }
  /// The folder, if it was seen; without a look at the disk.
  const ElementFolder* found() const { return found_.load(std::memory_order_acquire); }
  /// The folder, if there is one now. ValueError for another plan's.
  FolderPtr look();

 private:
  void check(const ElementFolder& folder) const;

  FolderNote note_;
  std::int64_t count_;
  std::string way_out_;
  std::mutex mutex_;
  FolderPtr folder_;
  std::atomic<const ElementFolder*> found_{nullptr};
};

/// The stores of folder_store.cpp.
std::unique_ptr<PositionStore> make_folder_positions(std::unique_ptr<FolderPlace> place, std::int64_t count);
std::unique_ptr<PassStore> make_folder_passes(std::unique_ptr<FolderPlace> place);

}  // namespace headrace
