#include <headrace/pipeline/transform.hpp>

#include <algorithm>

#include <headrace/pipeline/chain_cursor.hpp>
#include <headrace/pipeline/random_access.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

Access TransformNode::access() const {
  if (up().access() == Access::random) return one_to_one() ? Access::random : Access::pieces;
  return up().access();
}

std::int64_t TransformNode::cardinality() const {
  if (one_to_one()) return up().cardinality();
  return up().cardinality() == 0 ? 0 : kUnknown;
}

std::unique_ptr<Cursor> TransformNode::open_stream(const Context& context) const {
  return open_chain(TransformChain::ending_in(*this), context);
}

namespace {

constexpr std::int64_t kLargeRow = 1 << 16;

/// Rows that another transform makes, large ones or images of any size: one at a time they stay in the core's cache
/// until this stage has made its own of them, and a batch of them is never in memory.
bool goes_row_by_row(const Node& upstream) {
  if (!dynamic_cast<const TransformNode*>(&upstream)) return false;
  const auto spec = upstream.spec();
  if (!spec) return false;
  if (spec->nbytes() >= 0) return spec->nbytes() >= kLargeRow;
  return std::any_of(spec->components.begin(), spec->components.end(), [](const TensorSpec& component) {
    return !component.fully_known() && component.shape.size() > 2;
  });
}

}  // namespace

Rows TransformNode::do_gather(const Context& context, const Positions& positions) const {
  if (positions.count > 1 && goes_row_by_row(up())) {
    RowsBuilder out(positions.count);
    for (std::int64_t i = 0; i < positions.count; ++i) {
      const Rows input = gather_rows(up(), context, positions.slice(i, 1));
      apply(context, all(input), positions.slice(i, 1), out);
    }
    return out.finish();
  }
  const Rows input = gather_rows(up(), context, positions);
  RowsBuilder out(input.count);
  apply(context, all(input), positions, out);
  return out.finish();
}

Element TransformNode::do_at(const Context& context, std::int64_t position) const {
  Rows input = Rows::of_list({Outcome{up().at(context, position), nullptr}});
  RowsBuilder out(1);
  apply(context, all(input), Positions::range(position, 1), out);
  return out.finish().element(0);
}

TransformChain TransformChain::ending_in(const TransformNode& top) {
  TransformChain chain;
  chain.stages.push_back(&top);
  chain.base = &top.up();
  while (const auto* below = dynamic_cast<const TransformNode*>(chain.base)) {
    if (below->access() == Access::random && !below->reads_inline()) break;
    chain.stages.push_back(below);
    chain.base = &below->up();
  }
  std::reverse(chain.stages.begin(), chain.stages.end());
  return chain;
}

bool TransformChain::one_to_one() const {
  return std::all_of(stages.begin(), stages.end(), [](const TransformNode* stage) { return stage->one_to_one(); });
}

bool TransformChain::expanding() const {
  return std::any_of(stages.begin(), stages.end(), [](const TransformNode* stage) { return stage->expanding(); });
}

