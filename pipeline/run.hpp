// One iteration of a plan: its options, epoch, seeds and accounts, shared by everything that works for it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <unordered_map>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

/// What with_options sets; unset fields leave the choice to others.
struct RunOptions {
  std::optional<std::int64_t> threads;
  std::optional<std::int64_t> memory_limit;  // bytes in flight
  std::optional<bool> deterministic;
  std::optional<bool> writable;
};

/// Seeds that were drawn, by the random stages' order in the plan; a state carries them.
using Seeds = std::vector<std::int64_t>;
Seeds drawn_seeds(const Node& root);

/// All nodes below and including `root`, each once, a node before its upstream.
std::vector<const Node*> nodes_of(const Node& root);
/// The outermost set value of each option.
RunOptions options_of(const Node& root);

class Run : public std::enable_shared_from_this<Run> {
 public:
  /// `seeds` replaces the drawn ones; empty: the plan's own.
  Run(NodePtr root, std::int64_t epoch, const Seeds& seeds = {});
  /// A run inside another one's stage: of a dataset that a user's function made. Its drawn seeds follow from `key`; it
  /// shares the outer run's threads, memory limit and end, and has accounts of its own.
  Run(NodePtr root, Run& outer, std::int64_t epoch, std::uint64_t key);
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  const NodePtr& root() const { return root_; }
  std::int64_t epoch() const { return epoch_; }
  Context context() { return {*this, epoch_}; }
  int threads() const { return threads_; }
  bool writable() const { return writable_; }
  std::int64_t seed(const Node& node) const;
  Ledger& ledger() { return ledger_; }

  /// The run's memory limit and what is in flight against it. Thread-safe.
  std::int64_t memory_limit() const { return memory_limit_; }
  /// What tickets may hold of it: a quarter, once a source keeps decoded blocks in the rest.
  std::int64_t memory_for_tickets() const { return outermost().shares_ ? memory_limit_ / 4 : memory_limit_; }
  /// And that rest.
  std::int64_t memory_for_cache() const { return memory_limit_ - memory_limit_ / 4; }
  void share_memory_with_cache() { outermost().shares_.store(true, std::memory_order_relaxed); }
  std::int64_t bytes_in_flight() const { return outermost().bytes_in_flight_.load(std::memory_order_relaxed); }
  void add_bytes(std::int64_t bytes) { outermost().bytes_in_flight_.fetch_add(bytes, std::memory_order_relaxed); }

  /// Set once the iterator is closed or dropped: work for it may stop.
  bool cancelled() const { return cancelled_.load(std::memory_order_acquire) || (outer_ && outer_->cancelled()); }
  void cancel() { cancelled_.store(true, std::memory_order_release); }

  /// What it reads has no effects outside: it was consumed before, or is for nobody.
  bool quiet() const { return quiet_.load(std::memory_order_relaxed) || (outer_ && outer_->quiet()); }
  void set_quiet(bool quiet) { quiet_.store(quiet, std::memory_order_relaxed); }

  /// The run whose stage this one serves, or nullptr.
  const Run* outer() const { return outer_.get(); }

 private:
  Run& outermost() { return outer_ ? outer_->outermost() : *this; }
  const Run& outermost() const { return outer_ ? outer_->outermost() : *this; }

  NodePtr root_;
  std::shared_ptr<Run> outer_;
  std::int64_t epoch_;
  int threads_;
  std::int64_t memory_limit_;
  bool writable_;
  std::unordered_map<const Node*, std::int64_t> seeds_;  // only where they differ from the node's
  Ledger ledger_{*this};
  std::atomic<std::int64_t> bytes_in_flight_{0};
  std::atomic<bool> shares_{false};
  std::atomic<bool> cancelled_{false};
  std::atomic<bool> quiet_{false};
  std::optional<pool::Threads> pool_threads_;  // of the outermost
};

/// While one lives, the calling thread works for `run` in its consumer's stead: a user's function that it calls must
/// not ask the same run for more.
class WorkingFor {
 public:
  explicit WorkingFor(const Run& run);
  ~WorkingFor();
  WorkingFor(const WorkingFor&) = delete;
  WorkingFor& operator=(const WorkingFor&) = delete;
  /// Whether the calling thread does so at this moment.
  static bool here(const Run& run);

 private:
  const Run& run_;
  const WorkingFor* outer_;
};

/// Unless with_options says otherwise.
inline constexpr std::int64_t kDefaultMemoryLimit = std::int64_t{1} << 30;

}  // namespace headrace
