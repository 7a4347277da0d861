// The node behind interleave and flat_map.
#pragma once

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/function.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

class Dataset;

struct InterleaveTurns {
  std::int64_t cycle_length;
  std::int64_t block_length;
  int calls;  // datasets read at once
};

class InterleaveNode final : public StageNode {
 public:
  InterleaveNode(NodePtr upstream, FunctionPtr map_func, InterleaveTurns turns);
  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override;
  std::optional<Spec> spec() const override { return std::nullopt; }
  bool runs_inline() const override { return !map_func_->concurrent() && turns_.calls <= 1; }
  int wanted_threads() const override { return turns_.calls > 1 ? turns_.calls : 0; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  const Function& map_func() const { return *map_func_; }
  const InterleaveTurns& turns() const { return turns_; }

 private:
  FunctionPtr map_func_;
  InterleaveTurns turns_;
};

Dataset interleaved(const Dataset& upstream, FunctionPtr map_func, InterleaveTurns turns);

/// `rows` taken, and `inputs` begun since the last ones.
Account interleaved_account(const RowView& rows, std::int64_t inputs);

/// Turns that are read several at once by the pool, given in order; in interleave_ahead.cpp.
std::unique_ptr<Cursor> open_interleave_ahead(const InterleaveNode& node, const Context& context);

}  // namespace headrace
