#include <headrace/pipeline/take_while.hpp>

#include <headrace/pipeline/predicate.hpp>
#include <headrace/pipeline/sieve.hpp>

namespace headrace {

namespace {

class TakeWhileNode final : public StageNode {
 public:
  TakeWhileNode(NodePtr upstream, FunctionPtr predicate)
      : StageNode(std::move(upstream)), predicate_(std::move(predicate)) {}
  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return up().cardinality() == 0 ? 0 : kUnknown; }
  bool runs_inline() const override { return !predicate_->concurrent(); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  const Function& predicate() const { return *predicate_; }

 private:
  FunctionPtr predicate_;
};

/// Mark: a sieve's, "ended".
class TakeWhileCursor final : public SieveCursor {
 public:
  TakeWhileCursor(const TakeWhileNode& node, const Context& context)
      : SieveCursor(node, context), predicate_(node.predicate()) {}

 protected:
  Sifted sift(const RowView& input, const Positions& positions) override {
    // A function of another language is not called for what may come after the end.
    const std::int64_t step = predicate_.concurrent() ? input.count : 1;
    Sifted sifted;
    std::vector<FailedRow> failures;
    refused_ = -1;
    for (std::int64_t row = 0; row < input.count && refused_ < 0 && !sifted.stop; row += step) {
      const Positions place = positions.slice(row, step);
      const Verdicts verdicts =
          ask(predicate_, {node(), epoch(), place, &run()}, {input.rows, input.begin + row, step});
      append(verdicts, row, failures, sifted);
    }
    if (!failures.empty()) replace(input, failures, sifted);
    return sifted;
  }

  void consumed(std::int64_t, std::int64_t end, Account&) override { ended_ = refused_ >= 0 && end > refused_; }
  bool ended() const override { return ended_; }
  void mark_more(Mark& out) const override { out.put("ended", ended_); }
  void restore_more(MarkReader& in) override { ended_ = in.get("ended", 0, 1) != 0; }

 private:
  /// Counts the rows that pass; finds the one that does not.
  void append(const Verdicts& verdicts, std::int64_t first, std::vector<FailedRow>& failures, Sifted& sifted) {
    std::size_t failed = 0;
    for (std::int64_t i = 0; i < verdicts.count && refused_ < 0; ++i) {
      if (failed < verdicts.failures.size() && verdicts.failures[failed].row == i)
        failures.push_back({first + i, verdicts.failures[failed++].failure});
      else if (!verdicts[i])
        refused_ = first + i;
      ++sifted.inputs;
    }
    sifted.outputs = refused_ >= 0 ? refused_ : sifted.inputs;
    if (refused_ < 0) sifted.stop = verdicts.interrupt;
  }

  static void replace(const RowView& input, const std::vector<FailedRow>& failures, Sifted& sifted) {
    sifted.changed = true;
    sifted.rows = input.first(sifted.outputs).share();
    sifted.rows.origins.clear();
    if (sifted.rows.stacked) {
      sifted.rows.failures = failures;
      return;
    }
    for (const auto& [row, failure] : failures) sifted.rows.list[static_cast<std::size_t>(row)] = {{}, failure};
  }

  const Function& predicate_;
  std::int64_t refused_ = -1;  // the row of the block that ends it
  bool ended_ = false;
};

std::unique_ptr<Cursor> TakeWhileNode::open_stream(const Context& context) const {
  return std::make_unique<TakeWhileCursor>(*this, context);
}

}  // namespace

Dataset TakeWhile::operator()(const Dataset& upstream) const {
  require<TypeError>(predicate != nullptr, name, "predicate must be a function, got None");
  return Dataset(std::make_shared<TakeWhileNode>(upstream.node_ptr(), predicate));
}

}  // namespace headrace
