// An array stored in an HDF5 file: what is known of it, and its bytes.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <headrace/io/hdf5/filters.hpp>
#include <headrace/io/hdf5/items.hpp>
#include <headrace/tensor/compound.hpp>

namespace headrace::hdf5 {

enum class Layout : unsigned char { compact, contiguous, chunked, virtual_layout };

/// All that is known without reading elements. Immutable.
struct ArrayInfo {
  std::string name;  // "/train/images"
  Shape shape;       // with the axes of an array type at the end
  DType dtype;       // as it is delivered: native byte order; of sequences: what refers to one, as stored
  Layout layout = Layout::contiguous;
  Shape chunk;   // chunked only: elements a chunk, of `rank` axes
  int rank = 0;  // of the dataset itself: axes beyond are an array type's
  FilterPipeline filters;
  std::int64_t item_bytes = 0;  // stored bytes of one element of the dataset (an array type's axes included)
  /// Stored bytes are what a tensor of `dtype` holds, once this is done in each of its items.
  std::vector<Fix> fixes;
  /// Why no fixes can do that, and libhdf5 converts what was read and decoded: "integers of 24 bits".
  std::string converted_because;
  /// Why the bytes are read through libhdf5, "virtual dataset"; empty: chunks or bytes can be read as they are stored.
  std::string slow_because;
  /// Whether stored elements become items in Array::items only: of text of variable length, or converted by libhdf5.
  bool in_two_steps() const { return dtype.variable_length() || !converted_because.empty(); }
  /// Bytes of its values of variable length that an element may have on the average: nobody knows before they are read.
  std::int64_t heap_bytes = 0;
  /// One element where nothing was ever written: a tensor's, or where that takes two steps, a stored one; item_bytes
  /// bytes. Only where not slow.
  std::vector<std::byte> fill;
  /// Contiguous: where in the file its bytes are, verified; nothing where they were never written.
  std::optional<std::int64_t> offset;
  /// The dataset's elements are sequences of variable length: what they are of.
  struct Sequences {
    DType dtype;
    Shape axes;  // of an array type: a sequence is (length, axes...)
  };
  std::optional<Sequences> sequences;
};

class File;

/// Without the axes of an array type.
inline Shape dataset_shape(const ArrayInfo& info) {
  return Shape(std::span(info.shape.begin(), static_cast<std::size_t>(info.rank)));
}

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
  /// The items of stored elements that take two steps: `stored` is a C-order tensor of the elements' bytes, a record of
  /// item_bytes without fields each.
  virtual Tensor items(std::string_view stage, const Tensor& stored) const = 0;

  /// The row_splits of the sequences that `references`, a C-order vector, refer to. IoError where they claim more than
  /// the file has.
  virtual Tensor sequence_splits(std::string_view stage, const Tensor& references) const = 0;
  /// The items of all of them, one after the other: `to` is C-order and of as many rows.
  virtual void read_sequences(std::string_view stage, const Tensor& references, const Tensor& to) const = 0;
  /// Rows of a dataset of sequences through libhdf5, as read_rows().
  virtual RaggedTensor read_sequence_rows(std::string_view stage, std::int64_t begin, std::int64_t count) const = 0;

 protected:
  ArrayInfo info_;
};

}  // namespace headrace::hdf5
