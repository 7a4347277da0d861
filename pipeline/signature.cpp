#include <headrace/pipeline/signature.hpp>

namespace headrace {

namespace {

bool fits(const Tensor& tensor, const TensorSpec& spec) {
  if (!(spec.dtype == tensor.dtype()) || spec.shape.size() != tensor.ndim()) return false;
  for (int axis = 0; axis < tensor.ndim(); ++axis) {
    if (spec.shape[axis] >= 0 && spec.shape[axis] != tensor.shape()[axis]) return false;
  }
  return true;
}

}  // namespace

bool fits(const Element& element, const Spec& signature) {
  if (!element.structure->same_as(*signature.structure)) return false;
  const std::vector<int> order = signature.structure->leaf_order_in(*element.structure);
  for (std::size_t leaf = 0; leaf < signature.components.size(); ++leaf) {
    const auto there = order.empty() ? leaf : static_cast<std::size_t>(order[leaf]);
    if (!fits(element.components[there], signature.components[leaf])) return false;
  }
  return true;
}

}  // namespace headrace
