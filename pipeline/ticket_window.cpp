#include <headrace/pipeline/ticket_window.hpp>

#include <algorithm>
#include <chrono>

#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/warn.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

namespace {

using Clock = std::chrono::steady_clock;

// Measured in the design's spike: below 20 us a ticket the pool costs more than it brings, and 100 us or 512 kB hide
// the hand-over without holding rows back.
constexpr double kSlowTicket = 20e-6;
constexpr double kTargetTicket = 100e-6;
constexpr std::int64_t kTicketBytes = 512 * 1024;
constexpr std::int64_t kMostInputs = std::int64_t{1} << 20;
constexpr int kSlowTicketsToPool = 2;
constexpr double kVerySlowTicket = 200e-6;  // no noise: one is enough
constexpr auto kHelperLinger = std::chrono::microseconds(50);
constexpr auto kConsumerSpin = std::chrono::microseconds(20);
constexpr auto kPollPeriod = std::chrono::milliseconds(50);

/// Once a process: with fewer threads all goes on as before, later.
void warn_of_refused_threads() {
  static std::atomic<bool> warned{false};
  const int refused = pool::refused_threads();
  if (refused == 0 || warned.exchange(true)) return;
  warn(sentence("headrace", "the system refused ", refused, " of ", pool::active_threads() + refused,
                " threads; fewer share the work. Raise its limit of processes (ulimit -u, or the container's), or ask "
                "for fewer with with_options(threads=...)"));
}

double seconds_since(Clock::time_point begin) { return std::chrono::duration<double>(Clock::now() - begin).count(); }

}  // namespace

/// What helpers and the window both hold. A helper that still runs a ticket after the window is gone owns it alone.
struct TicketWindow::Shared {
  std::shared_ptr<Run> run;
  std::shared_ptr<const Work> work;
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::shared_ptr<Ticket>> open;  // pushed while helpers are wanted; begun ones are removed lazily
  std::atomic<std::int64_t> waiting_tickets{0};
  std::atomic<int> lingering{0};
  int helpers = 0;
  std::atomic<bool> cancelled{false};
  std::atomic<bool> consumer_waits{false};

  bool claim(Ticket& ticket) {
    int expected = Ticket::waiting;
    return ticket.state.compare_exchange_strong(expected, Ticket::running, std::memory_order_acq_rel);
  }

  void run_claimed(Ticket& ticket) {
    const auto begin = Clock::now();
    try {
      const WorkingFor working(*run);
      work->run(ticket);
    } catch (...) {  // no element's error (memory ran out between them): thrown once, and the rest is done again
      if (ticket.ready.load(std::memory_order_relaxed) == 0)
        ticket.output = {};  // else rows of it may be taken already
      ticket.output.interrupt = std::current_exception();
    }
    ticket.seconds = seconds_since(begin);
    ticket.state.store(Ticket::done, std::memory_order_seq_cst);
    wake();
  }

  void wake() {
    if (!consumer_waits.load(std::memory_order_seq_cst)) return;
    { const std::lock_guard lock(mutex); }
    changed.notify_all();
  }

  std::shared_ptr<Ticket> claim_next() {
    const std::lock_guard lock(mutex);
    while (!open.empty()) {
      std::shared_ptr<Ticket> ticket = std::move(open.front());
      open.pop_front();
      waiting_tickets.fetch_sub(1, std::memory_order_relaxed);
      if (claim(*ticket)) return ticket;
    }
    return nullptr;
  }

  bool helpers_may_go_on() const { return !cancelled.load(std::memory_order_acquire) && !pool::pausing(); }

  /// Waits a moment for more; no more of them at once than cores beside the consumer's, or they would take its core.
  void linger() {
    static const int most = std::max(1, pool::default_threads() - 1);
    if (lingering.fetch_add(1, std::memory_order_relaxed) < most) {
      const auto begin = Clock::now();
      while (waiting_tickets.load(std::memory_order_relaxed) == 0 && helpers_may_go_on() &&
             Clock::now() - begin < kHelperLinger) {
      }
    }
    lingering.fetch_sub(1, std::memory_order_relaxed);
  }

