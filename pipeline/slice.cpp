#include <headrace/pipeline/slice.hpp>

#include <algorithm>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

/// Mark: upstream's, "pending" (to be skipped before the next row), "taken".
class SliceCursor final : public Cursor {
 public:
  SliceCursor(std::unique_ptr<Cursor> upstream, std::int64_t start, std::int64_t step, std::int64_t limit,
              PassedRows passed)
      : upstream_(std::move(upstream)), step_(step), limit_(limit), pending_(start), passed_(passed) {}

  RowView peek(std::int64_t want) override {
    if (taken_ == limit_) return {};
    if (pending_ > 0) upstream_->skip(std::exchange(pending_, 0));
    if (step_ > 1) want = 1;
    return shown_ = upstream_->peek(limit_ == kInfinite ? want : std::min(want, limit_ - taken_));
  }

  void take(std::int64_t n) override {
    passed_.count(shown_.first(n));
    shown_ = shown_.without_first(n);
    upstream_->take(n);
    taken_ += n;
    pending_ = step_ - 1;
  }

  std::int64_t skip(std::int64_t n) override {
    n = limit_ == kInfinite ? n : std::min(n, limit_ - taken_);
    if (n <= 0) return 0;
    if (pending_ > 0) upstream_->skip(std::exchange(pending_, 0));
    const std::int64_t inputs = upstream_->skip((n - 1) * step_ + 1);
    const std::int64_t skipped = (inputs + step_ - 1) / step_;
    taken_ += skipped;
    pending_ = step_ - 1;
    return skipped;
  }

  void mark(Mark& out) const override {
    upstream_->mark(out);
    out.put("pending", pending_);
    out.put("taken", taken_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    pending_ = in.get_count("pending");
    taken_ = in.get("taken", 0, limit_ == kInfinite ? INT64_MAX : limit_);
  }

 private:
  std::unique_ptr<Cursor> upstream_;
  std::int64_t step_, limit_;
  std::int64_t pending_;
  std::int64_t taken_ = 0;
  RowView shown_;
  PassedRows passed_;
};

std::int64_t sliced(std::int64_t n, std::int64_t start, std::int64_t step, std::int64_t limit) {
  if (limit == 0) return 0;
  if (n == kInfinite) return limit;
  if (n == kUnknown) return kUnknown;
  const std::int64_t left = n <= start ? 0 : (n - start - 1) / step + 1;
  return limit == kInfinite ? left : std::min(left, limit);
}

}  // namespace

SliceNode::SliceNode(NodePtr upstream, std::int64_t start, std::int64_t step, std::int64_t limit)
    : ReindexNode(std::move(upstream)),
      start_(start),
      step_(step),
      limit_(limit),
      cardinality_(sliced(up().cardinality(), start, step, limit)) {}

Positions SliceNode::translate(const Context&, const Positions& positions, std::vector<std::int64_t>& scratch) const {
  if (!positions.list)
    return Positions::range(start_ + positions.start * step_, positions.count, positions.step * step_);
  if (start_ == 0 && step_ == 1) return positions;
  scratch.resize(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i)
    scratch[static_cast<std::size_t>(i)] = start_ + positions[i] * step_;
  return Positions::of(scratch.data(), positions.count);
}

std::unique_ptr<Cursor> SliceNode::open_stream(const Context& context) const {
  return std::make_unique<SliceCursor>(open(up(), context), start_, step_, limit_, PassedRows(*this, context.run));
}

Node::Blocks SliceNode::blocks() const {
  const Blocks upstream = up().blocks();
  if (upstream.rows == 0 || cardinality_ <= 0 || step_ != 1) return {};
  const double share = static_cast<double>(cardinality_) / static_cast<double>(up().cardinality());
  return {start_ % upstream.rows == 0 ? upstream.rows : 0,
          static_cast<std::int64_t>(static_cast<double>(upstream.bytes) * share)};
}

Node::Batches SliceNode::batches() const {
  const Batches upstream = up().batches();
  if (upstream.total == 0 || cardinality_ < 0) return {};
  const std::int64_t whole = upstream.total / upstream.rows_per_element;  // elements that are full
  const std::int64_t last = start_ + (cardinality_ - 1) * step_;
  if (cardinality_ == 0) return {};
  const std::int64_t rest = upstream.total - whole * upstream.rows_per_element;
  const bool short_last = last >= whole;
  return {upstream.rows_per_element,
          cardinality_ * upstream.rows_per_element - (short_last ? upstream.rows_per_element - rest : 0)};
}

}  // namespace headrace
