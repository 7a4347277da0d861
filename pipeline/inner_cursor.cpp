#include <headrace/pipeline/inner_cursor.hpp>

#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

Dataset call_for_dataset(const Function& function, const Element& element, const Node& stage, const char* option) {
  const Element made = function(element);
  const auto dataset = dataset_in(made);
  require<TypeError>(dataset.has_value(), stage.label(), option, " must return a Dataset, got ",
                     spec_of(made).to_string(), "; wrap it in from_tensors, or use map");
  return *dataset;
}

namespace {

std::uint64_t inner_key(const Node& stage, const Context& outer, std::int64_t ordinal) {
  const std::int64_t seed = stage.seed() ? outer.run.seed(stage) : 0;
  return mix(random_key(seed, "inner", outer.epoch), static_cast<std::uint64_t>(ordinal));
}

}  // namespace

InnerCursor::InnerCursor(const Dataset& dataset, const Node& stage, const Context& outer, std::int64_t ordinal)
    : run_(std::make_shared<Run>(dataset.node_ptr(), outer.run, outer.epoch, inner_key(stage, outer, ordinal))),
      cursor_(open(dataset.node(), run_->context())),
      reads_inline_(dataset.node().reads_inline()) {}

void leave_inner(Rows& rows, const Node& stage) {
  const auto outside = [&](FailurePtr& failure) {
    failure = std::make_shared<const Failure>(Failure{failure->error, failure->notes, {{&stage, 0, 0}}});
  };
  for (auto& failed : rows.failures) outside(failed.failure);
  for (auto& outcome : rows.list) {
    if (outcome.failure) outside(outcome.failure);
  }
  rows.origins.clear();
}

}  // namespace headrace
