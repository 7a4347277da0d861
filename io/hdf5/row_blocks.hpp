// An array read in blocks of rows: what is decoded, and kept, at once.
#pragma once

#include <headrace/io/hdf5/array.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace::hdf5 {

/// A row as it is delivered; of sequences one of unknown length.
TensorSpec row_of(const ArrayInfo& info);

/// How an array's rows fall into blocks: the rows of a chunk, with all chunks beside it.
struct BlockPlan {
  explicit BlockPlan(const ArrayInfo& info);
  std::int64_t rows = 0;        // of the array
  std::int64_t block_rows = 1;  // of each block but the last
  std::int64_t blocks = 0;
  std::int64_t chunks = 1;  // in a block; 0: not read by chunks
  /// A chunk is a block: it has whole rows, no other lies beside it, and it is decoded to what is delivered.
  bool is_one_chunk(const ArrayInfo& info) const;
};

/// Where the chunks of `count` blocks from `first` on begin, in the order of their places.
std::vector<Shape> chunk_starts(const ArrayInfo& info, const BlockPlan& plan, std::int64_t first, std::int64_t count);

/// Block `block` as (rows, ...) of the array's dtype. IoError that names chunk, array and file.
Tensor read_block(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t block);

/// The blocks from `first` on, each one chunk, decoded where they are to be: as many as fit `to`, a C-order tensor.
void read_blocks_into(std::string_view stage, const Array& array, const BlockPlan& plan, std::int64_t first,
                      const Tensor& to);

/// Rows [begin, begin + to.shape()[0]) of an array whose bytes can be read where they lie, into `to`, a C-order tensor.
void read_contiguous(std::string_view stage, const Array& array, std::int64_t begin, const Tensor& to);
/// All rows of such an array as a read-only view of its file, which must not shrink meanwhile.
Tensor map_array(std::string_view stage, const Array& array);
/// Whether an array's bytes lie so.
bool lies_as_it_is(const ArrayInfo& info);
/// Whether they become a tensor's where they were read to.
bool lies_in_one_place(const ArrayInfo& info);

}  // namespace headrace::hdf5
