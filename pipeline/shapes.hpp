// Shapes for the components of an element, as a user writes them: padded_shapes, row_shape.
#pragma once

#include <optional>
#include <string_view>

#include <headrace/tensor/spec.hpp>

namespace headrace {

/// A structure of shapes. A leaf alone may also stand for a tuple: its sizes are then one-axis shapes of the parts,
/// since Python writes (5, None) for either. None in the structure leaves a component's shape open.
struct Shapes {
  StructurePtr structure = Structure::leaf();
  std::vector<Shape> shapes;  // a leaf each; -1: whatever is needed

  Shapes() = default;
  Shapes(Shape shape) { shapes.push_back(std::move(shape)); }  // NOLINT: a shape is the shapes of one component
  Shapes(StructurePtr structure_, std::vector<Shape> shapes_)
      : structure(std::move(structure_)), shapes(std::move(shapes_)) {}

  std::string to_string() const;  // "({'a': (5, None)}, None)"
};

/// "(5, None)".
std::string shape_text(const Shape& shape);

/// For each leaf of `row`, the leaf of `given` that is meant for it, or -1 where `given` has None there. Tuples match
/// named containers by place, dicts by key. Throws ValueError in `stage`'s name where they differ; `what` is the
/// option, `given_text` its value.
std::vector<int> matching_leaves(std::string_view stage, std::string_view what, const Structure& given,
                                 const Structure& row, const std::string& given_text);

/// For each leaf of `row` the shape that is given for it; nullopt where that is left open.
std::vector<std::optional<Shape>> shapes_for(std::string_view stage, std::string_view what, const Shapes& given,
                                             const Structure& row);

}  // namespace headrace
