#include <headrace/pipeline/predicate.hpp>

#include <headrace/pipeline/node.hpp>

namespace headrace {

namespace {

bool is_mask(const Tensor& tensor) { return tensor.dtype() == boolean && tensor.ndim() == 1 && tensor.is_contiguous(); }

bool answer_of(const Function::Call& call, const Element& answer) {
  const bool is_bool =
      answer.components.size() == 1 && answer.components[0].dtype() == boolean && answer.components[0].ndim() == 0;
  require<TypeError>(is_bool, call.node.label(), "the predicate must return a bool, got ", spec_of(answer).to_string());
  return answer.tensor().item<bool>();
}

Verdicts verdicts_of(const Function::Call& call, const Rows& answers) {
  Verdicts verdicts;
  verdicts.count = answers.count;
  if (answers.stacked && answers.failures.empty() && answers.columns.size() == 1 && is_mask(answers.columns[0])) {
    verdicts.kept = answers.columns[0];
    return verdicts;
  }
  verdicts.kept = Tensor::zeros(boolean, {answers.count});
  const auto kept = verdicts.kept.mutable_values<bool>();
  for (std::int64_t row = 0; row < answers.count; ++row) {
    if (const FailurePtr& failure = answers.failure(row)) {
      verdicts.failures.push_back({row, failure});
      continue;
    }
    try {
      kept[static_cast<std::size_t>(row)] = answer_of(call, answers.element(row));
    } catch (...) {
      verdicts.failures.push_back({row, capture_failure(call.node, call.positions[row])});
    }
  }
  return verdicts;
}

}  // namespace

Verdicts ask(const Function& predicate, const Function::Call& call, const RowView& rows) {
  if (predicate.has_block() && rows.rows->stacked && !rows.has_failures()) {
    try {
      Verdicts verdicts{predicate.block({rows.column(0)}).front(), {}, rows.count, nullptr};
      if (is_mask(verdicts.kept)) return verdicts;
    } catch (const Interrupt&) {
      throw;
    } catch (...) {  // to find the row: built-in work may be done again
    }
  }
  RowsBuilder answers(rows.count);
  std::exception_ptr interrupt;
  try {
    predicate.call_rows(call, rows, answers);
  } catch (const Interrupt&) {
    interrupt = std::current_exception();
  }
  Verdicts verdicts = verdicts_of(call, answers.finish());
  verdicts.interrupt = interrupt;
  return verdicts;
}

}  // namespace headrace