  void help() {
    while (helpers_may_go_on()) {
      if (const auto ticket = claim_next()) {
        run_claimed(*ticket);
        continue;
      }
      linger();
      if (waiting_tickets.load(std::memory_order_relaxed) == 0) break;
    }
    const std::lock_guard lock(mutex);
    --helpers;
  }
};

TicketWindow::TicketWindow(std::shared_ptr<Run> run, const Node& node, std::shared_ptr<const Work> work,
                           Settings settings)
    : run_(std::move(run)), node_(node), shared_(std::make_shared<Shared>()), settings_(settings) {
  shared_->run = run_;
  shared_->work = std::move(work);
  if (settings_.capacity == 0) settings_.capacity = 2 * settings_.threads + 1;
}

TicketWindow::~TicketWindow() { clear(); }

void TicketWindow::clear() {
  std::int64_t bytes = 0;
  for (const auto& ticket : tickets_) bytes += ticket->bytes;
  run_->add_bytes(-bytes);
  if (tickets_.empty()) return;
  auto fresh = std::make_shared<Shared>();
  fresh->run = run_;
  fresh->work = shared_->work;
  shared_->cancelled.store(true, std::memory_order_release);
  {
    const std::lock_guard lock(shared_->mutex);
    shared_->open.clear();
  }
  for (const auto& ticket : tickets_) {  // those not begun need never be; a running one is its helper's
    if (shared_->claim(*ticket)) ticket->input = {};
  }
  shared_ = std::move(fresh);
  tickets_.clear();
}

bool TicketWindow::helped() const {
  return settings_.pooled && settings_.threads > 1 && (settings_.user_code || slow_tickets_ >= kSlowTicketsToPool);
}

std::int64_t TicketWindow::next_size(std::int64_t want) const {
  if (settings_.pooled) return size_;
  return std::min(size_, want);
}

bool TicketWindow::has_room() const {
  if (tickets_.empty()) return true;
  if (!helped() || static_cast<std::int64_t>(tickets_.size()) >= settings_.capacity) return false;
  return run_->bytes_in_flight() + bytes_per_input_ * size_ <= run_->memory_for_tickets();
}

void TicketWindow::push(std::shared_ptr<Ticket> ticket) {
  ticket->serial = pushed_++;
  ticket->bytes = bytes_per_input_ * ticket->count;
  run_->add_bytes(ticket->bytes);
  tickets_.push_back(ticket);
  if (!helped()) return;
  ticket->wake = [shared = shared_.get()] { shared->wake(); };  // whoever runs the ticket holds shared
  {
    const std::lock_guard lock(shared_->mutex);
    for (auto& open = shared_->open;
         !open.empty() && open.front()->state.load(std::memory_order_relaxed) != Ticket::waiting;) {
      open.pop_front();  // begun by the consumer
      shared_->waiting_tickets.fetch_sub(1, std::memory_order_relaxed);
    }
    shared_->open.push_back(std::move(ticket));
    shared_->waiting_tickets.fetch_add(1, std::memory_order_relaxed);
  }
  call_helpers();
}

/// At most threads - 1 helper tasks, each of which loops; one task a ticket would leave stale ones behind. Where users'
/// functions run, which may sleep, the consumer leaves them to as many helpers: it must see at once what is ready.
void TicketWindow::call_helpers() {
  const int most = settings_.user_code && !pool::on_worker() ? settings_.threads : settings_.threads - 1;
  {
    const std::lock_guard lock(shared_->mutex);
    if (shared_->helpers >= most || shared_->helpers >= static_cast<int>(shared_->open.size())) return;
    ++shared_->helpers;
  }
  if (!pool::enqueue([shared = shared_] { shared->help(); })) {
    const std::lock_guard lock(shared_->mutex);
    --shared_->helpers;
  }
  warn_of_refused_threads();
}

bool TicketWindow::claim_and_run(Ticket& ticket) {
  if (!shared_->claim(ticket)) return false;
  shared_->run_claimed(ticket);
  return true;
}

