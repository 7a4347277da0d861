#include <headrace/pipeline/held_rows.hpp>

#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/node.hpp>
#include <headrace/pipeline/tensors.hpp>

namespace headrace {

namespace {

std::optional<Spec> common_spec(const Rows& rows) {
  std::optional<Spec> known;
  for (std::int64_t row = 0; row < rows.count; ++row) {
    if (rows.failure(row)) continue;
    const Spec spec = spec_of(rows.element(row));
    known = known ? common(*known, spec) : spec;
    if (!known) return std::nullopt;
  }
  return known;
}

/// Rows of different shapes, or with errors among them. No source of the list: it cannot be made anew from options.
class HeldRowsNode final : public Node {
 public:
  explicit HeldRowsNode(Rows rows) : Node({}), rows_(std::move(rows)), spec_(common_spec(rows_)) {}
  Access access() const override { return Access::random; }
  std::int64_t cardinality() const override { return rows_.count; }
  std::optional<Spec> spec() const override { return spec_; }
  std::string identity() const override { return spec_ ? spec_->to_string() : "?"; }

 protected:
  Rows do_gather(const Context&, const Positions& positions) const override { return pick_rows(rows_, positions); }

 private:
  Rows rows_;
  std::optional<Spec> spec_;
};

const StageInfo& held_rows_info() {
  static const StageInfo info{"rows", "Rows that are already there.", "", true, {}, {}};
  return info;
}

/// Rows of one part of their structure: the components [leaf, leaf + part.leaf_count()).
Rows part_of(const Rows& rows, const StructurePtr& structure, const StructurePtr& part, std::vector<std::size_t>& path,
             int leaf) {
  const auto begin = static_cast<std::size_t>(leaf);
  const auto count = static_cast<std::size_t>(part->leaf_count());
  if (rows.stacked) {
    Rows result = Rows::of_columns(
        part, {rows.columns.begin() + leaf, rows.columns.begin() + static_cast<std::ptrdiff_t>(begin + count)},
        rows.count);
    result.failures = rows.failures;
    return result;
  }
  std::vector<Outcome> list(rows.list.size());
  for (std::size_t row = 0; row < rows.list.size(); ++row) {
    list[row].failure = rows.list[row].failure;
    if (list[row].failure) continue;
    const Element& element = rows.list[row].element;
    const auto order = structure->leaf_order_in(*element.structure);
    const Structure* own = element.structure.get();  // of a held value: the row's own
    StructurePtr place = element.structure;
    for (const std::size_t step : path) place = own->children()[step], own = place.get();
    std::vector<Tensor> components;
    for (std::size_t i = begin; i < begin + count; ++i)
      components.push_back(element.components[order.empty() ? i : static_cast<std::size_t>(order[i])]);
    list[row].element = Element(part->kind() == Structure::Kind::held ? place : part, std::move(components));
  }
  return Rows::of_list(std::move(list));
}

/// `structure` with `leaf(part, path, number)` for each leaf and each held value.
template <class F>
StructurePtr replaced(const StructurePtr& structure, std::vector<std::size_t>& path, int number, const F& leaf) {
  const Structure::Kind kind = structure->kind();
  if (kind == Structure::Kind::none) return structure;
  if (kind == Structure::Kind::leaf || kind == Structure::Kind::held) return leaf(structure, path, number);
  std::vector<StructurePtr> children;
  for (std::size_t i = 0; i < structure->children().size(); ++i) {
    const StructurePtr& child = structure->children()[i];
    path.push_back(i);
    children.push_back(replaced(child, path, number, leaf));
    path.pop_back();
    number += child->leaf_count();
  }
  if (kind == Structure::Kind::tuple) return Structure::tuple(std::move(children));
  if (kind == Structure::Kind::dict) return Structure::dict(structure->keys(), std::move(children));
  return Structure::named(structure->keys(), std::move(children), structure->tag());
}

}  // namespace

Dataset dataset_of_rows(Rows rows) {
  const bool slices = rows.stacked && rows.failures.empty() && !rows.columns.empty() && !rows.structure->holds_values();
  if (slices) return from_tensor_slices(Element(rows.structure, rows.columns));
  Dataset dataset(std::make_shared<HeldRowsNode>(std::move(rows)));
  Attach::name(dataset, {&held_rows_info(), {}, {}, {}});
  return dataset;
}

Element datasets_of_components(const Rows& rows, const Node& stage, const StructurePtr& known) {
  StructurePtr structure;
  for (std::int64_t row = 0; row < rows.count && !rows.stacked; ++row) {
    if (rows.failure(row)) continue;
    const StructurePtr& here = rows.list[static_cast<std::size_t>(row)].element.structure;
    if (!structure) structure = here;
    const bool fits = here == structure || structure->holds_values() || structure->same_as(*here);
    require(fits, stage.label(), "the elements of a window must have one structure, got ", structure->to_string(),
            " and ", here->to_string(), "; make them equal in map");
  }
  if (rows.stacked) structure = rows.structure;
  if (!structure) structure = known ? known : Structure::leaf();
  std::vector<std::size_t> path;
  return {replaced(structure, path, 0,
                   [&](const StructurePtr& part, std::vector<std::size_t>& here, int leaf) {
                     return held_dataset(dataset_of_rows(part_of(rows, structure, part, here, leaf)));
                   }),
          {}};
}

Spec datasets_of_components(const Spec& element) {
  std::vector<std::size_t> path;
  return {replaced(element.structure, path, 0,
                   [&](const StructurePtr& part, std::vector<std::size_t>&, int leaf) {
                     if (part->kind() == Structure::Kind::held) return held_dataset_of(Spec{part, {}});
                     return held_dataset_of(Spec{part, {element.components[static_cast<std::size_t>(leaf)]}});
                   }),
          {}};
}

}  // namespace headrace
