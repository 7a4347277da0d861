// Rows that are already there as a dataset: what a window holds.
#pragma once

#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// A random-access dataset of the rows; errors stay in their places. Rows of one dtype and shape are slices of arrays,
/// as from_tensor_slices gives them.
Dataset dataset_of_rows(Rows rows);

/// An element in the structure of the rows, with a dataset for each component. Throws ValueError where structures
/// differ. `known` is the structure where every row failed.
Element datasets_of_components(const Rows& rows, const Node& stage, const StructurePtr& known);
/// The same for what is known of elements.
Spec datasets_of_components(const Spec& element);

}  // namespace headrace
