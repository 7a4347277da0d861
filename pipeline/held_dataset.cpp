#include <headrace/pipeline/held_dataset.hpp>

#include <headrace/pipeline/node.hpp>

namespace headrace {

HeldDataset::HeldDataset(Dataset dataset) : dataset_(std::move(dataset)), element_spec_(dataset_.node().spec()) {}

std::string HeldDataset::to_string() const {
  return "Dataset(" + (element_spec_ ? element_spec_->to_string() : "?") + ")";
}

/// Two datasets are one value only if they are the very same plan; a description fits every dataset of such elements.
bool HeldDataset::same_as(const Held& other) const {
  const auto* const held = dynamic_cast<const HeldDataset*>(&other);
  if (!held) return false;
  if (dataset_ && held->dataset_) return &dataset_.node() == &held->dataset_.node();
  return !element_spec_ || !held->element_spec_ || common(*element_spec_, *held->element_spec_).has_value();
}

StructurePtr held_dataset(Dataset dataset) {
  return Structure::held(std::make_shared<const HeldDataset>(std::move(dataset)));
}

StructurePtr held_dataset_of(std::optional<Spec> element_spec) {
  return Structure::held(std::make_shared<const HeldDataset>(std::move(element_spec)));
}

std::optional<Dataset> dataset_in(const Structure& structure) {
  if (structure.kind() != Structure::Kind::held) return std::nullopt;
  const auto* const held = dynamic_cast<const HeldDataset*>(structure.value().get());
  if (!held || !held->dataset()) return std::nullopt;
  return held->dataset();
}

}  // namespace headrace
