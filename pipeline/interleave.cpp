#include <headrace/pipeline/interleave.hpp>

#include <algorithm>

#include <headrace/pipeline/interleave_inputs.hpp>
#include <headrace/pipeline/interleave_node.hpp>
#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

/// Takes turns on the consumer's thread. A turn ends after block_length rows or with its dataset; a turn of an empty
/// slot begins with the next input. Mark: see InterleaveInputs, "turn", "done" (rows of it), "close".
class InterleaveCursor final : public FillingCursor {
 public:
  InterleaveCursor(const InterleaveNode& node, const Context& context)
      : node_(node),
        inputs_(node, node.map_func(), context),
        slots_(static_cast<std::size_t>(node.turns().cycle_length)),
        alone_(slots_.size() == 1),
        passed_(node, context.run) {}

 protected:
  Rows fill(std::int64_t want) override;
  void mark_here(Mark& out) const override {
    inputs_.mark(out, slots_);
    out.put("turn", turn_);
    out.put("done", done_);
    out.put("close", 0);
  }
  void taken(const RowView& rows) override { passed_.add(interleaved_account(rows, 0)); }
  std::int64_t skip_blocks(std::int64_t n) override;
  void do_restore(MarkReader& in) override {
    inputs_.restore(in, slots_);
    turn_ = in.get("turn", 0, static_cast<std::int64_t>(slots_.size()) - 1);
    done_ = in.get("done", 0, node_.turns().block_length - 1);
    in.get("close", 0, 0);
    for (const auto& slot : slots_) open_ += slot.open();
  }

 private:
  /// What one slot gives to a block: rows of its view, and where they go.
  struct Part {
    RowView view;
    std::int64_t used = 0;
    std::vector<std::int64_t> places;
  };

  InterleaveSlot& slot() { return slots_[static_cast<std::size_t>(turn_)]; }
  /// What was read is taken from upstream, whether or not its rows are taken from here.
  void count_inputs() { passed_.add(interleaved_account({}, inputs_.take_count())); }
  void next_turn() {
    turn_ = turn_ + 1 == static_cast<std::int64_t>(slots_.size()) ? 0 : turn_ + 1;
    done_ = 0;
  }
  void end_slot() {
    slot().close();
    --open_;
    next_turn();
  }
  FailurePtr open_slot();
  std::int64_t take_turns(std::int64_t want, std::vector<Part>& parts);
  Rows join(std::vector<Part>& parts, std::int64_t count);

  const InterleaveNode& node_;
  InterleaveInputs inputs_;
  std::vector<InterleaveSlot> slots_;
  bool alone_;                           // one dataset at a time: there are no turns
  std::optional<InterleaveInput> next_;  // read, and not yet made a dataset of
  std::int64_t open_ = 0;
  std::int64_t turn_ = 0;
  std::int64_t done_ = 0;  // rows of this turn given
  std::vector<Part> parts_;
  std::exception_ptr interrupt_;
  PassedRows passed_;
};

/// Opens the slot whose turn it is; a failure is one output and ends the turn.
FailurePtr InterleaveCursor::open_slot() {
  if (!next_) next_ = inputs_.read(slot());
  if (!next_) return nullptr;
  FailurePtr failure = inputs_.opener().open(*next_, slot());  // an Interrupt leaves next_ for the next call
  next_.reset();
  if (!failure) {
    ++open_;
    return nullptr;
  }
  slot().close();
  next_turn();
  return failure;
}

/// Gives turns to open slots as far as rows are there, and at least one; opens none, for that calls a function.
std::int64_t InterleaveCursor::take_turns(std::int64_t want, std::vector<Part>& parts) {
  std::int64_t count = 0;
  while (count < want) {
    if (!slot().open()) {
      if (!inputs_.ended() || open_ == 0) break;
      next_turn();
      continue;
    }
    Part& part = parts[static_cast<std::size_t>(turn_)];
    if (part.used == part.view.count) {
      const bool shown = part.view.count > 0;
      if (count > 0 && (shown || slot().inner->reads_inline())) break;
      try {
        part.view = slot().inner->peek(want - count);
      } catch (const Interrupt&) {
        if (count == 0) throw;
        interrupt_ = std::current_exception();  // what is there comes first
        break;
      }
      if (part.view.empty()) {
        end_slot();
        continue;
      }
    }
    const std::int64_t most = std::min(want - count, part.view.count - part.used);
    const std::int64_t n = alone_ ? most : std::min(node_.turns().block_length - done_, most);
    for (std::int64_t i = 0; i < n && !alone_; ++i) part.places.push_back(count + i);
    part.used += n;
    count += n;
    if (!alone_ && (done_ += n) == node_.turns().block_length) next_turn();
  }
  return count;
}

