// interleave with num_parallel_calls: turns are tickets of a window.
#include <algorithm>

#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/interleave_inputs.hpp>
#include <headrace/pipeline/interleave_node.hpp>
#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/ticket_window.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kMostRowsATicket = 256;

/// The part of a turn that one ticket does. Tickets of one slot follow each other, so each has it for itself.
struct Turn {
  std::int64_t slot = 0;
  std::int64_t done = 0;                 // rows of the turn before this ticket's
  std::int64_t count = 0;                // rows of this ticket, at most
  std::optional<InterleaveInput> input;  // where it begins with a new one
  PendingEntries entries;                // what upstream entered for that
  // How things stood before: for the mark.
  bool was_open = false;
  std::int64_t was_input = -1;
  Mark before;  // upstream's before the open input
  Mark inner;   // of the open slot
  Mark upstream;
  std::int64_t inputs = 0;
};

/// What tickets share; owned by whoever still runs one.
struct Turns {
  InterleaveOpener opener;
  const Node& node;
  std::vector<InterleaveSlot> slots;
};

/// Ticket.begin is the slot, Ticket.count the most rows; Ticket.input holds the new input's element, if there is one,
/// and Ticket.output.inputs is 0 where the slot's dataset has ended.
class TurnWork final : public Work {
 public:
  explicit TurnWork(std::shared_ptr<Turns> turns) : turns_(std::move(turns)) {}

  void run(Ticket& ticket) const override {
    Rows& rows = ticket.output.rows;
    rows.list.resize(static_cast<std::size_t>(ticket.count));  // rows become visible one by one
    ticket.output.inputs = 1;
    std::int64_t made = 0;
    try {
      if (begin(ticket, rows))
        made = read(ticket, rows);
      else
        made = 1;
    } catch (const Interrupt&) {
      ticket.output.interrupt = std::current_exception();
      made = ticket.ready.load(std::memory_order_relaxed);
    }
    rows.list.resize(static_cast<std::size_t>(made));
    rows.count = made;
    ticket.publish(made);
  }

 private:
  InterleaveSlot& slot(const Ticket& ticket) const { return turns_->slots[static_cast<std::size_t>(ticket.begin)]; }

  /// Opens the slot if it is to be; false where that failed, which is the turn's only row.
  bool begin(Ticket& ticket, Rows& rows) const {
    if (slot(ticket).open()) return true;
    const Outcome& given = ticket.input.list.front();
    FailurePtr failure = turns_->opener.open({slot(ticket).input, given.element, given.failure}, slot(ticket));
    if (!failure) return true;
    rows.list.front().failure = std::move(failure);
    slot(ticket).close();
    ticket.output.inputs = 0;
    return false;
  }

  std::int64_t read(Ticket& ticket, Rows& rows) const {
    std::int64_t made = 0;
    InnerCursor& inner = *slot(ticket).inner;
    while (made < ticket.count) {
      const RowView view = inner.peek(ticket.count - made);
      if (view.empty()) {
        slot(ticket).close();
        ticket.output.inputs = 0;
        break;
      }
      Rows part = view.share();
      leave_inner(part, turns_->node);
      for (std::int64_t i = 0; i < part.count; ++i) {
        Outcome& outcome = rows.list[static_cast<std::size_t>(made + i)];
        outcome.failure = part.failure(i);
        if (!outcome.failure) outcome.element = part.element(i);
      }
      inner.take(part.count);
      made += part.count;
      ticket.publish(made);
    }
    return made;
  }

  std::shared_ptr<Turns> turns_;
};

TicketWindow::Settings settings_of(const Run& run, const InterleaveTurns& turns) {
  TicketWindow::Settings settings;
  settings.threads = std::min(run.threads(), turns.calls);
  settings.user_code = true;
  settings.capacity = turns.calls;
  return settings;
}

