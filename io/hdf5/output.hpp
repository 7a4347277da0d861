// An HDF5 file being written: arrays that grow by chunks whose bytes are ready.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include <headrace/io/hdf5/filters.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::hdf5 {

/// An array to be made.
struct NewArray {
  std::string name;  // full; groups on the way are made
  DType dtype;       // fixed-width text (U) is stored as UTF-8: see utf8.hpp
  Shape row;         // of sequences: of an item
  std::int64_t chunk_rows = 1;
  std::vector<Filter> filters;  // none for variable-length items, or sequences
  bool sequences = false;       // rows are sequences of items
};

/// The file stands at PATH.part until finish(); dropped before that it goes. IoError where another writer is at it. One
/// thread at a time; every error is an
/// IoError "[stage] cannot WHAT ...". Equal calls give equal bytes.
class Output {
 public:
  Output(std::string_view stage, const std::string& path);
  ~Output();
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;

  /// The number that the array has in what follows.
  std::size_t add(const NewArray& array);
  /// The next chunk: `rows` of its rows count (fewer than chunk_rows: the last one), encoded by the array's filters.
  void append(std::size_t array, std::int64_t rows, std::span<const std::byte> encoded);
  /// The next rows of variable-length items.
  void append_texts(std::size_t array, const Tensor& rows);
  /// The next sequences: values from a split to the next one each.
  void append_sequences(std::size_t array, const Tensor& values, const Tensor& row_splits);
  /// An attribute of an object, "/" for the file.
  void set_attribute(const std::string& object, const std::string& name, const Tensor& value);
  /// All of it on the disk, under its name.
  void finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace headrace::hdf5
