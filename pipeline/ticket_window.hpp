// The scheduler: an ordered window of tickets that helpers from the pool and the consumer both claim. One mechanism for
// every stage that works ahead or in parallel.
#pragma once

#include <atomic>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

/// A piece of work and what came of it.
struct Ticket {
  enum State : int { waiting, running, done };
  std::atomic<int> state{waiting};
  std::int64_t begin = 0;              // first position (random access) or ordinal (streams)
  std::int64_t count = 0;              // inputs
  Rows input;                          // streams: the rows to work on
  Mark mark;                           // streams: where `input` begins
  PendingEntries entries;              // streams: what upstream entered for it
  ChainOutput output;                  // output.rows grows to its final size before `ready` says so
  std::atomic<std::int64_t> ready{0};  // rows of output.rows that may be read (lists become visible one by one)
  std::int64_t serial = 0;
  std::int64_t bytes = 0;  // counted as in flight
  double seconds = 0;
  std::optional<StageClock> clock;  // of one ticket in 64
  /// Set by the window: wakes a consumer that waits for rows of this ticket.
  std::function<void()> wake;

  /// The first `rows` rows of output.rows may be read from now on.
  void publish(std::int64_t rows) {
    ready.store(rows, std::memory_order_seq_cst);  // before the look at who waits
    if (wake) wake();
  }
};

/// What tickets are about. Shared by the helpers: it must own, or keep alive, all it touches.
class Work {
 public:
  virtual ~Work() = default;
  /// Does the ticket. Element errors are failures in the output; an Interrupt stands in output.interrupt.
  virtual void run(Ticket& ticket) const = 0;
};

class TicketWindow {
 public:
  struct Settings {
    bool pooled = true;         // helpers may work; else only the consumer, when asked
    bool user_code = false;     // tickets call a user's function
    int threads = 1;            // at most this many tickets at once
    std::int64_t capacity = 0;  // tickets in flight; 0: 2 * threads + 1
  };
  /// `node` is whose account the time goes to.
  TicketWindow(std::shared_ptr<Run> run, const Node& node, std::shared_ptr<const Work> work, Settings settings);
  /// Cancels and returns at once: a running ticket is freed by whoever runs it.
  ~TicketWindow();
  TicketWindow(const TicketWindow&) = delete;
  TicketWindow& operator=(const TicketWindow&) = delete;

  /// How many inputs the next ticket should have, by pace; at most `want` where nothing may be done ahead.
  std::int64_t next_size(std::int64_t want) const;
  /// More tickets may be pushed: neither count, bytes nor pace is against it.
  bool has_room() const;
  void push(std::shared_ptr<Ticket> ticket);
  bool empty() const { return tickets_.empty(); }
  /// The first ticket with at least `after` + 1 rows readable, or done; the consumer works or waits until then.
  Ticket& front(std::int64_t after);
  void pop();
  /// Puts `ticket` in the place of the first one, which an Interrupt cut short.
  void replace_front(std::shared_ptr<Ticket> ticket);
  /// Forgets all tickets, to go on elsewhere.
  void clear();

 private:
  struct Shared;
  bool helped() const;
  bool left_to_helpers();
  bool claim_and_run(Ticket& ticket);
  void wait_for(Ticket& ticket, std::int64_t after);
  void pace(const Ticket& ticket);
  void call_helpers();

  std::shared_ptr<Run> run_;
  const Node& node_;
  std::shared_ptr<Shared> shared_;
  Settings settings_;
  std::deque<std::shared_ptr<Ticket>> tickets_;
  std::int64_t size_ = 1;  // inputs a ticket
  std::int64_t pushed_ = 0;
  int slow_tickets_ = 0;  // that took more than 20 us
  std::int64_t bytes_per_input_ = 0;
};

}  // namespace headrace
