#include <headrace/pipeline/concatenate.hpp>

#include <headrace/pipeline/alike.hpp>
#include <headrace/pipeline/parted.hpp>
#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class ConcatenateNode final : public PartedNode {
 public:
  ConcatenateNode(NodePtr first, NodePtr second)
      : PartedNode({std::move(first), std::move(second)}), first_size_(this->first().cardinality()) {}

  Access access() const override {
    const bool computed = first().access() == Access::random && second().access() == Access::random && first_size_ >= 0;
    return computed ? Access::random : Access::stream;
  }
  std::int64_t cardinality() const override {
    const std::int64_t b = second().cardinality();
    if (first_size_ == kInfinite || b == kInfinite) return kInfinite;
    if (first_size_ == kUnknown || b == kUnknown) return kUnknown;
    return first_size_ + b;
  }
  std::optional<Spec> spec() const override { return common_spec(upstream()); }
  bool tallies_by_count() const override { return false; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

 protected:
  Place place(std::int64_t position) const override {
    if (position < first_size_) return {0, position, first_size_ - position};
    return {1, position - first_size_, INT64_MAX};
  }
  const Node& part_node(std::int64_t part) const override { return *upstream()[static_cast<std::size_t>(part)]; }
  Context part_context(const Context& context, std::int64_t) const override { return context; }

 private:
  const Node& first() const { return *upstream()[0]; }
  const Node& second() const { return *upstream()[1]; }
  std::int64_t first_size_;
};

/// Mark: "part", that part's, "close".
class ConcatenateCursor final : public Cursor {
 public:
  ConcatenateCursor(const ConcatenateNode& node, const Context& context)
      : node_(node), run_(context.run), epoch_(context.epoch), cursor_(open_part()), passed_(node, context.run) {}

  RowView peek(std::int64_t want) override {
    shown_ = cursor_->peek(want);
    if (shown_.empty() && part_ == 0) {
      part_ = 1;
      cursor_ = open_part();
      shown_ = cursor_->peek(want);
    }
    return shown_;
  }
  void take(std::int64_t n) override {
    passed_.count(shown_.first(n));
    shown_ = shown_.without_first(n);
    cursor_->take(n);
  }
  std::int64_t skip(std::int64_t n) override {
    const std::int64_t skipped = cursor_->skip(n);
    if (skipped == n || part_ == 1) return skipped;
    part_ = 1;
    cursor_ = open_part();
    return skipped + cursor_->skip(n - skipped);
  }
  void mark(Mark& out) const override {
    out.put("part", part_);
    cursor_->mark(out);
    out.put("close", 0);
  }

 protected:
  void do_restore(MarkReader& in) override {
    part_ = in.get("part", 0, 1);
    if (part_ == 1) cursor_ = open_part();
    cursor_->restore(in);
    in.get("close", 0, 0);
  }

 private:
  std::unique_ptr<Cursor> open_part() const {
    return open(*node_.upstream()[static_cast<std::size_t>(part_)], {run_, epoch_});
  }

  const ConcatenateNode& node_;
  Run& run_;
  std::int64_t epoch_;
  std::int64_t part_ = 0;
  std::unique_ptr<Cursor> cursor_;
  RowView shown_;
  PassedRows passed_;
};

std::unique_ptr<Cursor> ConcatenateNode::open_stream(const Context& context) const {
  return std::make_unique<ConcatenateCursor>(*this, context);
}

}  // namespace

Dataset Concatenate::operator()(const Dataset& upstream) const {
  const auto parts = made_alike(name, {upstream, dataset});
  return Dataset(std::make_shared<ConcatenateNode>(parts[0].node_ptr(), parts[1].node_ptr()));
}

}  // namespace headrace
