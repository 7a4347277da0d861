#include <headrace/pipeline/batch.hpp>

#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

/// Equal rows under a new leading axis.
class EqualRows final : public Stacking {
 public:
  std::optional<Spec> spec(const Spec& row, std::int64_t count) const override {
    if (!compound_in(*row.structure)) return stacked_spec(row, count);
    Spec batch{row.structure, {}};
    for (const Component& component : components_of(*row.structure)) {
      const auto* const leaf = &row.components[static_cast<std::size_t>(component.first_leaf)];
      if (component.kind == Compound::none) {
        batch.components.push_back({leaf->dtype, leaf->shape.with_front(count)});
        continue;
      }
      const std::int64_t axes = leaf[2].shape[0];  // a SparseTensor: others are refused
      for (const TensorSpec& part : sparse_leaves(leaf[1].dtype, axes < 0 ? -1 : axes + 1))
        batch.components.push_back(part);
    }
    return batch;
  }
  Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const override {
    return stack_rows(node, parts, first);
  }
  bool keeps_blocks(const std::optional<Spec>& row) const override { return !row || !compound_in(*row->structure); }
};

}  // namespace

std::unique_ptr<const Stacking> make_equal_rows() { return std::make_unique<EqualRows>(); }

Dataset Batch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  require_calls(name, num_parallel_calls);
  if (const auto row = upstream.node().spec()) require_no_ragged(name, *row->structure);
  return Dataset(make_batch_node(upstream.node_ptr(), batch_size, drop_remainder, make_equal_rows()));
}

}  // namespace headrace
