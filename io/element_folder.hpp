// A folder of elements, read by position.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <headrace/io/file.hpp>
#include <headrace/io/manifest.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// Its files are mapped: what it gives are read-only views of them, which keep them mapped and need neither this object
/// nor a system call. The files must not be altered meanwhile; a folder that takes this one's place does no harm.
/// Threads may share one.
class ElementFolder {
 public:
  /// Throws IoError where a file is missing or cannot be read, ValueError where one is not what manifest.json says.
  static std::shared_ptr<const ElementFolder> open(std::string_view stage, const std::string& path);
  /// nullptr where there is nothing, or an empty folder; ValueError where there is something else.
  static std::shared_ptr<const ElementFolder> open_if_there(std::string_view stage, const std::string& path);
  /// The same, but only manifest.json is read.
  static std::optional<Manifest> manifest_if_there(std::string_view stage, const std::string& path);

  const Manifest& manifest() const { return manifest_; }
  std::int64_t count() const { return manifest_.count; }
  /// Every component has one shape and items of a fixed size: a range of rows is a view.
  bool gives_views() const { return gives_views_; }
  /// Positions are trusted; what files say is not: IoError where a place they name does not exist.
  Rows gather(const Positions& positions) const;
  /// The same in copies, read from the beginning of each file to its end, however positions are strewn: of a file
  /// larger than memory no page is read twice, and no more than 4 MiB of it count as this process's memory.
  Rows gather_sweeping(const Positions& positions) const;
  Element element(std::int64_t position) const;
  /// For folders that give views: the columns themselves.
  const std::vector<Tensor>& columns() const { return columns_; }

 private:
  struct Component {
    std::string file;  // for errors
    DType dtype;
    Tensor values;          // flat where shapes vary; pairs of int64 for texts
    Tensor starts, shapes;  // without dtype where shapes agree
    Buffer texts;
    std::int64_t texts_size = 0;
  };
  ElementFolder(std::string_view stage, const OpenFolder& folder);
  Component opened(const OpenFolder& folder, const StoredComponent& stored) const;
  Buffer mapped(const OpenFolder& folder, const StoredFile& file, DType dtype, const std::string& descr) const;
  Tensor column(const OpenFolder& folder, const StoredFile& file, const Shape& expected, DType dtype) const;
  Tensor row_of(const Component& component, std::int64_t position) const;
  Tensor texts_of(const Component& component, const Tensor& pairs) const;

  std::string stage_, path_;
  Manifest manifest_;
  std::vector<Component> components_;
  std::vector<Tensor> columns_;
  bool gives_views_;
  bool shapes_agree_;
};

}  // namespace headrace
