#include <headrace/pipeline/random_access.hpp>

#include <algorithm>
#include <thread>

#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {

namespace {

bool fixed_size(const Spec& spec) {
  return std::none_of(spec.components.begin(), spec.components.end(),
                      [](const TensorSpec& component) { return component.dtype.variable_length(); });
}

/// Whether blocks of `node` are better gathered than made element by element: views, or small elements.
bool gathers_blocks(const Node& node) {
  if (node.gathers_views()) return true;
  const auto spec = node.spec();
  return spec && spec->fully_known() && fixed_size(*spec) && spec->nbytes() <= kStackedElement;
}

/// Tickets of positions.
class PositionWork final : public Work {
 public:
  PositionWork(TransformChain chain, Run& run, std::int64_t epoch)
      : chain_(std::move(chain)),
        run_(run),
        epoch_(epoch),
        blocks_(!chain_.stages.empty() || gathers_blocks(*chain_.base)) {}

  void run(Ticket& ticket) const override {
    StageClock clock;
    const bool timed = ticket.serial % 64 == 0;
    const Context context{run_, epoch_, timed ? &clock : nullptr};
    if (blocks_)
      run_block(ticket, context);
    else
      run_list(ticket, context);
    if (timed) ticket.clock = std::move(clock);
  }

 private:
  void run_block(Ticket& ticket, const Context& context) const {
    const Positions positions = Positions::range(ticket.begin, ticket.count);
    Rows rows = gather_rows(*chain_.base, context, positions);
    if (chain_.stages.empty()) {
      ticket.output.rows = std::move(rows);
      ticket.output.inputs = ticket.count;
    } else {
      apply_chain(chain_, context, all(rows), positions, ticket.output);
    }
    ticket.publish(ticket.output.rows.count);
  }

  void run_list(Ticket& ticket, const Context& context) const {
    Rows& rows = ticket.output.rows;
    rows.list.resize(static_cast<std::size_t>(ticket.count));
    rows.count = ticket.count;
    for (std::int64_t i = 0; i < ticket.count; ++i) {
      auto& outcome = rows.list[static_cast<std::size_t>(i)];
      try {
        try {
          outcome.element = chain_.base->at(context, ticket.begin + i);
        } catch (...) {
          outcome.failure = capture_failure(*chain_.base, ticket.begin + i);
        }
      } catch (const Interrupt&) {
        ticket.output.interrupt = std::current_exception();
        break;
      }
      ticket.output.inputs = i + 1;
      ticket.publish(i + 1);
      if (run_.cancelled()) break;
    }
  }

  TransformChain chain_;
  Run& run_;  // the window's shared part keeps it alive
  std::int64_t epoch_;
  bool blocks_;
};

bool reads_no_user_code(const Node& node) {
  if (node.reads_inline()) return false;
  const auto nodes = nodes_of(node);
  return std::none_of(nodes.begin(), nodes.end(), [](const Node* one) { return one->wanted_threads() > 0; });
}

TicketWindow::Settings settings_of(const TransformChain& chain, const Run& run, bool pooled) {
  TicketWindow::Settings settings;
  settings.pooled = pooled;
  settings.threads = run.threads();
  for (const Node* node : nodes_of(chain.stages.empty() ? *chain.base : *chain.stages.back())) {
    if (node->wanted_threads() > 0) {
      settings.threads = std::min(settings.threads, node->wanted_threads());
      settings.user_code = true;
    }
  }
  return settings;
}

}  // namespace

Rows gather_rows(const Node& node, const Context& context, const Positions& positions) {
  try {
    return node.gather(context, positions);
  } catch (const Interrupt&) {
    throw;
  } catch (...) {
    std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
    for (std::int64_t i = 0; i < positions.count; ++i) {
      auto& outcome = list[static_cast<std::size_t>(i)];
      try {
        outcome.element = node.at(context, positions[i]);
      } catch (...) {
        outcome.failure = capture_failure(node, positions[i]);
      }
    }
    return Rows::of_list(std::move(list));
  }
}

