// The elements that components make: a leaf is a component, or a field of one whose rows are records.
#pragma once

#include <memory>

#include <headrace/io/hdf5/component.hpp>

namespace headrace::hdf5 {

struct Leaf {
  std::size_t component;
  std::vector<Field> path;  // a field of its records, a field of those ...; empty: the component itself

  /// Of rows, or of one.
  Tensor of(const Tensor& records) const;
  TensorSpec spec(const TensorSpec& records) const;
};

struct Leaves {
  StructurePtr structure;
  std::vector<Leaf> leaves;
  std::vector<std::unique_ptr<const Component>> components;
};
/// A leaf of `structure` each. With `split` a component of records is a dict of their fields, and so are those that are
/// records themselves.
Leaves leaves_of(StructurePtr structure, std::vector<std::unique_ptr<const Component>> components, bool split);

/// The source that gives them, random access.
std::shared_ptr<Node> make_source_node(Leaves leaves);

}  // namespace headrace::hdf5