/// Whether the consumer leaves tickets to helpers, of which there is at least one. Never where the consumer is a worker
/// itself (of a stage that reads ahead): helpers may wait for a worker to become free, and all would wait for each
/// other.
bool TicketWindow::left_to_helpers() {
  if (!settings_.user_code || pool::on_worker() || !helped() || pool::active_threads() <= 1)
    return false;  // none in a child of fork()
  call_helpers();
  const std::lock_guard lock(shared_->mutex);
  return shared_->helpers > 0;
}

Ticket& TicketWindow::front(std::int64_t after) {
  Ticket& ticket = *tickets_.front();
  const auto readable = [&] {
    return ticket.ready.load(std::memory_order_acquire) > after ||
           ticket.state.load(std::memory_order_acquire) == Ticket::done;
  };
  if (readable()) return ticket;
  if (!settings_.pooled) {  // its functions want the caller's language: no use in leaving it
    claim_and_run(ticket);
    return ticket;
  }
  const Away away;
  if (left_to_helpers()) {
    wait_for(ticket, after);
    return ticket;
  }
  if (claim_and_run(ticket)) return ticket;
  if (!settings_.user_code) {
    for (const auto& later : tickets_) {
      if (readable()) return ticket;
      claim_and_run(*later);
    }
  }
  wait_for(ticket, after);
  return ticket;
}

void TicketWindow::wait_for(Ticket& ticket, std::int64_t after) {
  const auto readable = [&] {
    return ticket.ready.load(std::memory_order_acquire) > after ||
           ticket.state.load(std::memory_order_acquire) == Ticket::done;
  };
  const auto begin = Clock::now();
  while (!readable() && Clock::now() - begin < kConsumerSpin) {
  }
  while (!readable()) {
    {
      std::unique_lock lock(shared_->mutex);
      shared_->consumer_waits.store(true, std::memory_order_seq_cst);
      if (!readable()) shared_->changed.wait_for(lock, kPollPeriod);
      shared_->consumer_waits.store(false, std::memory_order_relaxed);
    }
    if (!readable()) Host::current().poll();
    if (!readable() && !left_to_helpers()) claim_and_run(ticket);
  }
  run_->ledger().waited(node_, seconds_since(begin));
}

void TicketWindow::pace(const Ticket& ticket) {
  const std::int64_t inputs = std::max<std::int64_t>(ticket.output.inputs, 1);
  if (ticket.seconds > kSlowTicket && slow_tickets_ < kSlowTicketsToPool)
    slow_tickets_ = ticket.seconds > kVerySlowTicket ? kSlowTicketsToPool : slow_tickets_ + 1;
  bytes_per_input_ = ticket.output.rows.nbytes() / inputs;
  const auto by_time =
      static_cast<std::int64_t>(kTargetTicket / std::max(ticket.seconds / static_cast<double>(inputs), 1e-10));
  const std::int64_t by_bytes = kTicketBytes / std::max<std::int64_t>(bytes_per_input_, 1);
  // By powers of four and with slack, so that noise does not change how much is in flight.
  const std::int64_t target = std::min({by_time, by_bytes, kMostInputs});
  if (target >= 4 * size_)
    size_ *= 4;
  else if (2 * target < size_)
    size_ = std::max<std::int64_t>(size_ / 4, 1);
}

void TicketWindow::pop() {
  Ticket& ticket = *tickets_.front();
  pace(ticket);
  run_->ledger().time(node_, ticket.seconds, ticket.clock ? &*ticket.clock : nullptr);
  run_->add_bytes(-ticket.bytes);
  ticket.output = {};  // a helper's list may still name the ticket: its memory goes back now
  ticket.input = {};
  tickets_.pop_front();
}

void TicketWindow::replace_front(std::shared_ptr<Ticket> ticket) {
  ticket->serial = pushed_++;
  ticket->bytes = tickets_.front()->bytes;
  tickets_.front() = std::move(ticket);
}

}  // namespace headrace
