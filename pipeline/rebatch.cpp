#include <headrace/pipeline/rebatch.hpp>

#include <algorithm>

#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/composite.hpp>
#include <headrace/pipeline/ragged_batch.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/unbatch.hpp>
#include <headrace/pipeline/unbatch_node.hpp>
#include <headrace/tensor/compound.hpp>

namespace headrace {

namespace {

/// The rows of batches, which are never joined here: on a stream each batch is a block of its own, a view.
class BlocksNode final : public UnbatchNode {
 public:
  using UnbatchNode::UnbatchNode;
  Access access() const override { return computed() ? Access::random : Access::stream; }
  /// Position by position, a batch would be made again for each piece of it. So a pass reads it in sequence, on the
  /// thread that asks, and what makes the batches has its window below.
  bool reads_inline() const override { return true; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  Rows block(const RowView& front, std::int64_t batch) const {
    const FailurePtr& failure = front.failure(0);
    return failure ? failed_rows(failure, batch) : rows_of(front.element(0), batch);
  }
  /// Rows in each batch but the last; 0: not known.
  std::int64_t rows_per_batch() const { return computed() ? sizes().rows_per_element : 0; }
};

/// Mark: upstream's, at the batch that is being cut, "batch", its number, and "within", rows of it already taken.
class BlocksCursor final : public Cursor {
 public:
  BlocksCursor(std::unique_ptr<Cursor> upstream, const BlocksNode& node, Run& run)
      : upstream_(std::move(upstream)), node_(node), run_(run), cell_(run.ledger().cell(node)) {
    const auto spec = node.spec();
    row_bytes_ = spec ? std::max<std::int64_t>(spec->nbytes(), 0) : 0;
  }

  RowView peek(std::int64_t want) override {
    while (!open_) {
      const RowView front = upstream_->peek(1);
      if (front.empty()) return {};
      block_ = node_.block(front, batch_);
      open_ = true;
      if (within_ >= block_.count) leave();  // it has no rows
    }
    return {&block_, within_, std::min(want, block_.count - within_)};
  }

  void take(std::int64_t n) override {
    Account account;
    account.in = within_ == 0;
    const bool failed = block_.failure(within_) != nullptr;
    (failed ? account.failed : account.used) = account.in;
    account.outputs = failed ? 0 : n;
    account.bytes = account.outputs * row_bytes_;
    run_.ledger().add(node_, cell_, account);
    within_ += n;
    if (within_ == block_.count) leave();
  }

  std::int64_t skip(std::int64_t n) override {
    const std::int64_t size = node_.rows_per_batch();
    if (size == 0 || n == 0) return Cursor::skip(n);
    const std::int64_t left = std::max<std::int64_t>(node_.cardinality() - (batch_ * size + within_), 0);
    n = std::min(n, left);
    const std::int64_t within = (within_ + n) % size;
    std::int64_t batches = (within_ + n) / size;
    if (n == left && within > 0) ++batches;  // the last one, which is short
    if (open_ && batches > 0) {
      leave();
      --batches;
    }
    upstream_->skip(batches);
    batch_ += batches;
    within_ = n == left ? 0 : within;
    return n;
  }

  void mark(Mark& out) const override {
    upstream_->mark(out);
    out.put("batch", batch_);
    out.put("within", within_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    batch_ = in.get_count("batch");
    within_ = in.get_count("within");
  }

 private:
  /// Every row is taken: on to the next batch.
  void leave() {
    upstream_->take(1);
    block_.clear();
    open_ = false;
    within_ = 0;
    ++batch_;
  }

  std::unique_ptr<Cursor> upstream_;
  const BlocksNode& node_;
  Run& run_;
  Account& cell_;
  std::int64_t row_bytes_ = 0;
  Rows block_;  // the batch that upstream shows
  bool open_ = false;
  std::int64_t batch_ = 0;
  std::int64_t within_ = 0;
};

std::unique_ptr<Cursor> BlocksNode::open_stream(const Context& context) const {
  return std::make_unique<BlocksCursor>(open(up(), context), *this, context.run);
}

bool holds_ragged(const Structure& structure) {
  const auto components = components_of(structure);
  return std::any_of(components.begin(), components.end(),
                     [](const Component& component) { return component.kind == Compound::ragged; });
}

}  // namespace

Dataset Rebatch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  const auto spec = upstream.node().spec();
  if (spec) require_rows(name, *spec);
  Dataset blocks(std::make_shared<BlocksNode>(upstream.node_ptr()));
  Attach::name(blocks, {&stage_info<Unbatch>(), {}, {}, {}});
  const bool ragged = spec && holds_ragged(*spec->structure);
  return composite(upstream.node_ptr(), ragged ? blocks | RaggedBatch{batch_size, drop_remainder}
                                               : blocks | Batch{batch_size, drop_remainder});
}

}  // namespace headrace
