// NumPy's .npy files, written batch by batch.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <headrace/tensor/tensor.hpp>

namespace headrace {

/// Appends batches along the leading axis of one .npy file whose length nobody knows yet. They go to "PATH.part";
/// close() writes the length into the header, brings the bytes to the disk and renames: at any moment PATH is the old
/// file or the new one, whole. One thread at a time.
class NpyWriter {
 public:
  /// Opens "PATH.part" anew. Throws IoError where it cannot be written, or another writer is at it.
  explicit NpyWriter(std::string path);
  /// Without close(): removes "PATH.part" and leaves PATH as it was.
  ~NpyWriter();
  NpyWriter(const NpyWriter&) = delete;
  NpyWriter& operator=(const NpyWriter&) = delete;

  /// Writes the rows of `batch` after those before; the first one fixes dtype and row shape. Throws ValueError where
  /// they differ, TypeError for a dtype that .npy has no name for (bfloat16, variable-length text, records whose fields
  /// overlap or are out of order), IoError where the system refuses: the file is then given up and later calls are
  /// IoError too.
  void append(const Tensor& batch);
  std::int64_t rows() const;
  /// Puts the file in its place; nothing more can be appended. Throws ValueError if nothing was, IoError as append.
  void close();

 private:
  struct File;
  std::unique_ptr<File> file_;
};

}  // namespace headrace
