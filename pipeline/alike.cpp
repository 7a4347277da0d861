#include <headrace/pipeline/alike.hpp>

#include <headrace/pipeline/map.hpp>

namespace headrace {

namespace {

/// The same elements with their components in the order of another dict.
class ReorderFunction final : public Function {
 public:
  explicit ReorderFunction(StructurePtr structure) : structure_(std::move(structure)) {}
  Element operator()(const Element& element) const override {
    Element result(structure_, {});
    for (const int leaf : structure_->leaf_order_in(*element.structure))
      result.components.push_back(element.components[static_cast<std::size_t>(leaf)]);
    return result;
  }
  std::optional<Spec> result_spec(const Spec& argument) const override {
    Spec result{structure_, {}};
    for (const int leaf : structure_->leaf_order_in(*argument.structure))
      result.components.push_back(argument.components[static_cast<std::size_t>(leaf)]);
    return result;
  }
  std::string name() const override { return "same_key_order"; }

 private:
  StructurePtr structure_;
};

}  // namespace

std::vector<Dataset> made_alike(std::string_view stage, std::vector<Dataset> datasets) {
  std::optional<Spec> first;
  for (Dataset& dataset : datasets) {
    const auto spec = dataset.node().spec();
    if (!first) first = spec;
    if (!spec) continue;
    require<TypeError>(common(*first, *spec).has_value(), stage, datasets.size() == 2 ? "both" : "all",
                       " datasets must have elements of one structure, dtype and rank, got ", first->to_string(),
                       " and ", spec->to_string(), "; make them equal with map");
    if (!first->structure->leaf_order_in(*spec->structure).empty())
      dataset = dataset | Map{std::make_shared<ReorderFunction>(first->structure), {}, {}};
  }
  return datasets;
}

std::optional<Spec> common_spec(std::span<const NodePtr> nodes) {
  std::optional<Spec> all;
  for (const NodePtr& node : nodes) {
    const auto spec = node->spec();
    if (!spec) return std::nullopt;
    all = all ? common(*all, *spec) : spec;
    if (!all) return std::nullopt;
  }
  return all;
}

}  // namespace headrace
