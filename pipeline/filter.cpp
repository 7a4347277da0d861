#include <headrace/pipeline/filter.hpp>

#include <headrace/pipeline/predicate.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

namespace {

class FilterNode final : public TransformNode {
 public:
  FilterNode(NodePtr upstream, FunctionPtr predicate)
      : TransformNode(std::move(upstream)), predicate_(std::move(predicate)) {}

  bool one_to_one() const override { return false; }
  bool runs_inline() const override { return !predicate_->concurrent(); }

  void apply(const Context& context, const RowView& rows, const Positions& positions, RowsBuilder& out) const override {
    const Verdicts verdicts = ask(*predicate_, {*this, context.epoch, positions, &context.run}, rows);
    append_kept(rows, verdicts, out);
    if (!verdicts.interrupt) return;
    out.set_origin(verdicts.count);
    std::rethrow_exception(verdicts.interrupt);
  }

 private:
  /// Runs of kept rows go together, failures between them.
  static void append_kept(const RowView& rows, const Verdicts& verdicts, RowsBuilder& out) {
    const auto mask = verdicts.kept.values<bool>();
    std::vector<std::int64_t> kept;
    kept.reserve(mask.size());
    std::size_t failed = 0;
    const auto flush = [&] {
      if (!kept.empty()) out.append_rows(rows, kept);
      kept.clear();
    };
    for (std::int64_t row = 0; row < verdicts.count; ++row) {
      if (failed < verdicts.failures.size() && verdicts.failures[failed].row == row) {
        flush();
        out.set_origin(row);
        out.append_failure(verdicts.failures[failed++].failure);
      } else if (mask[static_cast<std::size_t>(row)]) {
        kept.push_back(row);
      }
    }
    flush();
  }

  FunctionPtr predicate_;
};

}  // namespace

Dataset Filter::operator()(const Dataset& upstream) const {
  require<TypeError>(predicate != nullptr, name, "predicate must be a function, got None");
  return Dataset(std::make_shared<FilterNode>(upstream.node_ptr(), predicate));
}

}  // namespace headrace
