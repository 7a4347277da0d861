#include <headrace/io/load.hpp>

#include <headrace/io/element_folder.hpp>
#include <headrace/pipeline/digest.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

class LoadNode final : public Node {
 public:
  LoadNode(std::shared_ptr<const ElementFolder> folder, std::optional<Spec> spec)
      : Node({}), folder_(std::move(folder)), spec_(std::move(spec)) {}

  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return folder_->count(); }
  std::optional<Spec> spec() const override { return spec_; }
  bool gathers_views() const override { return folder_->gives_views(); }
  std::string identity() const override { return digest(folder_->manifest().to_json()); }

  void gather_into(const Context& context, const Positions& positions, std::span<Tensor> columns, const Positions& to,
                   std::vector<FailedRow>& failures) const override {
    if (!folder_->gives_views()) return Node::gather_into(context, positions, columns, to, failures);
    for (std::size_t leaf = 0; leaf < columns.size(); ++leaf)
      copy_rows(folder_->columns()[leaf], positions, columns[leaf], to);
  }

 protected:
  Element do_at(const Context&, std::int64_t position) const override {
    Element element = folder_->element(position);
    element.structure = spec_->structure;
    return element;
  }
  Rows do_gather(const Context&, const Positions& positions) const override {
    Rows rows = folder_->gather(positions);
    rows.structure = spec_->structure;
    for (auto& outcome : rows.list) outcome.element.structure = spec_->structure;
    return rows;
  }

 private:
  std::shared_ptr<const ElementFolder> folder_;
  std::optional<Spec> spec_;  // unknown only where there is no element
};

/// What the folder says, in the containers of what was asked for.
std::optional<Spec> checked_spec(const ElementFolder& folder, const std::optional<Spec>& wanted) {
  std::optional<Spec> found = folder.manifest().spec();
  if (!wanted || !found) return found ? found : wanted;
  const auto both = common(*wanted, *found);
  require(both && same(*both, *wanted), Load::name, "elements must be ", wanted->to_string(), ", got ",
          found->to_string(), "; leave element_spec out, or change it");
  if (found->structure->leaf_order_in(*wanted->structure).empty()) found->structure = wanted->structure;
  return found;
}

}  // namespace

Dataset Load::operator()() const {
  require(!path.empty(), name, "path must name a folder, got ''");
  auto folder = ElementFolder::open(name, path);
  auto spec = checked_spec(*folder, element_spec);
  return Dataset(std::make_shared<LoadNode>(std::move(folder), std::move(spec)));
}

}  // namespace headrace