/// Mark: as InterleaveCursor's, before the turn that is given now, and "ahead".
class InterleaveAheadCursor final : public Cursor {
 public:
  InterleaveAheadCursor(const InterleaveNode& node, const Context& context)
      : node_(node),
        inputs_(node, node.map_func(), context),
        turns_(std::make_shared<Turns>(Turns{
            inputs_.opener(), node, std::vector<InterleaveSlot>(static_cast<std::size_t>(node.turns().cycle_length))})),
        passed_(node, context.run),
        run_(context.run.shared_from_this()),
        window_(context.run.shared_from_this(), node, std::make_shared<TurnWork>(turns_),
                settings_of(context.run, node.turns())) {}

  RowView peek(std::int64_t want) override {
    for (int empty_turns = 1;; ++empty_turns) {
      push_turns();
      if (window_.empty()) {
        pending_.commit(run_->ledger());
        return {};
      }
      Ticket& ticket = window_.front(offset_);
      const std::int64_t ready = ticket.ready.load(std::memory_order_acquire);
      if (offset_ < ready) return {&ticket.output.rows, offset_, std::min(want, ready - offset_)};
      finish_front();
      if (empty_turns % 16 == 0) Host::current().poll();
    }
  }

  void take(std::int64_t n) override {
    const Rows& rows = window_.front(offset_).output.rows;
    passed_.add(interleaved_account({&rows, offset_, n}, 0));
    count_input();
    offset_ += n;
  }

  void mark(Mark& out) const override;

 protected:
  void do_restore(MarkReader& in) override {
    inputs_.restore(in, turns_->slots);
    turn_ = in.get("turn", 0, static_cast<std::int64_t>(turns_->slots.size()) - 1);
    done_ = in.get("done", 0, node_.turns().block_length - 1);
    in.get("close", 0, 0);
  }

 private:
  InterleaveSlot& slot(std::int64_t i) { return turns_->slots[static_cast<std::size_t>(i)]; }
  bool busy(std::int64_t i) const {
    return std::any_of(ahead_.begin(), ahead_.end(), [i](const Turn& turn) { return turn.slot == i; });
  }
  /// The front turn's.
  void count_input() {
    if (std::exchange(counted_, true) || !ahead_.front().input) return;
    ahead_.front().entries.commit(run_->ledger());
    passed_.add(interleaved_account({}, 1));
  }
  void next_turn() {
    turn_ = turn_ + 1 == node_.turns().cycle_length ? 0 : turn_ + 1;
    done_ = 0;
  }
  bool find_turn(Turn& turn);
  void push_turns();
  void push(Turn turn, bool in_front);
  void finish_front();
  void go_on_after_interrupt();

  const InterleaveNode& node_;
  InterleaveInputs inputs_;
  std::shared_ptr<Turns> turns_;
  std::deque<Turn> ahead_;  // one a ticket
  std::int64_t turn_ = 0;   // the next to be ticketed
  std::int64_t done_ = 0;
  std::int64_t offset_ = 0;  // rows of the front ticket taken
  bool counted_ = false;     // its input
  PendingEntries pending_;   // upstream's, of no turn yet
  PassedRows passed_;
  std::shared_ptr<Run> run_;
  TicketWindow window_;
};

/// The next turn there is, if its slot is free.
bool InterleaveAheadCursor::find_turn(Turn& turn) {
  for (std::int64_t passed = 0; passed < node_.turns().cycle_length; ++passed) {
    if (busy(turn_)) return false;
    InterleaveSlot& here = slot(turn_);
    turn = {turn_,
            done_,
            std::min(node_.turns().block_length - done_, kMostRowsATicket),
            std::nullopt,
            {},
            here.open(),
            here.input,
            here.before,
            {},
            {},
            inputs_.count()};
    if (here.open()) {
      here.inner->mark(turn.inner);
      return true;
    }
    inputs_.mark_upstream(turn.upstream);
    const PendingEntries::Scope scope(pending_, run_->ledger());
    turn.input = inputs_.read(here);
    if (turn.input) {
      turn.entries = std::exchange(pending_, {});
      return true;
    }
    next_turn();
  }
  return false;
}

