#include <headrace/pipeline/composite.hpp>

#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class CompositeNode final : public PassNode {
 public:
  CompositeNode(NodePtr attached_to, NodePtr planned)
      : PassNode(std::move(planned)), attached_to_(std::move(attached_to)) {}

  NodePtr attached_to() const override { return attached_to_; }

 private:
  NodePtr attached_to_;
};

}  // namespace

Dataset composite(NodePtr attached_to, const Dataset& planned) {
  return Dataset(std::make_shared<CompositeNode>(std::move(attached_to), planned.node_ptr()));
}

}  // namespace headrace
