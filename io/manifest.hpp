// manifest.json: what a folder of elements holds. It is written last, so a folder that has one is whole.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <headrace/tensor/spec.hpp>

namespace headrace {

/// One .npy file of a folder.
struct StoredFile {
  std::string name;
  Shape shape;
  std::int64_t bytes = 0;  // head and data
};

/// One component of all elements. `values` has a row an element; where shapes vary, the items of all elements one after
/// the other, each element's first item by `starts` and its shape by `shapes`. An item of variable length is two int64
/// in `values`, its place and its size in `texts`.
struct StoredComponent {
  TensorSpec spec;  // -1 where elements differ
  StoredFile values;
  std::optional<StoredFile> starts, shapes;
  std::optional<StoredFile> texts;
};

struct Manifest {
  static constexpr std::int64_t kFormat = 1;
  static constexpr auto kFile = "manifest.json";
  std::string made_by;      // "save", "cache" or "snapshot"
  std::string fingerprint;  // of the plan whose elements they are
  std::int64_t count = 0;
  StructurePtr structure;  // nullptr: no element, and none is known
  std::vector<StoredComponent> components;

  /// What is known of the elements; nothing where there are none and their plan did not say.
  std::optional<Spec> spec() const;

  std::string to_json() const;
  /// `file` is for the errors: ValueError for what is no manifest, another format's, or altered.
  static Manifest from_json(const std::string& text, std::string_view stage, const std::string& file);
};

}  // namespace headrace
