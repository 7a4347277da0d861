#include <headrace/pipeline/composite.hpp>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class CompositeNode final : public ReindexNode {
 public:
  CompositeNode(NodePtr attached_to, NodePtr planned)
      : ReindexNode(std::move(planned)), attached_to_(std::move(attached_to)) {}

  NodePtr attached_to() const override { return attached_to_; }
  Batches batches() const override { return up().batches(); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override {
    return std::make_unique<PassingCursor>(open(up(), context), PassedRows(*this, context.run));
  }

 protected:
  Positions translate(const Context&, const Positions& positions, std::vector<std::int64_t>&) const override {
    return positions;
  }

 private:
  NodePtr attached_to_;
};

}  // namespace

Dataset composite(NodePtr attached_to, const Dataset& planned) {
  return Dataset(std::make_shared<CompositeNode>(std::move(attached_to), planned.node_ptr()));
}

}  // namespace headrace
