// Rows of batches as elements of their own: what unbatch and rebatch stand on.
#pragma once

#include <headrace/pipeline/transform.hpp>

namespace headrace {

/// Random access where all batch sizes follow from the plan. There, each row of a failed batch keeps its place and
/// fails; on a stream the batch is one failed row.
class UnbatchNode : public TransformNode {
 public:
  explicit UnbatchNode(NodePtr upstream);

  bool one_to_one() const override { return false; }
  bool expanding() const override { return true; }
  Access access() const override { return computed() ? Access::random : TransformNode::access(); }
  std::int64_t cardinality() const override { return computed() ? batches_.total : TransformNode::cardinality(); }
  std::optional<Spec> spec() const override;
  void apply(const Context& context, const RowView& rows, const Positions& positions, RowsBuilder& out) const override;
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override;
  bool tallies_by_count() const override { return false; }

 protected:
  bool computed() const { return batches_.rows_per_element > 0; }
  const Batches& sizes() const { return batches_; }  // where computed()
  /// The rows of element `batch`, or its error in each row's place; views.
  Rows rows_of(Element element, std::int64_t batch) const;
  Rows failed_rows(const FailurePtr& failure, std::int64_t batch) const;

  Rows do_gather(const Context& context, const Positions& positions) const override;
  Element do_at(const Context& context, std::int64_t position) const override;

 private:
  Rows some_rows_of(const Context& context, std::int64_t batch, const std::vector<std::int64_t>& wanted) const;

  Batches batches_;
};

/// Throws ValueError in `stage`'s name where it is known that elements of `spec` cannot be split.
void require_rows(std::string_view stage, const Spec& spec);

}  // namespace headrace