void InterleaveAheadCursor::push_turns() {
  while (window_.has_room() && static_cast<std::int64_t>(ahead_.size()) < node_.turns().cycle_length) {
    // A turn cut in tickets goes on when the one before is through.
    if (done_ > 0 && busy(turn_)) return;
    Turn turn;
    if (!find_turn(turn)) return;
    done_ = turn.done + turn.count;
    push(std::move(turn), false);
    if (done_ < node_.turns().block_length) return;
    next_turn();
  }
}

void InterleaveAheadCursor::push(Turn turn, bool in_front) {
  auto ticket = std::make_shared<Ticket>();
  ticket->begin = turn.slot;
  ticket->count = turn.count;
  if (turn.input) ticket->input = Rows::of_list({Outcome{turn.input->element, turn.input->failure}});
  if (in_front) {
    ahead_.front() = std::move(turn);
    window_.replace_front(std::move(ticket));
  } else {
    ahead_.push_back(std::move(turn));
    window_.push(std::move(ticket));
  }
}

void InterleaveAheadCursor::finish_front() {
  Ticket& ticket = window_.front(offset_);
  const bool ended = ticket.output.inputs == 0;
  const std::exception_ptr interrupt = ticket.output.interrupt;
  const Turn& turn = ahead_.front();
  const bool begun = !interrupt || slot(turn.slot).open();
  if (begun) count_input();
  if (begun) counted_ = false;
  if (interrupt) {
    go_on_after_interrupt();
    std::rethrow_exception(interrupt);
  }
  const bool cut = turn.slot == turn_ && done_ > 0;  // more of this turn was to come
  if (cut && ended) next_turn();
  offset_ = 0;
  ahead_.pop_front();
  window_.pop();
}

/// The rest of the front turn as a new ticket.
void InterleaveAheadCursor::go_on_after_interrupt() {
  Turn turn = std::move(ahead_.front());
  InterleaveSlot& here = slot(turn.slot);
  turn.done += offset_;
  turn.count -= std::exchange(offset_, 0);
  turn.was_open = here.open();
  if (here.open()) {
    turn.input.reset();
    turn.was_input = here.input;
    turn.before = here.before;
    turn.inner.clear();
    here.inner->mark(turn.inner);
  }
  push(std::move(turn), true);
}

void InterleaveAheadCursor::mark(Mark& out) const {
  std::vector<OpenSlotMark> open;
  for (std::int64_t i = 0; i < node_.turns().cycle_length; ++i) {
    const InterleaveSlot& here = turns_->slots[static_cast<std::size_t>(i)];
    const auto turn = std::find_if(ahead_.begin(), ahead_.end(), [i](const Turn& t) { return t.slot == i; });
    if (turn != ahead_.end()) {  // a helper may have it: as it stood before
      if (turn->was_open)
        open.push_back({i, turn->was_input, &turn->before, [turn](Mark& inner) { inner.append(turn->inner); }});
    } else if (here.open()) {
      open.push_back({i, here.input, &here.before, [&here](Mark& inner) { here.inner->mark(inner); }});
    }
  }
  Mark upstream;
  std::int64_t inputs = inputs_.count();
  const auto reading = std::find_if(ahead_.begin(), ahead_.end(), [](const Turn& t) { return t.input.has_value(); });
  if (reading != ahead_.end()) {
    upstream = reading->upstream;
    inputs = reading->inputs;
  } else if (open.empty()) {
    inputs_.mark_upstream(upstream);
  }
  mark_slots(out, std::move(open), upstream, inputs);
  out.put("turn", ahead_.empty() ? turn_ : ahead_.front().slot);
  out.put("done", ahead_.empty() ? done_ : ahead_.front().done);
  out.put("close", 0);
  if (offset_ > 0) out.put("ahead", offset_);
}

}  // namespace

std::unique_ptr<Cursor> open_interleave_ahead(const InterleaveNode& node, const Context& context) {
  return std::make_unique<InterleaveAheadCursor>(node, context);
}

}  // namespace headrace
