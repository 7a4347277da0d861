#include <headrace/pipeline/read_ahead.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>

#include <headrace/pipeline/host.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kAnchorPeriod = 16;
constexpr std::int64_t kChosenRows = 256;
constexpr std::int64_t kChosenBytes = 32 << 20;
constexpr auto kPollPeriod = std::chrono::milliseconds(50);

struct Block {
  Rows rows;
  std::int64_t begin = 0;
  bool anchored = false;
  Mark mark;  // where it begins, if anchored
  PendingEntries entries;
  std::int64_t bytes = 0;
};

}  // namespace

/// What the helper and the consumer share; the helper may outlive the cursor by one read.
struct ReadAheadCursor::Shared {
  std::shared_ptr<Run> run;
  std::unique_ptr<Cursor> upstream;  // by whoever set `reading`
  std::int64_t most_rows;
  bool chosen;
  bool one_by_one =
      false;  // a user's function upstream may take long over the next row: it must not hold back this one
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Block>> blocks;
  std::int64_t rows = 0;  // in blocks
  std::int64_t bytes = 0;
  std::int64_t read = 0;
  bool reading = false;
  bool helper = false;
  bool ended = false;
  bool cancelled = false;
  std::exception_ptr error;  // an Interrupt, or what upstream could not put in a row's place

  bool wanted() const {
    if (cancelled || ended || error) return false;
    if (blocks.empty()) return true;
    if (chosen && bytes >= kChosenBytes) return false;
    return rows < most_rows && run->bytes_in_flight() < run->memory_for_tickets();
  }

  /// Reads one block; `reading` is set by the caller and cleared here.
  void read_block(std::int64_t room) {
    auto block = std::make_shared<Block>();
    std::exception_ptr failed;
    try {
      const WorkingFor working(*run);
      const PendingEntries::Scope pending(block->entries, run->ledger());
      block->begin = read;
      block->anchored = read % kAnchorPeriod == 0;
      if (block->anchored) upstream->mark(block->mark);
      const RowView view = upstream->peek(one_by_one ? 1 : std::min(room, kAnchorPeriod - read % kAnchorPeriod));
      if (!view.empty()) {
        block->rows = view.share();
        block->rows.origins.clear();
        block->bytes = block->rows.nbytes();
        block->entries.take(*upstream, view.count);
      }
    } catch (...) {
      failed = std::current_exception();
    }
    const std::lock_guard lock(mutex);
    reading = false;
    error = failed;
    if (!failed && block->rows.count == 0) {
      ended = true;
      trailing = block;
    } else if (!failed) {
      read += block->rows.count;
      rows += block->rows.count;
      bytes += block->bytes;
      run->add_bytes(block->bytes);
      blocks.push_back(std::move(block));
    } else {
      trailing = block;
    }
    changed.notify_all();
  }
  std::shared_ptr<Block> trailing;  // entries without rows

  void help() {
    for (;;) {
      std::int64_t room = 0;
      {
        const std::lock_guard lock(mutex);
        if (reading || !wanted() || pool::pausing()) {
          helper = false;
          return;
        }
        reading = true;
        room = std::max<std::int64_t>(most_rows - rows, 1);
      }
      read_block(room);
    }
  }
};

ReadAheadCursor::ReadAheadCursor(std::unique_ptr<Cursor> upstream, const Node& node, const Context& context,
                                 std::int64_t rows)
    : shared_(std::make_shared<Shared>()),
      node_(node),
      run_(context.run.shared_from_this()),
      cell_(context.run.ledger().cell(node)),
      bytes_each_(node.spec() ? std::max<std::int64_t>(node.spec()->nbytes(), 0) : 0) {
  shared_->run = run_;
  shared_->upstream = std::move(upstream);
  shared_->chosen = rows == 0;
  shared_->one_by_one = node.reads_inline();
  shared_->most_rows = rows == 0 ? kChosenRows : rows;
  shared_->upstream->mark(anchor_);
}

ReadAheadCursor::~ReadAheadCursor() {
  const std::lock_guard lock(shared_->mutex);
  shared_->cancelled = true;
  run_->add_bytes(-shared_->bytes);
  shared_->blocks.clear();
}

