#include <headrace/pipeline/tensors.hpp>

#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/run.hpp>

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
  TensorSlicesNode(Element tensors, std::int64_t n)
      : Node({}), tensors_(shown(tensors)), n_(n), spec_(row_spec(spec_of(tensors_))) {}

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return n_; }
  std::optional<Spec> spec() const override { return spec_; }
  bool gathers_views() const override { return true; }

  void gather_into(const Context&, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>&) const override {
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy_rows(tensors_.components[leaf], positions, columns[leaf], to);
  }

 protected:
  Rows do_gather(const Context&, const Positions& positions) const override {
    Rows rows = Rows::of_columns(tensors_.structure, {}, positions.count);
    rows.columns.reserve(tensors_.components.size());
    for (const auto& component : tensors_.components) rows.columns.push_back(headrace::gather(component, positions));
    return rows;
  }

 private:
  Element tensors_;
  std::int64_t n_;
  Spec spec_;
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
  require(!tensors.components.empty(), name, "tensors must hold at least one array, got ",
          tensors.structure->to_string());
  require<TypeError>(!tensors.structure->holds_values(), name, "tensors must be arrays, got ",
                     tensors.structure->to_string(), "; use zip for datasets side by side");
  const auto described = [&](std::size_t leaf) {
    const std::string path = tensors.structure->leaf_path(static_cast<int>(leaf));
    return (path.empty() ? std::string("the array") : "component " + path) + " of shape " +
           to_string(tensors.components[leaf].shape());
  };
  for (std::size_t leaf = 0; leaf < tensors.components.size(); ++leaf) {
    require(tensors.components[leaf].ndim() > 0, name, "every array must have a first axis to slice, got ",
            described(leaf), "; use from_tensors for whole values");
  }
  const std::int64_t n = tensors.components.front().shape()[0];
  for (std::size_t leaf = 1; leaf < tensors.components.size(); ++leaf) {
    require(tensors.components[leaf].shape()[0] == n, name, "all arrays must have the same first size, got ",
            described(0), " and ", described(leaf));
  }
  return Dataset(std::make_shared<TensorSlicesNode>(tensors, n));
}

Dataset FromTensors::operator()() const { return Dataset(std::make_shared<TensorsNode>(tensors)); }

}  // namespace headrace
