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
class EnumerateCursor final : public FillingCursor {
 public:
  EnumerateCursor(std::unique_ptr<Cursor> upstream, const EnumerateNode& node, Run& run)
      : upstream_(std::move(upstream)), start_(node.start()), passed_(node, run) {}

 protected:
  Rows fill(std::int64_t want) override {
    const RowView rows = upstream_->peek(want);
    if (rows.empty()) return {};
    Rows result = numbered(rows.share(), start_, Positions::range(count_, rows.count));
    result.origins.clear();
    upstream_->take(rows.count);
    count_ += rows.count;
    return result;
  }
  void mark_here(Mark& out) const override {
    upstream_->mark(out);
    out.put("count", count_);
  }
  void taken(const RowView& rows) override { passed_.count(rows); }
  std::int64_t skip_blocks(std::int64_t n) override {
    const std::int64_t skipped = upstream_->skip(n);
    count_ += skipped;
    return skipped;
  }
  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    count_ = in.get_count("count");
  }

 private:
  std::unique_ptr<Cursor> upstream_;
  std::int64_t start_;
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
