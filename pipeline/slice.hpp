// Every step-th element from a start on: what take, skip and shard have in common.
#pragma once

#include <headrace/pipeline/node.hpp>

namespace headrace {

class SliceNode final : public ReindexNode {
 public:
  /// Elements start, start + step ... of upstream, at most `limit` of them (kInfinite: all).
  SliceNode(NodePtr upstream, std::int64_t start, std::int64_t step, std::int64_t limit);
  std::int64_t cardinality() const override { return cardinality_; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  Batches batches() const override;
  Blocks blocks() const override;

 protected:
  Positions translate(const Context& context, const Positions& positions,
                      std::vector<std::int64_t>& scratch) const override;

 private:
  std::int64_t start_, step_, limit_, cardinality_;
};

}  // namespace headrace
