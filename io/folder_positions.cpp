#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>

#include <headrace/io/folder_place.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

/// Elements by position: written as they come, in whatever order, and read back from what is written until all are.
/// Nobody waits for the host (the GIL) while holding the mutex, since its other threads may wait for the mutex.
class FolderPositions final : public PositionStore {
 public:
  FolderPositions(std::unique_ptr<FolderPlace> place, std::int64_t count)
      : place_(std::move(place)), was_whole_(place_->found() != nullptr), count_(count) {
    if (was_whole_) return;
    held_.resize(static_cast<std::size_t>(count));
    unused_.resize(static_cast<std::size_t>(count));
  }

  bool whole() const override { return place_->found() != nullptr; }
  bool was_whole() const override { return was_whole_; }
  bool gives_views() const override {
    const ElementFolder* const folder = place_->found();
    return folder && folder->gives_views();
  }

  bool holds(std::int64_t position) const override {
    wait_while_finishing();
    if (whole()) return true;
    const std::lock_guard lock(mutex_);
    return generation_ == fork_generation() && held_[static_cast<std::size_t>(position)];
  }

  void keep(const Positions& positions, const Rows& rows, std::int64_t, const std::string&) override {
    wait_while_finishing();
    if (put(positions, rows)) finish();
  }

  Rows get(const Positions& positions) const override {
    for (;;) {
      wait_while_finishing();
      if (const ElementFolder* const folder = place_->found()) return folder->gather(positions);
      const std::lock_guard lock(mutex_);
      if (!finishing_) return read_back(positions);
    }
  }

  Rows delivered(const Positions&, Rows rows) const override { return rows; }

  bool first_use(std::int64_t position) override {
    if (was_whole_) return false;
    const std::lock_guard lock(mutex_);
    const auto place = static_cast<std::size_t>(position);
    if (!whole() && !held_[place]) return true;
    const bool first = unused_[place];
    unused_[place] = false;
    return first;
  }

 private:
  /// Writes what is new; true if that was the last: then finishing_ is set.
  bool put(const Positions& positions, const Rows& rows) {
    const std::lock_guard lock(mutex_);
    if (whole() || !begin() || finishing_) return false;
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (rows.failure(row) || held_[static_cast<std::size_t>(positions[row])]) continue;
      const std::int64_t together = neighbours(positions, rows, row);
      writer_->put(positions[row], RowView{&rows, row, together});
      for (std::int64_t i = row; i < row + together; ++i) mark_held(positions[i]);
      row += together - 1;
    }
    finishing_ = held_count_ == count_;
    return finishing_;
  }

  /// A writer of this process; false if the folder has come meanwhile.
  bool begin() {
    if (writer_ && generation_ == fork_generation()) return true;
    forget();
    if (place_->look()) return false;
    writer_ = std::make_unique<FolderWriter>(place_->note());
    return true;
  }

  void forget() {
    writer_.reset();
    std::fill(held_.begin(), held_.end(), false);
    held_count_ = 0;
    finishing_ = false;
    generation_ = fork_generation();
  }

  /// Brings all to the disk, which may take long; others wait for it, so that no element is computed again.
  void finish() {
    std::exception_ptr error;
    {
      const Away away;
      try {
        writer_->finish(count_);  // false: another process was first, and what it wrote is as good
        place_->look();
      } catch (...) {
        error = std::current_exception();
      }
      const std::lock_guard lock(mutex_);
      if (error)
        forget();
      else
        writer_.reset();
      finishing_ = false;
      changed_.notify_all();
    }
    if (error) std::rethrow_exception(error);
  }

  void wait_while_finishing() const {
    if (!finishing_) return;
    const Away away;
    std::unique_lock lock(mutex_);
    const auto over = [this] { return !finishing_ || generation_ != fork_generation(); };
    while (!changed_.wait_for(lock, std::chrono::milliseconds(50), over)) {
      lock.unlock();
      Host::current().poll();
      lock.lock();
    }
  }

  Rows read_back(const Positions& positions) const {
    RowsBuilder rows(positions.count);
    for (std::int64_t i = 0; i < positions.count; ++i) {
      require<IoError>(writer_ && held_[static_cast<std::size_t>(positions[i])], place_->note().stage, "'",
                       place_->note().path, "' could not be finished; ask for the element again");
      rows.append(writer_->get(positions[i]));
    }
    return rows.finish();
  }

  void mark_held(std::int64_t position) {
    held_[static_cast<std::size_t>(position)] = true;
    unused_[static_cast<std::size_t>(position)] = true;
    ++held_count_;
  }

  /// How many rows from `row` on can be written at once: good ones, new ones, at positions one after the other.
  std::int64_t neighbours(const Positions& positions, const Rows& rows, std::int64_t row) const {
    std::int64_t n = 1;
    while (rows.stacked && row + n < rows.count && positions[row + n] == positions[row] + n && !rows.failure(row + n) &&
           !held_[static_cast<std::size_t>(positions[row + n])])
      ++n;
    return n;
  }

  std::unique_ptr<FolderPlace> place_;
  bool was_whole_;
  std::int64_t count_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::atomic<bool> finishing_{false};
  std::unique_ptr<FolderWriter> writer_;
  int generation_ = 0;        // of the process that writer_ and held_ belong to
  std::vector<bool> held_;    // on the disk, but in no folder yet
  std::vector<bool> unused_;  // kept by this process, and not delivered yet
  std::int64_t held_count_ = 0;
};

}  // namespace

std::unique_ptr<PositionStore> make_folder_positions(std::unique_ptr<FolderPlace> place, std::int64_t count) {
  return std::make_unique<FolderPositions>(std::move(place), count);
}

}  // namespace headrace