namespace {

/// Errors that came from further up have this stage's account adjusted too.
void pass_failures(Rows& rows, const TransformNode& stage) {
  const auto pass = [&](FailurePtr& failure) {
    const auto mine = [&](const Adjustment& adjustment) { return adjustment.node == &stage; };
    if (std::none_of(failure->adjustments.begin(), failure->adjustments.end(), mine))
      failure = with_adjustment(*failure, {&stage, 1, 0});
  };
  for (auto& failed : rows.failures) pass(failed.failure);
  for (auto& outcome : rows.list) {
    if (outcome.failure) pass(outcome.failure);
  }
}

std::int64_t rows_before(const std::vector<std::int64_t>& origins, std::int64_t input) {
  return std::lower_bound(origins.begin(), origins.end(), input) - origins.begin();
}

void apply_stages(const TransformChain& chain, const Context& context, const RowView& rows, const Positions& positions,
                  ChainOutput& output) {
  output.inputs = rows.count;
  Rows& made = output.rows;
  RowView view = rows;
  std::vector<std::int64_t> origins;  // of the rows made so far; empty: they are the input rows
  std::vector<std::int64_t> places;
  bool reindexed = false;
  for (const TransformNode* stage : chain.stages) {
    const StageClock::Scope timed(context.clock, *stage);
    const bool changes = !stage->one_to_one();
    RowsBuilder builder(view.count, changes);
    std::int64_t used = view.count;
    const Positions here = reindexed ? Positions::of(places.data(), view.count) : positions;
    try {
      stage->apply(context, view, here, builder);
    } catch (const Interrupt&) {
      if (!output.interrupt) output.interrupt = std::current_exception();
      used = changes ? builder.interrupted_at() : builder.count();
    }
    if (used < view.count) output.inputs = reindexed ? origins[static_cast<std::size_t>(used)] : used;
    made = builder.finish();
    view = all(made);
    if (changes) {
      output.stage_rows.push_back(made.origins);
      if (reindexed) {
        for (auto& origin : made.origins) origin = origins[static_cast<std::size_t>(origin)];
      }
      origins = std::move(made.origins);
      made.origins.clear();
      reindexed = true;
      places.resize(origins.size());
      for (std::size_t i = 0; i < places.size(); ++i) places[i] = positions[origins[i]];
    }
    pass_failures(made, *stage);
  }
  if (reindexed && output.inputs < rows.count) {  // an expanding stage may have been cut within one input
    const std::int64_t whole = rows_before(origins, output.inputs);
    made = RowView{&made, 0, std::min(whole, made.count)}.share();
    origins.resize(static_cast<std::size_t>(made.count));
  }
  made.origins = std::move(origins);
}

}  // namespace

void ChainOutput::clear() {
  rows.clear();
  stage_rows.clear();
  inputs = 0;
  interrupt = nullptr;
}

void apply_chain(const TransformChain& chain, const Context& context, const RowView& rows, const Positions& positions,
                 ChainOutput& output) {
  output.clear();
  try {
    apply_stages(chain, context, rows, positions, output);
  } catch (...) {
    output.clear();
    throw;
  }
}

ChainAccounts::ChainAccounts(const TransformChain& chain, Run& run) : stages_(chain.stages), run_(run) {
  for (const TransformNode* stage : chain.stages) {
    const auto spec = stage->spec();
    entries_.push_back({stage, &run.ledger().cell(*stage), spec ? std::max<std::int64_t>(spec->nbytes(), 0) : 0});
  }
}

/// Within an input, what counts at each stage is what came before the next row; else all of its inputs.
void ChainAccounts::find_outputs(const ChainOutput& output, std::int64_t inputs, std::int64_t rows, bool within) {
  outputs_.resize(output.stage_rows.size());
  if (within) {
    std::int64_t count = rows;
    for (std::size_t i = outputs_.size(); i-- > 0;) {
      outputs_[i] = count;
      if (count > 0) count = output.stage_rows[i][static_cast<std::size_t>(count - 1)] + 1;
    }
    return;
  }
  std::int64_t count = inputs;
  for (std::size_t i = 0; i < outputs_.size(); ++i) count = outputs_[i] = rows_before(output.stage_rows[i], count);
}

void ChainAccounts::consume(const ChainOutput& output, std::int64_t inputs, std::int64_t rows, bool within) {
  inputs = std::max(inputs_, inputs);
  if (inputs == inputs_ && rows == rows_) return;  // also of a ticket that failed as a whole and has no output
  find_outputs(output, inputs, rows, within);
  std::int64_t count = inputs - inputs_;
  std::size_t changed = 0;
  for (auto& [stage, cell, bytes, outputs] : entries_) {
    Account account;
    account.in = account.used = account.outputs = count;
    if (!stage->one_to_one()) {
      account.outputs = outputs_[changed] - std::exchange(outputs, outputs_[changed]);
      ++changed;
      if (!stage->expanding()) account.used = account.outputs;
      account.filtered = count - account.used;
    }
    account.bytes = account.outputs * bytes;
    run_.ledger().add(*stage, *cell, account);
    count = account.outputs;
  }
  inputs_ = inputs;
  rows_ = rows;
}

void ChainAccounts::leave_output() {
  inputs_ = rows_ = 0;
  for (Entry& entry : entries_) entry.outputs = 0;
}

void ChainAccounts::failed(const Failure& failure) { run_.ledger().adjust(failure, stages_); }

}  // namespace headrace
