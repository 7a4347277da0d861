#include <headrace/pipeline/repeat.hpp>

#include <headrace/pipeline/parted.hpp>
#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/random.hpp>

namespace headrace {

namespace {

class RepeatNode final : public PartedNode {
 public:
  RepeatNode(NodePtr upstream, std::int64_t passes)
      : PartedNode({std::move(upstream)}), passes_(passes), pass_size_(up().cardinality()) {}

  Access access() const override {
    return up().access() == Access::random && pass_size_ >= 0 ? Access::random : Access::stream;
  }
  std::int64_t cardinality() const override {
    if (passes_ == 0 || pass_size_ == 0) return 0;
    if (passes_ == kInfinite) return pass_size_ == kUnknown ? kUnknown : kInfinite;
    if (pass_size_ < 0) return pass_size_;
    return pass_size_ > INT64_MAX / passes_ ? kInfinite : pass_size_ * passes_;
  }
  std::optional<Spec> spec() const override { return up().spec(); }
  bool gathers_views() const override { return up().gathers_views(); }
  bool tallies_by_count() const override { return up().tallies_by_count(); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  /// Pass r of epoch e reads upstream in epoch e * count + r; an endless one mixes both, with r itself for e = 0.
  std::int64_t pass_epoch(std::int64_t epoch, std::int64_t pass) const {
    if (passes_ != kInfinite) return epoch * passes_ + pass;
    if (epoch == 0) return pass;
    return static_cast<std::int64_t>(mix(static_cast<std::uint64_t>(epoch), static_cast<std::uint64_t>(pass)) >> 1);
  }
  std::int64_t passes() const { return passes_; }
  const Node& up() const { return *upstream().front(); }

 protected:
  Place place(std::int64_t position) const override {
    const std::int64_t index = position % pass_size_;
    return {position / pass_size_, index, pass_size_ - index};
  }
  const Node& part_node(std::int64_t) const override { return up(); }
  Context part_context(const Context& context, std::int64_t part) const override {
    return context.at_epoch(pass_epoch(context.epoch, part));
  }

 private:
  std::int64_t passes_, pass_size_;
};

/// Mark: "pass", "any" (it gave something), the pass's, "close".
class RepeatCursor final : public Cursor {
 public:
  RepeatCursor(const RepeatNode& node, const Context& context)
      : node_(node), run_(context.run), epoch_(context.epoch), passed_(node, context.run), cursor_(open_pass()) {}

  RowView peek(std::int64_t want) override {
    shown_ = {};
    while (more_passes()) {
      shown_ = cursor_->peek(want);
      if (!shown_.empty() || !next_pass()) break;
    }
    return shown_;
  }
  void take(std::int64_t n) override {
    passed_.count(shown_.first(n));
    shown_ = shown_.without_first(n);
    cursor_->take(n);
    any_ = true;
  }
  std::int64_t skip(std::int64_t n) override {
    std::int64_t skipped = 0;
    while (more_passes()) {
      const std::int64_t now = cursor_->skip(n - skipped);
      skipped += now;
      if (now > 0) any_ = true;
      if (skipped == n || !next_pass()) break;
    }
    return skipped;
  }
  void mark(Mark& out) const override {
    out.put("pass", pass_);
    out.put("any", any_);
    cursor_->mark(out);
    out.put("close", 0);
  }

 protected:
  void do_restore(MarkReader& in) override {
    pass_ = in.get("pass", 0, node_.passes() == kInfinite ? INT64_MAX : node_.passes());
    any_ = in.get("any", 0, 1) != 0;
    cursor_ = open_pass();
    cursor_->restore(in);
    in.get("close", 0, 0);
  }

 private:
  bool more_passes() const { return node_.passes() == kInfinite || pass_ < node_.passes(); }
  /// False where there is none: all are done, or a whole one gave nothing.
  bool next_pass() {
    if (!any_) return false;
    if (node_.passes() != kInfinite && pass_ + 1 == node_.passes()) return false;
    ++pass_;
    any_ = false;
    cursor_ = open_pass();
    return true;
  }
  std::unique_ptr<Cursor> open_pass() const { return open(node_.up(), {run_, node_.pass_epoch(epoch_, pass_)}); }

  const RepeatNode& node_;
  Run& run_;
  std::int64_t epoch_;
  std::int64_t pass_ = 0;
  bool any_ = false;  // this pass gave something
  RowView shown_;
  PassedRows passed_;
  std::unique_ptr<Cursor> cursor_;
};

std::unique_ptr<Cursor> RepeatNode::open_stream(const Context& context) const {
  return std::make_unique<RepeatCursor>(*this, context);
}

}  // namespace

Dataset Repeat::operator()(const Dataset& upstream) const {
  const std::int64_t passes = count.value_or(-1);
  return Dataset(std::make_shared<RepeatNode>(upstream.node_ptr(), passes < 0 ? kInfinite : passes));
}

}  // namespace headrace
