// Elements in, a folder out: one .npy file a component (more for text and for shapes that vary) and manifest.json.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <headrace/io/component_writer.hpp>
#include <headrace/io/part_folder.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// Who writes, for whom, and where: what a folder says of itself.
struct FolderNote {
  std::string stage;  // "cache": for the errors, and as the manifest's made_by
  std::string path;
  std::string fingerprint;    // of the plan whose elements they are
  std::optional<Spec> spec;   // what the plan knows of them: what a folder without elements says
  bool makes_parent = false;  // the folder that `path` is in
};

/// Writes aside (PartFolder); the folder appears with finish() or replace(), whole. Memory is bounded, whatever is
/// written. One thread at a time. An IoError loses nothing: what could not be put may be put again.
class FolderWriter {
 public:
  explicit FolderWriter(FolderNote note);

  /// Writes rows of a block to positions from `first` on, each once, in any order; none of them failed. ValueError for
  /// what cannot stand beside the elements before: another structure, dtype or number of axes.
  void put(std::int64_t first, const RowView& rows);
  void put(std::int64_t position, const Element& element);
  /// The element at a position that was put.
  Element get(std::int64_t position);

  /// Brings `count` elements to the disk and gives the folder its name; false where it is taken: what was written goes
  /// with the writer then. Nothing can be put afterwards, also after an error.
  bool finish(std::int64_t count);
  /// The same in the place of a folder of elements that may be there.
  void replace(std::int64_t count);

 private:
  void require_arrays(const Structure& structure) const;
  void begin(const Spec& spec);
  void put(std::int64_t first, const Structure& structure, const std::vector<Tensor>& columns);
  void close(std::int64_t count);

  FolderNote note_;
  PartFolder folder_;
  StructurePtr structure_;
  std::vector<std::unique_ptr<ComponentWriter>> components_;
};

}  // namespace headrace
