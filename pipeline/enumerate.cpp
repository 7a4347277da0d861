#include <headrace/pipeline/enumerate.hpp>

#include <algorithm>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

StructurePtr numbered(const StructurePtr& structure) { return Structure::tuple({Structure::leaf(), structure}); }

Element numbered(std::int64_t number, Element element) {
  std::vector<Tensor> components{Tensor::scalar(number)};
  components.insert(components.end(), element.components.begin(), element.components.end());
  return {numbered(element.structure), std::move(components)};
}

/// `rows` with the numbers start + positions[i] in front.
Rows numbered(Rows rows, std::int64_t start, const Positions& positions) {
  if (!rows.stacked) {
    for (std::int64_t i = 0; i < rows.count; ++i) {
      auto& outcome = rows.list[static_cast<std::size_t>(i)];
      if (!outcome.failure) outcome.element = numbered(start + positions[i], std::move(outcome.element));
    }
    return rows;
  }
  Tensor numbers = Tensor::empty(int64, {rows.count});
  const auto values = numbers.mutable_values<std::int64_t>();
  for (std::int64_t i = 0; i < rows.count; ++i) values[static_cast<std::size_t>(i)] = start + positions[i];
  rows.columns.insert(rows.columns.begin(), std::move(numbers));
  rows.structure = numbered(rows.structure);
  return rows;
}

class EnumerateNode final : public StageNode {
 public:
  EnumerateNode(NodePtr upstream, std::int64_t start) : StageNode(std::move(upstream)), start_(start) {}

  Access access() const override { return up().access() == Access::random ? Access::random : Access::stream; }
  Blocks blocks() const override { return up().blocks(); }
  std::optional<Spec> spec() const override {
    auto element = up().spec();
    if (!element) return std::nullopt;
    element->structure = numbered(element->structure);
    element->components.insert(element->components.begin(), TensorSpec{int64, {}});
    return element;
  }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  std::int64_t start() const { return start_; }

 protected:
  Element do_at(const Context& context, std::int64_t position) const override {
    return numbered(start_ + position, up().at(context, position));
  }
  Rows do_gather(const Context& context, const Positions& positions) const override {
    return numbered(up().gather(context, positions), start_, positions);
  }

 private:
  std::int64_t start_;
};

/// Mark: upstream's, "count".
class EnumerateCursor final : public Cursor {
 public:
  EnumerateCursor(std::unique_ptr<Cursor> upstream, const EnumerateNode& node, Run& run)
      : upstream_(std::move(upstream)), start_(node.start()), passed_(node, run) {}

  RowView peek(std::int64_t want) override {
    if (offset_ == block_.count) {
      const RowView rows = upstream_->peek(want);
      block_ = rows.empty() ? Rows{} : numbered(rows.share(), start_, Positions::range(count_, rows.count));
      block_.origins.clear();
      offset_ = 0;
    }
    return {&block_, offset_, std::min(want, block_.count - offset_)};
  }
  void take(std::int64_t n) override {
    passed_.count({&block_, offset_, n});
    upstream_->take(n);
    offset_ += n;
    count_ += n;
  }
  std::int64_t skip(std::int64_t n) override {
    const std::int64_t here = std::min(n, block_.count - offset_);
    if (here > 0) take(here);
    if (here == n) return n;
    const std::int64_t skipped = upstream_->skip(n - here);
    count_ += skipped;
    return here + skipped;
  }
  void mark(Mark& out) const override {
    upstream_->mark(out);
    out.put("count", count_);
  }

 protected:
  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    count_ = in.get_count("count");
  }

 private:
  std::unique_ptr<Cursor> upstream_;
  std::int64_t start_;
  Rows block_;  // what upstream shows, numbered
  std::int64_t offset_ = 0;
  std::int64_t count_ = 0;
  PassedRows passed_;
};

std::unique_ptr<Cursor> EnumerateNode::open_stream(const Context& context) const {
  return std::make_unique<EnumerateCursor>(open(up(), context), *this, context.run);
}

}  // namespace

Dataset Enumerate::operator()(const Dataset& upstream) const {
  return Dataset(std::make_shared<EnumerateNode>(upstream.node_ptr(), start));
}

}  // namespace headrace
