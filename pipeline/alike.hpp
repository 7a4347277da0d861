// Datasets whose elements come out mixed must be alike.
#pragma once

#include <span>

#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

/// The same datasets with the keys of their dicts in the order of the first one's. TypeError of `stage` where
/// structures, dtypes or ranks are known to differ.
std::vector<Dataset> made_alike(std::string_view stage, std::vector<Dataset> datasets);

/// What holds for the elements of all, where that is known of each.
std::optional<Spec> common_spec(std::span<const NodePtr> nodes);

}  // namespace headrace