Rows InterleaveCursor::fill(std::int64_t want) {
  if (interrupt_) std::rethrow_exception(std::exchange(interrupt_, nullptr));
  parts_.resize(slots_.size());
  for (Part& part : parts_) {
    part.view = {};
    part.used = 0;
    part.places.clear();
  }
  Rows rows;
  while (rows.count == 0) {
    if (const std::int64_t count = take_turns(want, parts_))
      rows = join(parts_, count);
    else if (inputs_.ended())
      break;
    else if (FailurePtr failure = open_slot())
      rows = Rows::of_list({Outcome{{}, std::move(failure)}});
  }
  count_inputs();
  return rows;
}

/// The rows of all slots in their places. The slots' cursors move on.
Rows InterleaveCursor::join(std::vector<Part>& parts, std::int64_t count) {
  std::vector<Rows> rows;
  std::vector<Positions> places;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    if (part.used == 0) continue;
    rows.push_back(part.view.first(part.used).share());
    leave_inner(rows.back(), node_);
    places.push_back(Positions::of(part.places.data(), part.used));
    slots_[i].inner->take(part.used);
  }
  return rows.size() == 1 ? std::move(rows.front()) : scatter_rows(rows, places, count);
}

/// One dataset at a time is skipped as it is; turns of several are taken.
std::int64_t InterleaveCursor::skip_blocks(std::int64_t n) {
  if (!alone_) return Cursor::skip(n);
  std::int64_t skipped = 0;
  while (skipped < n) {
    if (!slot().open()) {
      if (inputs_.ended()) break;
      if (open_slot()) ++skipped;
      continue;
    }
    const std::int64_t here = slot().inner->skip(n - skipped);
    skipped += here;
    if (skipped < n) end_slot();
  }
  count_inputs();
  return skipped;
}

}  // namespace

Account interleaved_account(const RowView& rows, std::int64_t inputs) {
  Account account;
  account.in = account.used = inputs;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    const FailurePtr& failure = rows.failure(i);
    account.outputs += failure == nullptr;
    if (failure && failure->adjustments.back().failed > 0) {
      ++account.failed;
      --account.used;
    }
  }
  if (!rows.empty()) account.bytes = rows.nbytes();
  return account;
}

InterleaveNode::InterleaveNode(NodePtr upstream, FunctionPtr map_func, InterleaveTurns turns)
    : StageNode(std::move(upstream)), map_func_(std::move(map_func)), turns_(turns) {
  use_seed_for_inner();
}

std::int64_t InterleaveNode::cardinality() const {
  const std::int64_t n = up().cardinality();
  return n == 0 || n == kInfinite ? n : kUnknown;
}

std::unique_ptr<Cursor> InterleaveNode::open_stream(const Context& context) const {
  if (turns_.calls > 1) return open_interleave_ahead(*this, context);
  return std::make_unique<InterleaveCursor>(*this, context);
}

Dataset interleaved(const Dataset& upstream, FunctionPtr map_func, InterleaveTurns turns) {
  return Dataset(std::make_shared<InterleaveNode>(upstream.node_ptr(), std::move(map_func), turns));
}

Dataset Interleave::operator()(const Dataset& upstream) const {
  require<TypeError>(map_func != nullptr, name, "map_func must be a function, got None");
  require(cycle_length >= 1 && cycle_length <= 1 << 20, name, "cycle_length must be within [1, 2**20], got ",
          cycle_length);
  require(block_length >= 1, name, "block_length must be >= 1, got ", block_length);
  require_calls(name, num_parallel_calls);
  const std::int64_t calls = std::min({num_parallel_calls.value_or(1), cycle_length, std::int64_t{1024}});
  return interleaved(upstream, map_func, {cycle_length, block_length, static_cast<int>(calls)});
}

}  // namespace headrace
