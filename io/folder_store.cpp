#include <headrace/io/folder_store.hpp>

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>

#include <headrace/io/element_folder.hpp>
#include <headrace/io/file.hpp>
#include <headrace/pipeline/cache.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

using FolderPtr = std::shared_ptr<const ElementFolder>;

/// The place of a folder, and the folder once it is there. Thread-safe.
class FolderPlace {
 public:
  FolderPlace(FolderNote note, std::int64_t count, std::string way_out)
      : note_(std::move(note)), count_(count), way_out_(std::move(way_out)) {
    look();
  }

  const FolderNote& note() const { return note_; }
  /// Without a look at the disk.
  const ElementFolder* found() const { return found_.load(std::memory_order_acquire); }
  /// The folder, if there is one now.
  FolderPtr look() {
    const std::lock_guard lock(mutex_);
    if (folder_) return folder_;
    auto folder = ElementFolder::open_if_there(note_.stage, note_.path);
    if (folder) check(*folder);
    folder_ = std::move(folder);
    found_.store(folder_.get(), std::memory_order_release);
    return folder_;
  }

 private:
  void check(const ElementFolder& folder) const {
    const Manifest& manifest = folder.manifest();
    require(manifest.fingerprint == note_.fingerprint, note_.stage, "'", note_.path,
            "' must hold the elements of this plan, ", note_.fingerprint, ", got those of ", manifest.fingerprint, "; ",
            way_out_);
    const auto spec = manifest.spec();
    const bool fits = !spec || !note_.spec || common(*note_.spec, *spec);
    require(fits && (count_ < 0 || count_ == folder.count()), note_.stage, "'", note_.path, "' must hold ",
            note_.spec ? note_.spec->to_string() : "?", " x ", count_, ", got ", spec ? spec->to_string() : "?", " x ",
            folder.count(), "; ", way_out_);
  }

  FolderNote note_;
  std::int64_t count_;
  std::string way_out_;
  std::mutex mutex_;
  FolderPtr folder_;
  std::atomic<const ElementFolder*> found_{nullptr};
};

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
    wait_while_finishing();
    if (const ElementFolder* const folder = place_->found()) return folder->gather(positions);
    const std::lock_guard lock(mutex_);
    RowsBuilder rows(positions.count);
    for (std::int64_t i = 0; i < positions.count; ++i) rows.append(writer_->get(positions[i]));
    return rows.finish();
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
    changed_.wait(lock, [this] { return !finishing_ || generation_ != fork_generation(); });
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

class FolderPass final : public KeptPass {
 public:
  explicit FolderPass(FolderPtr folder) : folder_(std::move(folder)) {}
  std::int64_t count() const override { return folder_->count(); }
  Rows get(std::int64_t begin, std::int64_t count) const override {
    return folder_->gather(Positions::range(begin, count));
  }

 private:
  FolderPtr folder_;
};

class FolderPassWriter final : public PassWriter {
 public:
  explicit FolderPassWriter(FolderPlace& place) : place_(place) {}

  void check(const Run&, const std::string&) override {
    if (error_ && !told_) {
      told_ = true;
      std::rethrow_exception(error_);
    }
  }

  void keep(const RowView& rows) override {
    if (error_) return;
    try {
      if (!writer_ || generation_ != fork_generation()) begin();
      writer_->put(count_, rows);
      count_ += rows.count;
    } catch (...) {
      error_ = std::current_exception();
      writer_.reset();
    }
  }

  void finish() override {
    if (error_) return;
    if (!writer_ || generation_ != fork_generation()) begin();
    const Away away;  // bringing it to the disk may take long
    writer_->finish(count_);
    place_.look();
  }

 private:
  void begin() {
    const bool began_elsewhere = count_ > 0;
    if (began_elsewhere)
      throw IoError(sentence(place_.note().stage, "a pass that began in another process is not kept"));
    generation_ = fork_generation();
    writer_ = std::make_unique<FolderWriter>(place_.note());
  }

  FolderPlace& place_;
  std::unique_ptr<FolderWriter> writer_;
  int generation_ = 0;
  std::int64_t count_ = 0;
  std::exception_ptr error_;
  bool told_ = false;
};

class FolderPasses final : public PassStore {
 public:
  explicit FolderPasses(std::unique_ptr<FolderPlace> place) : place_(std::move(place)) {}
  std::shared_ptr<const KeptPass> kept() override {
    auto folder = place_->look();
    return folder ? std::make_shared<const FolderPass>(std::move(folder)) : nullptr;
  }
  std::unique_ptr<PassWriter> begin() override { return std::make_unique<FolderPassWriter>(*place_); }

 private:
  std::unique_ptr<FolderPlace> place_;
};

}  // namespace

Dataset cache_in_folder(const Dataset& upstream, std::string_view stage, const std::string& path,
                        std::string_view way_out) {
  const bool positions = upstream.random_access() && upstream.cardinality() >= 0;
  const std::int64_t count = positions ? upstream.cardinality() : kUnknown;
  FolderNote note{std::string(stage), path, upstream.fingerprint(), upstream.node().spec()};
  auto place = std::make_unique<FolderPlace>(std::move(note), count, std::string(way_out));
  if (!place->found()) {
    const std::string parent = parent_of(path);
    if (::access(parent.c_str(), W_OK | X_OK) != 0) throw_io(stage, "write to", parent, "make the folder first");
  }
  if (positions) return cache_positions(upstream, std::make_unique<FolderPositions>(std::move(place), count));
  return cache_passes(upstream, std::make_unique<FolderPasses>(std::move(place)));
}

}  // namespace headrace
