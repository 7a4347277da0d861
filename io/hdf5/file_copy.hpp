// A file made anew out of another one: the same groups, links, types with names, datasets and attributes, in other
// chunks and through other filters.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

/// How a dataset is to lie in the new file.
struct NewLayout {
  Shape chunk;  // none: contiguous
  std::vector<Filter> filters;
  bool plain_edges = false;  // chunks that reach beyond the array are not filtered
};

/// What is wrong lies in the old file.
class ReadError : public IoError {
 public:
  using IoError::IoError;
};

/// Links are kept as they are, and references to objects point to the new ones; no object notes a time, and links of a
/// group come by name. What the elements of datasets are brought by: chunks as they are to be stored, rows of stored
/// bytes (File::array(..., as_stored)), or values that libhdf5 copies. One thread at a time. Equal calls give equal
/// bytes. Every error is an IoError "[stage] cannot WHAT ...".
class FileCopy {
 public:
  /// Looks at all of `from`, whose elements it does not read.
  FileCopy(std::string_view stage, std::shared_ptr<const File> from);
  ~FileCopy();
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;

  /// The datasets, each once.
  const std::vector<std::string>& datasets() const;
  /// What the copy lacks, "/a@b: references to regions"; some of it is known after begin() only.
  const std::vector<std::string>& left_out() const;

  /// Makes PATH.part with everything but elements. It goes with this object, unless finish() gave it its name before.
  void begin(const std::string& path, std::span<const NewLayout> layouts);
  /// Whether that dataset could be made; else it is among left_out().
  bool made(std::size_t dataset) const;
  /// The chunk at `start`, as it is to be stored.
  void write_chunk(std::size_t dataset, const Shape& start, std::uint32_t filter_mask,
                   std::span<const std::byte> stored);
  /// Rows of stored bytes, gapless; of a scalar its one.
  void write_rows(std::size_t dataset, std::int64_t first, const Tensor& rows);
  /// Rows through libhdf5: what must be so where Facts::pointers is. ReadError where they cannot be read.
  void copy_values(std::size_t dataset, std::int64_t first, std::int64_t count);
  void set_attribute(std::size_t dataset, const std::string& name, const Tensor& numbers);
  /// All of it on the disk, under its name.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headrace::hdf5
