// An array stored in an HDF5 file: what is known of it, and its bytes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <headrace/io/hdf5/filters.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::hdf5 {

enum class Layout : unsigned char { compact, contiguous, chunked, virtual_layout };

/// All that is known without reading elements. Immutable.
struct ArrayInfo {
  std::string name;  // "/train/images"
  Shape shape;       // with the axes of an array type at the end
  DType dtype;       // as it is delivered: native byte order
  Layout layout = Layout::contiguous;
  Shape chunk;   // chunked only: elements a chunk, of `rank` axes
  int rank = 0;  // of the dataset itself: axes beyond are an array type's
  FilterPipeline filters;
  std::int64_t item_bytes = 0;  // stored bytes of one element of the dataset (an array type's axes included)
  /// Stored bytes are what a tensor of `dtype` holds, once this many bytes are reversed at a time; 1: as they are.
  /// 0: only libhdf5 can convert them.
  int swap = 1;
  /// Why the bytes are read through libhdf5, "virtual dataset", "variable-length text"; empty: chunks or bytes can be
  /// read as they are stored.
  std::string slow_because;
  /// One element where nothing was ever written, in the form of a tensor: item_bytes bytes; only where not slow.
  std::vector<std::byte> fill;
  /// Contiguous: where in the file its bytes are, verified; nothing where they were never written.
  std::optional<std::int64_t> offset;
};

class File;

/// One array of an open file. Thread-safe: what needs libhdf5 takes its lock.
class Array {
 public:
  virtual ~Array() = default;
  const ArrayInfo& info() const { return info_; }
  virtual const std::string& file_path() const = 0;

  struct StoredChunk {
    Buffer bytes;
    std::int64_t size = 0;
    std::uint32_t filter_mask = 0;
  };
  /// The stored bytes of the chunks that begin at elements `starts` (rank numbers each, multiples of the chunk's
  /// sizes); nothing where one was never written. IoError "[stage] cannot read chunk (12, 0) of '/images' in
  /// 'train.h5': ...".
  virtual std::vector<std::optional<StoredChunk>> read_chunks(std::string_view stage,
                                                              std::span<const Shape> starts) const = 0;
  std::optional<StoredChunk> read_chunk(std::string_view stage, const Shape& start) const {
    return std::move(read_chunks(stage, {&start, 1}).front());
  }
  /// `size` bytes of the file at `place`, by pread: contiguous arrays only.
  virtual void read_bytes(std::string_view stage, std::int64_t place, std::byte* to, std::int64_t size) const = 0;
  /// Rows [begin, begin + count) through libhdf5 under its lock, whatever type and layout: (count, ...) of
  /// info().dtype. For a scalar dataset begin 0, count 1 gives (1,).
  virtual Tensor read_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const = 0;

 protected:
  ArrayInfo info_;
};

}  // namespace headrace::hdf5