std::vector<FailedRow> make_rows_apart(const Node& node, const Context& context, std::int64_t count, std::int64_t grain,
                                       const std::function<FailurePtr(const Context&, std::int64_t)>& make) {
  std::vector<FailurePtr> failures(static_cast<std::size_t>(count));
  const auto make_some = [&](const Context& here, std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) failures[static_cast<std::size_t>(i)] = make(here, i);
  };
  if (reads_no_user_code(node)) {
    const auto caller = std::this_thread::get_id();
    pool::parallel_for(count, grain, [&](std::int64_t begin, std::int64_t end) {
      const WorkingFor working(context.run);
      const bool clocked = std::this_thread::get_id() == caller;  // its part stands for all: shares are what is wanted
      make_some({context.run, context.epoch, clocked ? context.clock : nullptr}, begin, end);
    });
  } else {
    make_some(context, 0, count);
  }
  std::vector<FailedRow> failed;
  for (std::int64_t i = 0; i < count; ++i) {
    if (FailurePtr& failure = failures[static_cast<std::size_t>(i)]) failed.push_back({i, std::move(failure)});
  }
  return failed;
}

std::unique_ptr<Cursor> open_in_order(const Node& node, const Context& context) {
  return std::make_unique<RandomAccessCursor>(TransformChain{{}, &node}, context, false);
}

std::unique_ptr<Cursor> open(const Node& node, const Context& context) {
  if (node.access() != Access::random) return node.open_stream(context);
  if (!node.reads_inline()) return std::make_unique<RandomAccessCursor>(TransformChain{{}, &node}, context, true);
  return std::make_unique<PositionCursor>(node.open_stream(context), node.cardinality());
}

RandomAccessCursor::RandomAccessCursor(TransformChain chain, const Context& context, bool pooled)
    : chain_(std::move(chain)),
      run_(context.run.shared_from_this()),
      context_(context.run, context.epoch),
      one_to_one_(chain_.one_to_one()),
      expanding_(chain_.expanding()),
      accounts_(chain_, context.run),
      segment_(run_->ledger().open_segment(*chain_.base)),
      end_(chain_.base->cardinality() == kInfinite ? INT64_MAX : chain_.base->cardinality()),
      window_(run_, chain_.stages.empty() ? *chain_.base : *chain_.stages.back(),
              std::make_shared<PositionWork>(chain_, context.run, context.epoch),
              settings_of(chain_, context.run, pooled)) {}

RandomAccessCursor::~RandomAccessCursor() { run_->ledger().close_segment(segment_); }

void RandomAccessCursor::push_tickets(std::int64_t want) {
  while (next_ < end_ && window_.has_room()) {
    auto ticket = std::make_shared<Ticket>();
    ticket->begin = next_;
    ticket->count = std::min(window_.next_size(want), end_ - next_);
    next_ += ticket->count;
    window_.push(std::move(ticket));
  }
}

RowView RandomAccessCursor::peek(std::int64_t want) {
  for (int empty_tickets = 1;; ++empty_tickets) {
    push_tickets(want);
    if (window_.empty()) return {};
    Ticket& ticket = window_.front(offset_);
    const std::int64_t ready = ticket.ready.load(std::memory_order_acquire);
    ticket_begin_ = ticket.begin;
    if (offset_ < ready) return {&ticket.output.rows, offset_, std::min(want, ready - offset_)};
    finish_front();
    if (empty_tickets % 16 == 0) Host::current().poll();
  }
}

