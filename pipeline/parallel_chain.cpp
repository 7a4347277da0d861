#include <algorithm>

#include <headrace/pipeline/chain_cursor.hpp>
#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

/// Tickets of input rows.
class ChainWork final : public Work {
 public:
  ChainWork(TransformChain chain, Run& run, std::int64_t epoch) : chain_(std::move(chain)), run_(run), epoch_(epoch) {}
  void run(Ticket& ticket) const override {
    StageClock clock;
    const bool timed = ticket.serial % 64 == 0;
    const Context context{run_, epoch_, timed ? &clock : nullptr};
    apply_chain(chain_, context, all(ticket.input), Positions::range(ticket.begin, ticket.count), ticket.output);
    if (timed) ticket.clock = std::move(clock);
    ticket.publish(ticket.output.rows.count);
  }

 private:
  TransformChain chain_;
  Run& run_;  // the window's shared part keeps it alive
  std::int64_t epoch_;
};

/// The pool has a thread more for functions that ask for some: the consumer leaves those to others. The rest it shares.
TicketWindow::Settings settings_of(const TransformChain& chain, const Run& run, int calls) {
  TicketWindow::Settings settings;
  settings.threads = std::min(run.threads(), calls);
  settings.user_code = std::any_of(chain.stages.begin(), chain.stages.end(),
                                   [](const TransformNode* stage) { return stage->wanted_threads() > 0; });
  return settings;
}

}  // namespace

ParallelChainCursor::ParallelChainCursor(std::unique_ptr<Cursor> upstream, TransformChain chain, const Context& context,
                                         int calls)
    : upstream_(std::move(upstream)),
      chain_(std::move(chain)),
      run_(context.run.shared_from_this()),
      accounts_(chain_, context.run),
      window_(run_, *chain_.stages.back(), std::make_shared<ChainWork>(chain_, context.run, context.epoch),
              settings_of(chain_, *run_, calls)) {
  upstream_->mark(anchor_);
}

/// Reads upstream; no ticket crosses a multiple of the anchors' period.
void ParallelChainCursor::push_tickets() {
  while (window_.has_room()) {
    const std::int64_t to_anchor = kAnchorPeriod - ordinal_ % kAnchorPeriod;
    auto ticket = std::make_shared<Ticket>();
    if (ordinal_ % kAnchorPeriod == 0) upstream_->mark(ticket->mark);
    RowView rows;
    const PendingEntries::Scope scope(pending_, run_->ledger());
    try {
      rows = upstream_->peek(std::min(window_.next_size(to_anchor), to_anchor));
    } catch (const Interrupt&) {
      throw;
    } catch (...) {  // what came before it is delivered first; then it is met again
      if (window_.empty()) throw;
      return;
    }
    if (rows.empty()) return;
    ticket->begin = ordinal_;
    ticket->count = rows.count;
    ticket->input = rows.share();
    pending_.take(*upstream_, rows.count);
    ticket->entries = std::exchange(pending_, {});
    ordinal_ += rows.count;
    window_.push(std::move(ticket));
  }
}

RowView ParallelChainCursor::peek(std::int64_t want) {
  for (int empty_tickets = 1;; ++empty_tickets) {
    push_tickets();
    if (window_.empty()) {
      pending_.commit(run_->ledger());
      return {};
    }
    Ticket& ticket = window_.front(offset_);
    if (ticket.begin % kAnchorPeriod == 0 && ticket.begin != anchor_ordinal_) {
      anchor_ = ticket.mark;
      anchor_ordinal_ = ticket.begin;
      since_anchor_ = 0;
    }
    const std::int64_t ready = ticket.ready.load(std::memory_order_acquire);
    if (offset_ < ready) return {&ticket.output.rows, offset_, std::min(want, ready - offset_)};
    finish_front();
    if (empty_tickets % 16 == 0) Host::current().poll();
  }
}

/// What throws before the ticket is gone (memory ran out) changes nothing: no row is given twice.
void ParallelChainCursor::finish_front() {
  Ticket& ticket = window_.front(offset_);
  const std::int64_t done = ticket.output.inputs;
  const std::exception_ptr interrupt = ticket.output.interrupt;
  accounts_.consume(ticket.output, done, offset_);
  ticket.entries.commit(run_->ledger(), done);
  if (interrupt) {
    auto rest = std::make_shared<Ticket>();
    rest->begin = ticket.begin + done;
    rest->count = ticket.count - done;
    rest->input = RowView{&ticket.input, done, rest->count}.share();
    rest->mark = ticket.mark;
    rest->entries = std::move(ticket.entries);
    rest->entries.drop_rows(done);
    window_.replace_front(std::move(rest));
  } else {
    window_.pop();
  }
  accounts_.leave_output();
  offset_ = 0;
  if (interrupt) std::rethrow_exception(interrupt);
}

void ParallelChainCursor::take(std::int64_t n) {
  Ticket& ticket = window_.front(offset_);
  const ChainOutput& output = ticket.output;
  const Rows& rows = output.rows;
  for (std::int64_t row = offset_; row < offset_ + n && rows.has_failures(); ++row) {
    if (const FailurePtr& failure = rows.failure(row)) accounts_.failed(*failure);
  }
  offset_ += n;
  since_anchor_ += n;
  if (chain_.one_to_one()) {
    accounts_.consume(output, offset_, offset_);
    ticket.entries.commit(run_->ledger(), offset_);
    return;
  }
  const std::int64_t last = rows.origins[static_cast<std::size_t>(offset_ - 1)];
  const bool more_of_it = offset_ < rows.count && rows.origins[static_cast<std::size_t>(offset_)] == last;
  accounts_.consume(output, last + 1, offset_, more_of_it);
  ticket.entries.commit(run_->ledger(), last + 1);
}

std::int64_t ParallelChainCursor::skip(std::int64_t n) {
  if (!chain_.one_to_one() || !window_.empty()) return Cursor::skip(n);
  std::int64_t skipped = 0;
  const std::int64_t anchor = (ordinal_ + n) / kAnchorPeriod * kAnchorPeriod;
  if (anchor > anchor_ordinal_) {
    skipped = upstream_->skip(anchor - ordinal_);
    ordinal_ += skipped;
    since_anchor_ += skipped;
    if (ordinal_ < anchor) return skipped;
    anchor_.clear();
    upstream_->mark(anchor_);
    anchor_ordinal_ = anchor;
    since_anchor_ = 0;
  }
  const std::int64_t rest = upstream_->skip(n - skipped);
  ordinal_ += rest;
  since_anchor_ += rest;
  return skipped + rest;
}

void ParallelChainCursor::mark(Mark& out) const {
  out.append(anchor_);
  out.put("ordinal", anchor_ordinal_);
  if (!chain_.one_to_one()) out.put("within", 0);
  if (since_anchor_ > 0) out.put("ahead", since_anchor_);
}

void ParallelChainCursor::do_restore(MarkReader& in) {
  upstream_->restore(in);
  ordinal_ = anchor_ordinal_ = in.get_count("ordinal");
  anchor_.clear();
  upstream_->mark(anchor_);
  if (chain_.one_to_one()) return;
  const std::int64_t within = in.get_count("within");
  require(Cursor::skip(within) == within, "state", "'within' must be a place in one element, got ", within,
          "; the state is damaged");
}

}  // namespace headrace
