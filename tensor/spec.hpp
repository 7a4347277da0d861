// What is known of elements before any is read.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headrace/tensor/element.hpp>

namespace headrace {

struct TensorSpec {
  DType dtype;
  Shape shape;  // -1: unknown size
  friend bool operator==(const TensorSpec&, const TensorSpec&) = default;

  bool fully_known() const;
  /// Bytes of one such tensor; -1 where a size is unknown.
  std::int64_t nbytes() const;
  std::string to_string() const;  // "float32(?, 16)"
};

struct Spec {
  StructurePtr structure = Structure::leaf();
  std::vector<TensorSpec> components;

  bool fully_known() const;
  std::int64_t nbytes() const;  // -1 where unknown
  /// "(float32(16), {'label': int64()})".
  std::string to_string() const;
};

/// Same structure (dict order aside) and equal components.
bool same(const Spec& a, const Spec& b);
Spec spec_of(const Element& element);
/// Each component's first size taken off or put in front.
Spec row_spec(const Spec& stacked);
Spec stacked_spec(const Spec& row, std::int64_t count);
/// What holds for both: differing sizes become unknown. nullopt where structure, dtype or rank differ.
std::optional<Spec> common(const Spec& a, const Spec& b);

}  // namespace headrace