/// Removes the front ticket, all of whose outputs are taken; an Interrupt that cut it short is thrown here. What throws
/// before the ticket is gone (memory ran out) changes nothing: no row is given twice.
void RandomAccessCursor::finish_front() {
  const Ticket& ticket = window_.front(offset_);
  const std::int64_t done = ticket.output.inputs, position = ticket.begin + done;
  const std::exception_ptr interrupt = ticket.output.interrupt;
  account(ticket, done, false);
  if (interrupt) {
    auto rest = std::make_shared<Ticket>();
    rest->begin = position;
    rest->count = ticket.count - done;
    window_.replace_front(std::move(rest));
  } else {
    window_.pop();
  }
  accounts_.leave_output();
  position_ = position;
  within_ = 0;
  offset_ = 0;
  if (interrupt) std::rethrow_exception(interrupt);
}

/// Counts the ticket's inputs up to index `to` as begun, the last one as not ended where `within`.
void RandomAccessCursor::account(const Ticket& ticket, std::int64_t to, bool within) {
  const std::int64_t from = accounted_ - ticket.begin;
  to = std::max(from, to);
  if (from < to) run_->ledger().consume(*chain_.base, *segment_, context_.epoch, accounted_, ticket.begin + to);
  if (!chain_.stages.empty()) accounts_.consume(ticket.output, to, offset_, within);
  accounted_ = ticket.begin + to;
}

void RandomAccessCursor::take(std::int64_t n) {
  const Ticket& ticket = window_.front(offset_);
  const Rows& rows = ticket.output.rows;
  for (std::int64_t row = offset_; row < offset_ + n && (!rows.stacked || !rows.failures.empty()); ++row) {
    if (const FailurePtr& failure = rows.failure(row)) run_->ledger().adjust(*failure);
  }
  offset_ += n;
  if (one_to_one_) {
    account(ticket, offset_, false);
    position_ = accounted_;
    return;
  }
  const std::int64_t last = rows.origins[static_cast<std::size_t>(offset_ - 1)];
  const bool more_of_it = offset_ < rows.count && rows.origins[static_cast<std::size_t>(offset_)] == last;
  account(ticket, last + 1, more_of_it);
  position_ = ticket.begin + (more_of_it ? last : last + 1);
  const auto first = std::lower_bound(rows.origins.begin(), rows.origins.end(), last);
  within_ = more_of_it ? offset_ - (first - rows.origins.begin()) : 0;
}

std::int64_t RandomAccessCursor::skip(std::int64_t n) {
  if (!one_to_one_ || n <= 0) return Cursor::skip(n);
  const std::int64_t skipped = std::min(n, end_ - position_);
  window_.clear();
  accounts_.leave_output();
  offset_ = 0;
  next_ = accounted_ = position_ = position_ + skipped;
  return skipped;
}

void RandomAccessCursor::mark(Mark& out) const {
  out.put("position", position_);
  if (expanding_) out.put("within", within_);
}

void RandomAccessCursor::do_restore(MarkReader& in) {
  next_ = accounted_ = position_ = in.get("position", 0, end_);
  if (!expanding_) return;
  const std::int64_t within = in.get_count("within");
  require(Cursor::skip(within) == within, "state", "'within' must be a place in one element, got ", within,
          "; the state is damaged");
}

Positions RandomAccessCursor::positions_of(const RowView& view, std::vector<std::int64_t>& scratch) const {
  if (one_to_one_) return Positions::range(position_, view.count);
  scratch.resize(static_cast<std::size_t>(view.count));
  for (std::int64_t i = 0; i < view.count; ++i)
    scratch[static_cast<std::size_t>(i)] = ticket_begin_ + view.rows->origins[static_cast<std::size_t>(view.begin + i)];
  return Positions::of(scratch.data(), view.count);
}

std::int64_t PositionCursor::skip(std::int64_t n) {
  const std::int64_t skipped = inner_->skip(n);
  position_ += skipped;
  return skipped;
}

void PositionCursor::do_restore(MarkReader& in) {
  const std::int64_t position = in.get("position", 0, cardinality_ == kInfinite ? INT64_MAX : cardinality_);
  require(skip(position) == position, "state",
          "it stands further than this plan goes; the state is damaged or the data has changed");
}

}  // namespace headrace
