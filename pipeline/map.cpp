#include <headrace/pipeline/map.hpp>

#include <headrace/pipeline/composite.hpp>
#include <headrace/pipeline/enumerate.hpp>
#include <headrace/pipeline/numbers.hpp>
#include <headrace/pipeline/random_access.hpp>
#include <headrace/pipeline/signature.hpp>
#include <headrace/pipeline/transform.hpp>

namespace headrace {

namespace {

constexpr int kMostCalls = 1024;
constexpr std::int64_t kPiece = 1 << 16;  // bytes of results that are worth another thread

class MapNode final : public TransformNode {
 public:
  MapNode(NodePtr upstream, FunctionPtr function, int calls, std::optional<Spec> signature)
      : TransformNode(std::move(upstream)),
        function_(std::move(function)),
        calls_(calls),
        signature_(std::move(signature)) {
    if (const auto argument = up().spec(); argument && !signature_) found_ = function_->result_spec(*argument);
    fills_ = function_->fills() && found_ && found_->fully_known() &&
             std::none_of(found_->components.begin(), found_->components.end(),
                          [](const TensorSpec& component) { return component.dtype.variable_length(); });
  }

  bool one_to_one() const override { return true; }
  Blocks blocks() const override { return up().blocks(); }
  std::optional<Spec> spec() const override { return signature_ ? signature_ : found_; }
  bool runs_inline() const override { return !function_->concurrent() && calls_ <= 1; }
  int wanted_threads() const override { return function_->concurrent() || calls_ <= 1 ? 0 : calls_; }
  int calls_at_once() const override {
    return calls_ > 1 ? calls_ : calls_ == 0 && function_->concurrent() ? kMostCalls : 0;
  }

  void apply(const Context& context, const RowView& rows, const Positions& positions, RowsBuilder& out) const override {
    const Function::Call call{*this, context.epoch, positions, &context.run};
    if (!signature_) {
      call_function(call, rows, out);
      return;
    }
    RowsBuilder results(rows.count);
    std::exception_ptr interrupt;
    try {
      call_function(call, rows, results);
    } catch (const Interrupt&) {
      interrupt = std::current_exception();
    }
    append_checked(results.finish(), positions, out);
    if (interrupt) std::rethrow_exception(interrupt);
  }

 protected:
  /// What is gathered is stacked in the end: large results are written to their place at once.
  Rows do_gather(const Context& context, const Positions& positions) const override {
    if (!fills_ || positions.count < 2) return TransformNode::do_gather(context, positions);
    std::vector<Tensor> columns;
    for (const TensorSpec& component : found_->components)
      columns.push_back(Tensor::empty(component.dtype, component.shape.with_front(positions.count)));
    const std::int64_t grain = kPiece / std::max<std::int64_t>(found_->nbytes(), 1);
    auto failures = make_rows_apart(*this, context, positions.count, grain, [&](const Context& here, std::int64_t i) {
      const Rows input = gather_rows(up(), here, positions.slice(i, 1));
      if (const FailurePtr& failure = input.failure(0)) return failure;
      try {
        std::vector<Tensor> row;
        for (const Tensor& column : columns) row.push_back(column.row(i));
        function_->fill(input.element(0), row);
      } catch (...) {
        return capture_failure(*this, positions[i]);
      }
      return FailurePtr();
    });
    Rows rows = Rows::of_columns(found_->structure, std::move(columns), positions.count);
    rows.failures = std::move(failures);
    return rows;
  }

 private:
  void call_function(const Function::Call& call, const RowView& rows, RowsBuilder& out) const {
    if (function_->has_block() && rows.rows->stacked && !rows.has_failures()) {
      std::vector<Tensor> columns;
      for (int leaf = 0; leaf < static_cast<int>(rows.rows->columns.size()); ++leaf)
        columns.push_back(rows.column(leaf));
      try {
        out.append_block(Structure::leaf(), function_->block(columns), rows.count);
        return;
      } catch (const Interrupt&) {
        throw;
      } catch (...) {  // to find the row: built-in work may be done again
      }
    }
    function_->call_rows(call, rows, out);
  }

  void append_checked(const Rows& results, const Positions& positions, RowsBuilder& out) const {
    for (std::int64_t row = 0; row < results.count; ++row) {
      try {
        Element element = results.element(row);
        require<TypeError>(fits(element, *signature_), label(), "the function must return ", signature_->to_string(),
                           " as output_signature says, got ", spec_of(element).to_string());
        out.append(std::move(element));
      } catch (...) {
        out.append_failure(capture_failure(*this, positions[row]));
      }
    }
  }

  FunctionPtr function_;
  int calls_;  // 0: as many as is best
  std::optional<Spec> signature_, found_;
  bool fills_ = false;
};

}  // namespace

Dataset Map::operator()(const Dataset& upstream) const {
  require<TypeError>(map_func != nullptr, name, "map_func must be a function, got None");
  require_calls(name, num_parallel_calls);
  if (seed) {  // the position goes with each element, however the plan is read
    const Map seeded{map_func->seeded(*seed), num_parallel_calls, deterministic, output_signature, std::nullopt};
    return composite(upstream.node_ptr(), upstream | Enumerate{} | seeded);
  }
  return Dataset(std::make_shared<MapNode>(
      upstream.node_ptr(), map_func,
      static_cast<int>(std::clamp<std::int64_t>(num_parallel_calls.value_or(0), 0, kMostCalls)), output_signature));
}

}  // namespace headrace
