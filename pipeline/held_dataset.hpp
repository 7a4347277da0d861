// Datasets as elements: what window gives, and what a user's function returns for flat_map.
#pragma once

#include <headrace/pipeline/dataset.hpp>

namespace headrace {

/// A dataset in the place of a component; without one, in a spec, what is known of its elements.
class HeldDataset final : public Held {
 public:
  explicit HeldDataset(Dataset dataset);
  explicit HeldDataset(std::optional<Spec> element_spec) : element_spec_(std::move(element_spec)) {}
  std::string to_string() const override;
  bool same_as(const Held& other) const override;
  /// Empty in a spec.
  const Dataset& dataset() const { return dataset_; }
  const std::optional<Spec>& element_spec() const { return element_spec_; }

 private:
  Dataset dataset_;
  std::optional<Spec> element_spec_;
};

/// A structure that is one dataset, or stands for one in a spec.
StructurePtr held_dataset(Dataset dataset);
StructurePtr held_dataset_of(std::optional<Spec> element_spec);

/// The dataset that an element is, or nothing where it is something else.
std::optional<Dataset> dataset_in(const Structure& structure);
inline std::optional<Dataset> dataset_in(const Element& element) { return dataset_in(*element.structure); }

}  // namespace headrace
