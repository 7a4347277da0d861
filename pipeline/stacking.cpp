#include <algorithm>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

class BatchNode final : public StageNode {
 public:
  BatchNode(NodePtr upstream, std::int64_t size, bool drop_remainder, std::unique_ptr<const Stacking> stacking)
      : StageNode(std::move(upstream)),
        size_(size),
        drop_remainder_(drop_remainder),
        stacking_(std::move(stacking)),
        keeps_blocks_(stacking_->keeps_blocks(up().spec())),
        takes_slices_(stacking_->takes_slices() && up().has_slices()),
        in_blocks_(up().blocks().rows > 1) {}

  Access access() const override { return up().access() == Access::random ? Access::random : Access::stream; }
  bool gathers_views() const override { return keeps_blocks_ && up().gathers_views(); }

  std::string identity() const override { return stacking_->identity(); }

  std::int64_t cardinality() const override {
    const std::int64_t n = up().cardinality();
    return n < 0 ? n : drop_remainder_ ? n / size_ : n / size_ + (n % size_ != 0);
  }

  std::optional<Spec> spec() const override {
    const auto row = up().spec();
    if (!row) return std::nullopt;
    const std::int64_t n = up().cardinality();
    const bool all_full = drop_remainder_ || n == kInfinite || (n >= 0 && n % size_ == 0);
    return stacking_->spec(*row, all_full ? size_ : -1);
  }

  Batches batches() const override {
    const std::int64_t n = up().cardinality();
    if (n <= 0) return {};
    return {size_, drop_remainder_ ? n / size_ * size_ : n};
  }

  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  bool tallies_by_count() const override {
    return up().tallies_by_count() && (drop_remainder_ || up().cardinality() % size_ == 0);
  }

  void tally(const Context& context, const Positions& outputs, Tally& tally) const override {
    Account account;
    account.outputs = outputs.count;
    const auto known = spec();
    account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
    if (tallies_by_count()) {
      account.in = outputs.count * size_;
      up().tally(context, Positions::range(0, account.in), tally);
    } else if (!outputs.list && outputs.step == 1 && outputs.count > 0) {
      const std::int64_t begin = outputs.start * size_;
      account.in = rows_in(outputs.start + outputs.count - 1) + (outputs.count - 1) * size_;
      up().tally(context, Positions::range(begin, account.in), tally);
    } else {
      for (std::int64_t i = 0; i < outputs.count; ++i) {
        account.in += rows_in(outputs[i]);
        up().tally(context, Positions::range(outputs[i] * size_, rows_in(outputs[i])), tally);
      }
    }
    account.used = account.in;
    tally.add(*this, account);
  }

  Element stack(std::span<const Rows> parts, std::int64_t first) const { return stacking_->stack(*this, parts, first); }
  std::int64_t size() const { return size_; }
  bool drop_remainder() const { return drop_remainder_; }

 protected:
  Element do_at(const Context& context, std::int64_t position) const override {
    const std::int64_t first = position * size_;
    const Positions inputs = Positions::range(first, rows_in(position));
    if (takes_slices_) return stacking_->stack_slices(*this, up().slices(context, inputs), first);
    const Rows rows = up().gather(context, inputs);
    return stack({&rows, 1}, first);
  }

  Rows do_gather(const Context& context, const Positions& positions) const override {
    if (in_blocks_) return Node::do_gather(context, positions);  // a batch inside one block is a view of it
    std::vector<std::int64_t> scratch;
    const auto inputs = full_batches(positions, scratch);
    if (!inputs) return Node::do_gather(context, positions);
    if (takes_slices_) {
      const RowSlices rows = up().slices(context, *inputs);
      return each_batch(positions, [&](std::int64_t i) {
        return stacking_->stack_slices(*this, rows.part(i * size_, size_), positions[i] * size_);
      });
    }
    Rows rows = up().gather(context, *inputs);
    if (!keeps_blocks_ || !rows.stacked || !rows.failures.empty() || compound_in(*rows.structure)) {
      return each_batch(positions, [&](std::int64_t i) {
        const Rows part = RowView{&rows, i * size_, size_}.share();
        return stack({&part, 1}, positions[i] * size_);
      });
    }
    for (auto& column : rows.columns) column = column.split_rows(positions.count, size_);
    rows.count = positions.count;
    return rows;
  }

 private:
  std::int64_t rows_in(std::int64_t position) const {
    const std::int64_t n = up().cardinality();
    return n < 0 ? size_ : std::min(size_, n - position * size_);
  }

