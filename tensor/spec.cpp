#include <headrace/tensor/spec.hpp>

#include <headrace/tensor/error.hpp>

#include <algorithm>

namespace headrace {
namespace {

/// The component of `b` that stands for component `i` of the structure that `order` was asked of.
const TensorSpec& matching(const Spec& b, const std::vector<int>& order, std::size_t i) {
  return b.components[order.empty() ? i : static_cast<std::size_t>(order[i])];
}

std::optional<TensorSpec> common(const TensorSpec& a, const TensorSpec& b) {
  if (a.dtype != b.dtype || a.shape.size() != b.shape.size()) return std::nullopt;
  TensorSpec both = a;
  for (int axis = 0; axis < a.shape.size(); ++axis) {
    if (a.shape[axis] != b.shape[axis]) both.shape[axis] = -1;
  }
  return both;
}

}  // namespace

bool TensorSpec::fully_known() const {
  return std::all_of(shape.begin(), shape.end(), [](std::int64_t size) { return size >= 0; });
}

std::int64_t TensorSpec::nbytes() const {
  if (!fully_known()) return -1;
  return element_count(shape.with_front(dtype.itemsize()));
}

std::string TensorSpec::to_string() const {
  std::string text = (dtype ? dtype.name() : "unknown") + "(";
  for (int axis = 0; axis < shape.size(); ++axis) {
    if (axis > 0) text += ", ";
    text += shape[axis] < 0 ? "?" : std::to_string(shape[axis]);
  }
  return text + ")";
}

bool Spec::fully_known() const {
  return std::all_of(components.begin(), components.end(), [](const TensorSpec& spec) { return spec.fully_known(); });
}

std::int64_t Spec::nbytes() const {
  std::int64_t sum = 0;
  for (const TensorSpec& component : components) {
    const std::int64_t bytes = component.nbytes();
    if (bytes < 0) return -1;
    require(!__builtin_add_overflow(sum, bytes, &sum), "spec", "the bytes of an element must fit 63 bits, got ",
            to_string());
  }
  return sum;
}

std::string Spec::to_string() const {
  return structure->to_string([this](int leaf) { return components[static_cast<std::size_t>(leaf)].to_string(); });
}

bool same(const Spec& a, const Spec& b) {
  if (!a.structure->same_as(*b.structure) || a.components.size() != b.components.size()) return false;
  const std::vector<int> order = a.structure->leaf_order_in(*b.structure);
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    if (a.components[i] != matching(b, order, i)) return false;
  }
  return true;
}

Spec spec_of(const Element& element) {
  Spec spec{element.structure, {}};
  for (const Tensor& component : element.components) spec.components.push_back({component.dtype(), component.shape()});
  return spec;
}

Spec row_spec(const Spec& stacked) {
  Spec row = stacked;
  for (TensorSpec& component : row.components) {
    require(!component.shape.empty(), "spec", "each component needs a first axis to take off, got ",
            stacked.to_string());
    component.shape = component.shape.tail();
  }
  return row;
}

Spec stacked_spec(const Spec& row, std::int64_t count) {
  Spec stacked = row;
  for (TensorSpec& component : stacked.components) component.shape = component.shape.with_front(count);
  return stacked;
}

std::optional<Spec> common(const Spec& a, const Spec& b) {
  if (!a.structure->same_as(*b.structure) || a.components.size() != b.components.size()) return std::nullopt;
  const std::vector<int> order = a.structure->leaf_order_in(*b.structure);
  Spec both{a.structure, {}};
  for (std::size_t i = 0; i < a.components.size(); ++i) {
    std::optional<TensorSpec> component = common(a.components[i], matching(b, order, i));
    if (!component) return std::nullopt;
    both.components.push_back(std::move(*component));
  }
  return both;
}

}  // namespace headrace
