#include <headrace/pipeline/batch.hpp>

#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/stacking.hpp>

namespace headrace {

namespace {

/// Equal rows under a new leading axis.
class EqualRows final : public Stacking {
 public:
  std::optional<Spec> spec(const Spec& row, std::int64_t count) const override { return stacked_spec(row, count); }
  Element stack(const Node& node, std::span<const Rows> parts, std::int64_t first) const override {
    return stack_rows(node, parts, first);
  }
  bool keeps_blocks(const std::optional<Spec>&) const override { return true; }
};

}  // namespace

std::unique_ptr<const Stacking> make_equal_rows() { return std::make_unique<EqualRows>(); }

Dataset Batch::operator()(const Dataset& upstream) const {
  require(batch_size >= 1, name, "batch_size must be >= 1, got ", batch_size);
  require_calls(name, num_parallel_calls);
  if (const auto row = upstream.node().spec()) require_no_compound(name, *row->structure);
  return Dataset(make_batch_node(upstream.node_ptr(), batch_size, drop_remainder, make_equal_rows()));
}

}  // namespace headrace
