// One element of a stream: a structure and its components, a Tensor a leaf.
#pragma once

#include <vector>

#include <headrace/tensor/structure.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace {

struct Element {
  StructurePtr structure = Structure::leaf();
  std::vector<Tensor> components;

  Element() = default;
  Element(Tensor tensor) { components.push_back(std::move(tensor)); }  // NOLINT: a tensor is an element
  Element(StructurePtr structure_, std::vector<Tensor> components_)
      : structure(std::move(structure_)), components(std::move(components_)) {}

  /// The only component of an element that is one tensor; throws TypeError for others.
  const Tensor& tensor() const;
  std::int64_t nbytes() const;
};

bool equal(const Element& a, const Element& b);

}  // namespace headrace
