#include <headrace/tensor/element.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

const Tensor& Element::tensor() const {
  require<TypeError>(structure->kind() == Structure::Kind::leaf && components.size() == 1, "element",
                     "an element that is one tensor is needed, got ", structure->to_string());
  return components.front();
}

std::int64_t Element::nbytes() const {
  std::int64_t sum = 0;
  for (const Tensor& component : components) sum += component.nbytes();
  return sum;
}

bool equal(const Element& a, const Element& b) {
  if (!a.structure->same_as(*b.structure) || a.components.size() != b.components.size()) return false;
  const std::vector<int> order = a.structure->leaf_order_in(*b.structure);
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    const std::size_t other = order.empty() ? i : static_cast<std::size_t>(order[i]);
    if (!equal(a.components[i], b.components[other])) return false;
  }
  return true;
}

}  // namespace headrace
