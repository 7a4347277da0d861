// Stages that turn each input row into 0..n output rows and remember nothing: map, filter, unbatch. They run in the
// parallel window of a random-access base, or in sequence on a stream; either way the state is a place in the input.
#pragma once

#include <headrace/pipeline/node.hpp>

namespace headrace {

struct Account;

class TransformNode : public StageNode {
 public:
  /// One output row for each input row.
  virtual bool one_to_one() const = 0;
  /// More than one output row for an input row may come.
  virtual bool expanding() const { return false; }
  /// Calls that may run at once where rows come one after the other; 0: they are made as rows come.
  virtual int calls_at_once() const { return wanted_threads(); }
  /// Appends the outputs of `rows` in order, setting each one's origin to the index of its input row unless
  /// one_to_one(). A failed row is passed on as one failed row. `positions` says where the rows stand in the input.
  /// May stop early by an Interrupt; then all outputs of the rows before are in `out`.
  virtual void apply(const Context& context, const RowView& rows, const Positions& positions,
                     RowsBuilder& out) const = 0;

  Access access() const override;
  std::int64_t cardinality() const override;
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

 protected:
  using StageNode::StageNode;
  Rows do_gather(const Context& context, const Positions& positions) const override;
  Element do_at(const Context& context, std::int64_t position) const override;
};

/// A run of transforms, innermost first, and what they stand on.
struct TransformChain {
  std::vector<const TransformNode*> stages;
  const Node* base = nullptr;

  /// The longest run that ends in `top`; random-access ones belong to the base, as far as they need not run inline.
  static TransformChain ending_in(const TransformNode& top);
  bool one_to_one() const;
  bool expanding() const;
};

/// What a chain made of some input rows.
struct ChainOutput {
  Rows rows;                                          // origins: indices into the input, unless one to one
  std::vector<std::vector<std::int64_t>> stage_rows;  // of each stage that is not one to one: its outputs' origins in
                                                      // the one before it
  std::int64_t inputs = 0;                            // input rows used, fewer only after an Interrupt
  std::exception_ptr interrupt;                       // what stopped it and is no element's error

  void clear();
};
/// Replaces what is in `output`; an exception leaves it empty.
void apply_chain(const TransformChain& chain, const Context& context, const RowView& rows, const Positions& positions,
                 ChainOutput& output);

/// Counts what a chain does, as its inputs are consumed.
class ChainAccounts {
 public:
  ChainAccounts(const TransformChain& chain, Run& run);
  /// So far `inputs` inputs of `output` are begun, the last one, where `within`, not ended, and `rows` rows taken.
  void consume(const ChainOutput& output, std::int64_t inputs, std::int64_t rows, bool within = false);
  /// Another output comes next.
  void leave_output();
  void failed(const Failure& failure);

 private:
  struct Entry {
    const TransformNode* stage;
    Account* cell;
    std::int64_t bytes;        // an output
    std::int64_t outputs = 0;  // of this chain output so far, where the stage is not one to one
  };
  void find_outputs(const ChainOutput& output, std::int64_t inputs, std::int64_t rows, bool within);

  std::vector<const TransformNode*> stages_;
  std::vector<Entry> entries_;
  std::vector<std::int64_t> outputs_;  // of each stage that is not one to one, up to where the consumer stands
  std::int64_t inputs_ = 0, rows_ = 0;
  Run& run_;
};

}  // namespace headrace
