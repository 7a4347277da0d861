#include <headrace/pipeline/chain_cursor.hpp>

#include <algorithm>

#include <headrace/pipeline/host.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

std::unique_ptr<Cursor> open_chain(TransformChain chain, const Context& context) {
  const bool on_positions = chain.base->access() == Access::random && !chain.base->reads_inline();
  const auto first_inline = std::find_if(chain.stages.begin(), chain.stages.end(),
                                         [](const TransformNode* stage) { return stage->runs_inline(); });
  if (on_positions && first_inline == chain.stages.end())
    return std::make_unique<RandomAccessCursor>(std::move(chain), context, true);
  std::unique_ptr<Cursor> upstream;
  if (on_positions) {
    const auto first_expanding =
        std::find_if(chain.stages.begin(), first_inline, [](const TransformNode* stage) { return stage->expanding(); });
    const TransformChain ahead{{chain.stages.begin(), first_expanding}, chain.base};
    chain.stages.erase(chain.stages.begin(), first_expanding);
    upstream = std::make_unique<RandomAccessCursor>(ahead, context, true);
  } else {
    upstream = open(*chain.base, context);
  }
  int calls = 0;
  for (const TransformNode* stage : chain.stages) calls = std::max(calls, stage->calls_at_once());
  if (!on_positions && calls > 1 && first_inline == chain.stages.end())
    return std::make_unique<ParallelChainCursor>(std::move(upstream), std::move(chain), context, calls);
  // What follows the last stage that changes the number of rows has a cursor of its own: it need not compute rows that
  // are skipped.
  const auto changes = std::find_if(chain.stages.rbegin(), chain.stages.rend(),
                                    [](const TransformNode* stage) { return !stage->one_to_one(); });
  if (const auto tail = changes.base(); tail != chain.stages.begin() && tail != chain.stages.end()) {
    const TransformChain head{{chain.stages.begin(), tail}, chain.base};
    upstream = std::make_unique<ChainCursor>(std::move(upstream), head, context);
    chain = {{tail, chain.stages.end()}, head.stages.back()};
  }
  return std::make_unique<ChainCursor>(std::move(upstream), std::move(chain), context);
}

ChainCursor::ChainCursor(std::unique_ptr<Cursor> upstream, TransformChain chain, const Context& context)
    : upstream_(std::move(upstream)),
      base_(dynamic_cast<const RandomAccessCursor*>(upstream_.get())),
      chain_(std::move(chain)),
      run_(context.run.shared_from_this()),
      context_(context.run, context.epoch),
      one_to_one_(chain_.one_to_one()),
      accounts_(chain_, context.run) {}

Positions ChainCursor::positions_of(const RowView& rows, std::vector<std::int64_t>& scratch) const {
  return base_ ? base_->positions_of(rows, scratch) : Positions::range(ordinal_, rows.count);
}

void ChainCursor::leave_output() {
  output_.clear();
  accounts_.leave_output();
  inputs_taken_ = offset_ = within_ = 0;
}

/// Consumes input rows of the current output up to index `up_to`.
void ChainCursor::take_inputs(std::int64_t up_to) {
  if (up_to <= inputs_taken_) return;
  upstream_->take(up_to - inputs_taken_);
  ordinal_ += up_to - inputs_taken_;
  inputs_taken_ = up_to;
}

RowView ChainCursor::peek(std::int64_t want) {
  for (int empty_blocks = 1;; ++empty_blocks) {
    if (offset_ < output_.rows.count) return {&output_.rows, offset_, std::min(want, output_.rows.count - offset_)};
    if (output_.inputs > inputs_taken_) {  // those without output at the end
      accounts_.consume(output_, output_.inputs, offset_);
      take_inputs(output_.inputs);
    }
    const std::exception_ptr interrupt = std::exchange(output_.interrupt, nullptr);
    leave_output();
    if (interrupt) std::rethrow_exception(interrupt);
    std::vector<std::int64_t> scratch;
    const RowView input = upstream_->peek(want);
    if (input.empty()) return {};
    apply_chain(chain_, context_, input, positions_of(input, scratch), output_);
    if (output_.rows.count == 0 && empty_blocks % 16 == 0) Host::current().poll();
  }
}

void ChainCursor::take(std::int64_t n) {
  const Rows& rows = output_.rows;
  for (std::int64_t row = offset_; row < offset_ + n && (!rows.stacked || !rows.failures.empty()); ++row) {
    if (const FailurePtr& failure = rows.failure(row)) accounts_.failed(*failure);
  }
  offset_ += n;
  if (one_to_one_) {
    accounts_.consume(output_, offset_, offset_);
    take_inputs(offset_);
    return;
  }
  const std::int64_t last = rows.origins[static_cast<std::size_t>(offset_ - 1)];
  const bool more_of_it = offset_ < rows.count && rows.origins[static_cast<std::size_t>(offset_)] == last;
  accounts_.consume(output_, last + 1, offset_, more_of_it);
  take_inputs(more_of_it ? last : last + 1);
  within_ = more_of_it
                ? offset_ - (std::lower_bound(rows.origins.begin(), rows.origins.end(), last) - rows.origins.begin())
                : 0;
}

std::int64_t ChainCursor::skip(std::int64_t n) {
  if (!one_to_one_) return Cursor::skip(n);
  // Rows already computed count first; the others are skipped upstream, so that no function is called for them.
  std::int64_t skipped = 0;
  while (skipped < n && offset_ < output_.rows.count) {
    const std::int64_t rows = peek(n - skipped).count;
    take(rows);
    skipped += rows;
  }
  if (skipped == n) return skipped;
  leave_output();
  const std::int64_t more = upstream_->skip(n - skipped);
  ordinal_ += more;
  return skipped + more;
}

void ChainCursor::mark(Mark& out) const {
  upstream_->mark(out);
  if (!base_) out.put("ordinal", ordinal_);
  if (!one_to_one_) out.put("within", within_);  // also tells an "ahead" of rows from one of inputs
}

void ChainCursor::do_restore(MarkReader& in) {
  upstream_->restore(in);
  if (!base_) ordinal_ = in.get_count("ordinal");
  if (one_to_one_) return;
  const std::int64_t within = in.get_count("within");
  require(Cursor::skip(within) == within, "state", "'within' must be a place in one element, got ", within,
          "; the state is damaged");
}

}  // namespace headrace
