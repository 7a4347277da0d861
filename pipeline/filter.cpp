#include <headrace/pipeline/filter.hpp>

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
    const Function::Call call{*this, context.epoch, positions, &context.run};
    if (predicate_->has_block() && rows.rows->stacked && !rows.rows->has_failures()) {
      try {
        append_kept(rows, predicate_->block({rows.column(0)}).front().values<bool>(), out);
        return;
      } catch (const Interrupt&) {
        throw;
      } catch (...) {  // to find the row: built-in work may be done again
      }
    }
    RowsBuilder answers(rows.count);
    std::exception_ptr interrupt;
    try {
      predicate_->call_rows(call, rows, answers);
    } catch (const Interrupt&) {
      interrupt = std::current_exception();
    }
    const Rows answered = answers.finish();
    append_answered(rows, answered, positions, out);
    if (!interrupt) return;
    out.set_origin(answered.count);
    std::rethrow_exception(interrupt);
  }

 private:
  static void append_kept(const RowView& rows, std::span<const bool> mask, RowsBuilder& out) {
    std::vector<std::int64_t> kept;
    kept.reserve(mask.size());
    for (std::size_t row = 0; row < mask.size(); ++row) {
      if (mask[row]) kept.push_back(static_cast<std::int64_t>(row));
    }
    if (!kept.empty()) out.append_rows(rows, kept);
  }

  void append_answered(const RowView& rows, const Rows& answers, const Positions& positions, RowsBuilder& out) const {
    const bool plain = answers.stacked && answers.failures.empty() && answers.columns.size() == 1 &&
                       answers.columns[0].dtype() == boolean && answers.columns[0].ndim() == 1;
    if (plain) {
      append_kept(rows, answers.columns[0].values<bool>(), out);
      return;
    }
    for (std::int64_t row = 0; row < answers.count; ++row) {
      out.set_origin(row);
      if (const FailurePtr& failure = answers.failure(row)) {
        out.append_failure(failure);
        continue;
      }
      try {
        const Element answer = answers.element(row);
        const bool is_bool = answer.components.size() == 1 && answer.components[0].dtype() == boolean &&
                             answer.components[0].ndim() == 0;
        require<TypeError>(is_bool, label(), "the predicate must return a bool, got ", spec_of(answer).to_string());
        const std::int64_t index[] = {row};
        if (answer.tensor().item<bool>()) out.append_rows(rows, index);
      } catch (...) {
        out.append_failure(capture_failure(*this, positions[row]));
      }
    }
  }

  FunctionPtr predicate_;
};

}  // namespace

Dataset Filter::operator()(const Dataset& upstream) const {
  require<TypeError>(predicate != nullptr, name, "predicate must be a function, got None");
  return Dataset(std::make_shared<FilterNode>(upstream.node_ptr(), predicate));
}

}  // namespace headrace