void ReadAheadCursor::call_helper() {
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->helper || shared_->reading || !shared_->wanted()) return;
    shared_->helper = true;
  }
  if (run_->threads() > 1 && pool::enqueue([shared = shared_] { shared->help(); })) return;
  const std::lock_guard lock(shared_->mutex);
  shared_->helper = false;
}

void ReadAheadCursor::wait() {
  const auto begin = std::chrono::steady_clock::now();
  const Away away;
  std::unique_lock lock(shared_->mutex);
  while (shared_->blocks.empty() && shared_->reading) {
    shared_->changed.wait_for(lock, kPollPeriod);
    if (!shared_->blocks.empty() || !shared_->reading) break;
    lock.unlock();
    Host::current().poll();
    lock.lock();
  }
  run_->ledger().waited(node_, std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count());
}

RowView ReadAheadCursor::peek(std::int64_t want) {
  for (;;) {
    call_helper();
    bool read_here = false;
    {
      const std::lock_guard lock(shared_->mutex);
      if (!shared_->blocks.empty()) {
        const Block& front = *shared_->blocks.front();
        return {&front.rows, offset_, std::min(want, front.rows.count - offset_)};
      }
      if (!shared_->reading) {
        if (shared_->trailing) std::exchange(shared_->trailing, nullptr)->entries.commit(run_->ledger());
        if (shared_->error) std::rethrow_exception(std::exchange(shared_->error, nullptr));
        if (shared_->ended) return {};
        read_here = shared_->reading = true;
      }
    }
    if (read_here)
      shared_->read_block(shared_->chosen ? 1 : std::min<std::int64_t>(want, shared_->most_rows));
    else
      wait();
  }
}

void ReadAheadCursor::take(std::int64_t n) {
  std::shared_ptr<Block> done;
  Block* front;
  {
    const std::lock_guard lock(shared_->mutex);
    front = shared_->blocks.front().get();
    shared_->rows -= n;
    if (offset_ + n == front->rows.count) {
      done = std::move(shared_->blocks.front());
      shared_->blocks.pop_front();
      shared_->bytes -= done->bytes;
      run_->add_bytes(-done->bytes);
    }
  }
  if (front->anchored && offset_ == 0) {
    anchor_ = front->mark;
    anchor_at_ = front->begin;
  }
  front->entries.commit(run_->ledger(), done ? INT64_MAX : offset_ + n);
  Account account;
  account.in = n;
  for (std::int64_t i = offset_; i < offset_ + n; ++i) account.failed += front->rows.failure(i) != nullptr;
  account.used = account.outputs = n - account.failed;
  account.bytes = account.outputs * bytes_each_;
  run_->ledger().add(node_, cell_, account);
  taken_ += n;
  offset_ = done ? 0 : offset_ + n;
}

std::int64_t ReadAheadCursor::skip(std::int64_t n) {
  bool nothing_ahead = false;
  {
    const std::lock_guard lock(shared_->mutex);
    nothing_ahead =
        shared_->blocks.empty() && !shared_->reading && !shared_->ended && !shared_->error && shared_->read == taken_;
    if (nothing_ahead) shared_->reading = true;
  }
  if (!nothing_ahead) return Cursor::skip(n);
  const std::int64_t skipped = skip_upstream(n);
  const std::lock_guard lock(shared_->mutex);
  shared_->reading = false;
  shared_->read += skipped;
  taken_ += skipped;
  return skipped;
}

/// With nothing read ahead: skips upstream, and takes the last anchor that lies on the way.
std::int64_t ReadAheadCursor::skip_upstream(std::int64_t n) {
  const std::int64_t anchor = (taken_ + n) / kAnchorPeriod * kAnchorPeriod;
  std::int64_t skipped = 0;
  if (anchor > anchor_at_) {
    skipped = shared_->upstream->skip(anchor - taken_);
    if (skipped < anchor - taken_) return skipped;
    anchor_.clear();
    shared_->upstream->mark(anchor_);
    anchor_at_ = anchor;
  }
  return skipped + shared_->upstream->skip(n - skipped);
}

void ReadAheadCursor::mark(Mark& out) const {
  out.append(anchor_);
  if (taken_ > anchor_at_) out.put("ahead", taken_ - anchor_at_);
}

void ReadAheadCursor::do_restore(MarkReader& in) {
  shared_->upstream->restore(in);
  anchor_.clear();
  shared_->upstream->mark(anchor_);
}

}  // namespace headrace