  /// The rows of these batches as positions upstream; nothing where one of them is short.
  std::optional<Positions> full_batches(const Positions& positions, std::vector<std::int64_t>& scratch) const {
    const std::int64_t n = up().cardinality();
    const std::int64_t full = n < 0 ? INT64_MAX : n / size_;
    for (std::int64_t i = 0; i < positions.count; ++i) {
      if (positions[i] >= full) return std::nullopt;
      if (!positions.list && positions.step >= 0 && i + 1 < positions.count)
        i = positions.count - 2;  // the last is the largest
    }
    if (!positions.list && positions.step == 1)
      return Positions::range(positions.start * size_, positions.count * size_);
    scratch.reserve(static_cast<std::size_t>(positions.count * size_));
    for (std::int64_t i = 0; i < positions.count; ++i) {
      for (std::int64_t row = 0; row < size_; ++row) scratch.push_back(positions[i] * size_ + row);
    }
    return Positions::of(scratch.data(), positions.count * size_);
  }

  /// One batch after the other, of rows that were read in one go; nothing upstream is asked again.
  template <class F>
  Rows each_batch(const Positions& positions, const F& batch) const {
    std::vector<Outcome> list(static_cast<std::size_t>(positions.count));
    for (std::int64_t i = 0; i < positions.count; ++i) {
      auto& outcome = list[static_cast<std::size_t>(i)];
      try {
        outcome.element = batch(i);
      } catch (...) {
        outcome.failure = capture_failure(*this, positions[i]);
      }
    }
    return Rows::of_list(std::move(list));
  }

  std::int64_t size_;
  bool drop_remainder_;
  std::unique_ptr<const Stacking> stacking_;
  bool keeps_blocks_, takes_slices_;
  bool in_blocks_;  // upstream keeps blocks of rows
};

/// Mark: upstream's, "batches".
class BatchCursor final : public FillingCursor {
 public:
  BatchCursor(std::unique_ptr<Cursor> upstream, const BatchNode& node, Run& run)
      : upstream_(std::move(upstream)), node_(node), run_(run), cell_(run.ledger().cell(node)) {}

 protected:
  Rows fill(std::int64_t) override {
    const std::int64_t size = node_.size();
    while (held_ < size) {
      const RowView rows = upstream_->peek(size - held_);
      if (rows.empty()) break;
      parts_.push_back(rows.share());
      upstream_->take(rows.count);
      held_ += rows.count;
    }
    if (held_ == 0) return {};
    const bool dropped = held_ < size && node_.drop_remainder();
    Account account;
    account.in = held_;
    std::vector<Outcome> list(1);
    if (dropped) {
      account.dropped = held_;
      run_.ledger().add(node_, cell_, account);
      list.clear();
    } else {
      try {
        list[0].element = node_.stack(parts_, batches_ * size);
      } catch (...) {
        list[0].failure = capture_failure(node_, batches_);
      }
    }
    filled_ = held_;
    parts_.clear();
    held_ = 0;
    if (!dropped) ++batches_;
    return Rows::of_list(std::move(list));
  }

  void mark_here(Mark& out) const override {
    upstream_->mark(out);
    out.put("batches", batches_);
  }

  void taken(const RowView& rows) override {
    Account account;
    account.in = filled_;
    if (const FailurePtr& failure = rows.failure(0)) {
      account.failed = account.in;
      for (const auto& adjustment : failure->adjustments) {
        if (adjustment.node == &node_ && adjustment.dropped > 0) {
          account.dropped = adjustment.dropped;
          account.failed = adjustment.failed;
        }
      }
    } else {
      account.used = account.in;
      account.outputs = 1;
      account.bytes = rows.rows->list[0].element.nbytes();
    }
    run_.ledger().add(node_, cell_, account);
  }

  std::int64_t skip_blocks(std::int64_t n) override {
    const std::int64_t size = node_.size();
    const std::int64_t rows = upstream_->skip(n * size);
    const std::int64_t skipped = node_.drop_remainder() ? rows / size : (rows + size - 1) / size;
    batches_ += skipped;
    return skipped;
  }

  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    batches_ = in.get_count("batches");
  }

 private:
  std::unique_ptr<Cursor> upstream_;
  const BatchNode& node_;
  Run& run_;
  Account& cell_;
  std::vector<Rows> parts_;
  std::int64_t held_ = 0;
  std::int64_t filled_ = 0;
  std::int64_t batches_ = 0;
};

std::unique_ptr<Cursor> BatchNode::open_stream(const Context& context) const {
  return std::make_unique<BatchCursor>(open(up(), context), *this, context.run);
}

}  // namespace

Element Stacking::stack_slices(const Node& node, const RowSlices&, std::int64_t) const {
  throw StateError(sentence(node.label(), "rows are not taken as slices here"));
}

std::shared_ptr<Node> make_batch_node(NodePtr upstream, std::int64_t size, bool drop_remainder,
                                      std::unique_ptr<const Stacking> stacking) {
  return std::make_shared<BatchNode>(std::move(upstream), size, drop_remainder, std::move(stacking));
}

}  // namespace headrace
