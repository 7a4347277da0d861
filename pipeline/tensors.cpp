#include <headrace/pipeline/tensors.hpp>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace {

namespace {

/// The bytes belong to the caller: what shows them is read-only.
Element shown(const Element& tensors) {
  Element element = tensors;
  for (auto& component : element.components) component = component.read_only();
  return element;
}

class TensorSlicesNode final : public Node {
 public:
  explicit TensorSlicesNode(SlicedElement tensors) : Node({}), tensors_(std::move(tensors)) {}

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return tensors_.count(); }
  std::optional<Spec> spec() const override { return tensors_.spec(); }
  bool gathers_views() const override { return !tensors_.ragged(); }
  bool has_slices() const override { return !tensors_.sparse(); }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    if (tensors_.ragged()) return Node::gather_into(context, positions, columns, to, failures);
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy_rows(tensors_.values(leaf), positions, columns[leaf], to);
  }

 protected:
  Element do_at(const Context&, std::int64_t position) const override { return tensors_.row(position); }
  Rows do_gather(const Context&, const Positions& positions) const override { return tensors_.gather(positions); }
  RowSlices do_slices(const Context&, const Positions& positions) const override { return tensors_.slices(positions); }

 private:
  SlicedElement tensors_;
};

class TensorsNode final : public Node {
 public:
  explicit TensorsNode(Element tensors) : Node({}), tensors_(shown(tensors)) {}
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return 1; }
  std::optional<Spec> spec() const override { return spec_of(tensors_); }

 protected:
  Element do_at(const Context&, std::int64_t) const override { return tensors_; }

 private:
  Element tensors_;
};

}  // namespace

Dataset FromTensorSlices::operator()() const {
  return Dataset(std::make_shared<TensorSlicesNode>(SlicedElement(name, shown(tensors))));
}

Dataset FromTensors::operator()() const { return Dataset(std::make_shared<TensorsNode>(tensors)); }

}  // namespace headrace
