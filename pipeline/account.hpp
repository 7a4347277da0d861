// What became of every element, stage by stage. Counts are those at the consumer's position and do not depend on
// threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <headrace/pipeline/node.hpp>

namespace headrace {

class PendingEntries;
class TransformNode;

/// in = used + filtered + dropped + failed + held.
struct Account {
  std::int64_t in = 0;
  std::int64_t used = 0;
  std::int64_t filtered = 0;
  std::int64_t dropped = 0;    // good inputs lost with a failed output: "batch failed"
  std::int64_t failed = 0;     // inputs that failed here or came as failures
  std::int64_t outputs = 0;    // good ones
  std::int64_t bytes = 0;      // of the outputs
  std::int64_t discarded = 0;  // outputs read ahead and never asked for
  double busy_seconds = 0;     // working in this stage, all threads together
  double wait_seconds = 0;     // the consumer waited for this stage

  /// What a buffer or a half-made batch holds at this moment.
  std::int64_t held() const { return in - used - filtered - dropped - failed; }
  Account& operator+=(const Account& other);
};

/// An input that a stage dropped for a reason of its own.
struct Dropped {
  std::string cause;             // few different ones: they are counted by name
  std::function<void()> effect;  // called once, as the input is consumed; must not throw
};
using Causes = std::map<std::string, std::int64_t>;

/// Collects what is read; see Node::tally.
class Tally {
 public:
  void add(const Node& node, const Account& account) { accounts_[&node] += account; }
  const std::unordered_map<const Node*, Account>& accounts() const { return accounts_; }

 private:
  std::unordered_map<const Node*, Account> accounts_;
};

/// Times the stages of one ticket: each node's time without that of the nodes it called.
class StageClock {
 public:
  /// Charges a node while it lives; nests.
  class Scope {
   public:
    Scope(StageClock* clock, const Node& node);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    StageClock* clock_;
    const Node* node_;
    const Node* outer_;
  };
  const std::unordered_map<const Node*, double>& seconds() const { return seconds_; }

 private:
  void charge_current();
  std::unordered_map<const Node*, double> seconds_;
  const Node* current_ = nullptr;
  std::chrono::steady_clock::time_point since_;
};

/// The accounts of a run. Counts are written and read under the iterator's lock; times come from any thread.
class Ledger {
 public:
  explicit Ledger(Run& run) : run_(run) {}

  /// Where a node's counts are kept: cursors remember it.
  Account& cell(const Node& node) { return cells_[&node]; }
  /// Adds to cell(node), or to the thread's PendingEntries.
  void add(const Node& node, Account& cell, const Account& delta);
  void add(const Node& node, const Account& delta) { add(node, cell(node), delta); }
  /// Failures as they reach the consumer: adjustments of the stages in `mine`, or of all where it is empty.
  void adjust(const Failure& failure, std::span<const TransformNode* const> mine = {});

  /// Counts the cause of a drop; to be called besides add() as the input is consumed. Its effect is left out where the
  /// run is quiet.
  void drop(const Node& node, std::shared_ptr<const Dropped> dropped);
  Causes causes(const Node& node) const;

  /// Counts what a stage does besides: "decoded". From any thread; not bound to the consumer's position.
  void note(const Node& node, const char* what, std::int64_t count);
  Causes notes(const Node& node) const;

  /// Outputs of a random-access node that reached the consumer. Neighbouring ranges are joined and tallied late.
  struct Segment {
    std::int64_t epoch = 0, begin = 0, end = 0;
  };
  void consume(const Node& node, Segment& segment, std::int64_t epoch, std::int64_t begin, std::int64_t end);
  /// A cursor's own segment, given back with it.
  Segment* open_segment(const Node& node);
  void close_segment(Segment* segment);

  /// A ticket of `node` took `seconds`; `clock`, if it was the one in 64, says how they fall on the stages.
  void time(const Node& node, double seconds, const StageClock* clock);
  void waited(const Node& node, double seconds);
  /// Begins anew: what a restored cursor read to get to its place is nobody's, but for what stages now hold.
  void forget_counts();
  /// All accounts now.
  std::unordered_map<const Node*, Account> accounts();

 private:
  friend class PendingEntries;
  PendingEntries* pending_here() const;
  struct Times {
    double total = 0, waited = 0;
    std::unordered_map<const Node*, double> sampled;
  };
  /// The same of what was read ahead, and is taken now.
  void consume(const Node& node, const Segment& rows);
  void fold(const Node& node, const Segment& segment);

  Run& run_;
  std::unordered_map<const Node*, Account> cells_;
  std::unordered_map<const Node*, Causes> causes_;
  mutable std::mutex mutex_;  // for what follows
  std::unordered_map<const Node*, Causes> notes_;
  std::map<std::unique_ptr<Segment>, const Node*> segments_;
  std::unordered_map<const Node*, Segment> committed_;  // by the consumer alone
  std::unordered_map<const Node*, Times> times_;
};

/// While a Scope lives, the calling thread's entries to its Ledger go here instead: a stage that reads ahead keeps them
/// with what it read and commits them, row by row, as that is consumed. Other runs, inside a user's function, are not
/// concerned.
class PendingEntries {
 public:
  /// Takes the `rows` rows that `upstream` shows; what it enters with each is that row's.
  void take(Cursor& upstream, std::int64_t rows);
  /// Commits what is of the first `rows` rows.
  void commit(Ledger& ledger, std::int64_t rows = INT64_MAX);
  /// The first `rows` rows are done with: the others count from 0 again.
  void drop_rows(std::int64_t rows) { first_row_ += rows; }

  class Scope {
   public:
    Scope(PendingEntries& entries, const Ledger& ledger);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    PendingEntries* previous_;
  };

 private:
  friend class Ledger;
  struct Entry {
    const Node* node;
    Account delta;
    Ledger::Segment consumed;  // begin < end: a range consumed
    std::shared_ptr<const Dropped> dropped;
    std::int64_t row = 0;
  };
  void enter(Entry entry);

  const Ledger* ledger_ = nullptr;
  std::vector<Entry> entries_;
  std::size_t committed_ = 0;  // of entries_
  std::int64_t row_ = 0;       // that entries belong to
  std::int64_t first_row_ = 0;
};

}  // namespace headrace
