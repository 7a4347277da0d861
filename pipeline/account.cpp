#include <headrace/pipeline/account.hpp>

#include <algorithm>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

namespace {
thread_local PendingEntries* pending = nullptr;
}

Account& Account::operator+=(const Account& other) {
  in += other.in;
  used += other.used;
  filtered += other.filtered;
  dropped += other.dropped;
  failed += other.failed;
  outputs += other.outputs;
  bytes += other.bytes;
  discarded += other.discarded;
  busy_seconds += other.busy_seconds;
  wait_seconds += other.wait_seconds;
  return *this;
}

StageClock::Scope::Scope(StageClock* clock, const Node& node) : clock_(clock), node_(&node), outer_(nullptr) {
  if (!clock_) return;
  clock_->seconds_.try_emplace(node_);  // the destructor must find it
  clock_->charge_current();
  outer_ = std::exchange(clock_->current_, node_);
}

StageClock::Scope::~Scope() {
  if (!clock_) return;
  clock_->charge_current();
  clock_->current_ = outer_;
}

void StageClock::charge_current() {
  const auto now = std::chrono::steady_clock::now();
  if (current_) seconds_[current_] += std::chrono::duration<double>(now - since_).count();
  since_ = now;
}

PendingEntries* Ledger::pending_here() const { return pending && pending->ledger_ == this ? pending : nullptr; }

void Ledger::add(const Node& node, Account& cell, const Account& delta) {
  if (PendingEntries* const here = pending_here())
    here->enter({&node, delta, {}, nullptr});
  else
    cell += delta;
}

void Ledger::adjust(const Failure& failure, std::span<const TransformNode* const> mine) {
  for (const auto& [node, failed, dropped] : failure.adjustments) {
    const auto same = [node = node](const Node* other) { return other == node; };
    if (!mine.empty() && std::none_of(mine.begin(), mine.end(), same)) continue;
    Account delta;
    delta.failed = failed;
    delta.dropped = dropped;
    delta.used = -(failed + dropped);
    delta.outputs = -1;
    add(*node, delta);
  }
}

void Ledger::drop(const Node& node, std::shared_ptr<const Dropped> dropped) {
  if (PendingEntries* const here = pending_here()) {
    here->enter({&node, {}, {}, std::move(dropped)});
    return;
  }
  ++causes_[&node][dropped->cause];
  if (dropped->effect && !run_.quiet()) dropped->effect();
}

Causes Ledger::causes(const Node& node) const {
  const auto found = causes_.find(&node);
  return found == causes_.end() ? Causes{} : found->second;
}

void Ledger::note(const Node& node, const char* what, std::int64_t count) {
  const std::lock_guard lock(mutex_);
  notes_[&node][what] += count;
}

Causes Ledger::notes(const Node& node) const {
  const std::lock_guard lock(mutex_);
  const auto found = notes_.find(&node);
  return found == notes_.end() ? Causes{} : found->second;
}

void Ledger::consume(const Node& node, Segment& segment, std::int64_t epoch, std::int64_t begin, std::int64_t end) {
  if (PendingEntries* const here = pending_here()) {
    here->enter({&node, {}, {epoch, begin, end}, nullptr});
    return;
  }
  if (segment.epoch == epoch && segment.end == begin) {
    segment.end = end;
    return;
  }
  fold(node, segment);
  segment = {epoch, begin, end};
}

void Ledger::consume(const Node& node, const Segment& rows) {
  if (PendingEntries* const here = pending_here())  // read ahead of another stage that reads ahead
    here->enter({&node, {}, rows, nullptr});
  else
    consume(node, committed_[&node], rows.epoch, rows.begin, rows.end);
}

void Ledger::fold(const Node& node, const Segment& segment) {
  if (segment.begin == segment.end) return;
  Tally tally;
  node.tally({run_, segment.epoch}, Positions::range(segment.begin, segment.end - segment.begin), tally);
  for (const auto& [stage, account] : tally.accounts()) cells_[stage] += account;
}

Ledger::Segment* Ledger::open_segment(const Node& node) {
  const std::lock_guard lock(mutex_);
  return segments_.emplace(std::make_unique<Segment>(), &node).first->first.get();
}

void Ledger::close_segment(Segment* segment) {
  const std::lock_guard lock(mutex_);
  const auto place =
      std::find_if(segments_.begin(), segments_.end(), [&](const auto& entry) { return entry.first.get() == segment; });
  if (!run_.cancelled()) fold(*place->second, *segment);
  segments_.erase(place);
}

void Ledger::time(const Node& node, double seconds, const StageClock* clock) {
  const std::lock_guard lock(mutex_);
  Times& times = times_[&node];
  times.total += seconds;
  if (!clock) return;
  for (const auto& [stage, part] : clock->seconds()) times.sampled[stage] += part;
}

void Ledger::waited(const Node& node, double seconds) {
  const std::lock_guard lock(mutex_);
  times_[&node].waited += seconds;
}

void Ledger::forget_counts() {
  const std::lock_guard lock(mutex_);
  for (auto& [node, account] : cells_) {
    const std::int64_t held = account.held();
    account = {};
    account.in = held;
  }
  causes_.clear();
  notes_.clear();
  for (auto& [segment, node] : segments_) segment->begin = segment->end;
  for (auto& [node, segment] : committed_) segment.begin = segment.end;
}

std::unordered_map<const Node*, Account> Ledger::accounts() {
  const std::lock_guard lock(mutex_);
  for (auto& [segment, node] : segments_) {
    fold(*node, *segment);
    segment->begin = segment->end;
  }
  for (auto& [node, segment] : committed_) {
    fold(*node, segment);
    segment.begin = segment.end;
  }
  auto accounts = cells_;
  for (const auto& [node, times] : times_) {
    double sampled = 0;
    for (const auto& [stage, seconds] : times.sampled) sampled += seconds;
    for (const auto& [stage, seconds] : times.sampled)
      accounts[stage].busy_seconds += times.total * seconds / std::max(sampled, 1e-12);
    if (times.sampled.empty()) accounts[node].busy_seconds += times.total;
    accounts[node].wait_seconds += times.waited;
  }
  return accounts;
}

void PendingEntries::enter(Entry entry) {
  entry.row = row_;
  entries_.push_back(std::move(entry));
}

void PendingEntries::take(Cursor& upstream, std::int64_t rows) {
  for (std::int64_t i = 0; i < rows; ++i, ++row_) upstream.take(1);
}

void PendingEntries::commit(Ledger& ledger, std::int64_t rows) {
  const std::int64_t end = rows > INT64_MAX - first_row_ ? INT64_MAX : first_row_ + rows;
  for (; committed_ < entries_.size() && entries_[committed_].row < end; ++committed_) {
    const auto& [node, delta, consumed, dropped, row] = entries_[committed_];
    if (dropped)
      ledger.drop(*node, dropped);
    else if (consumed.begin < consumed.end)
      ledger.consume(*node, consumed);
    else
      ledger.add(*node, delta);
  }
  if (committed_ < entries_.size()) return;
  entries_.clear();
  committed_ = 0;
}

PendingEntries::Scope::Scope(PendingEntries& entries, const Ledger& ledger) : previous_(pending) {
  entries.ledger_ = &ledger;
  pending = &entries;
}
PendingEntries::Scope::~Scope() { pending = previous_; }

}  // namespace headrace
