// What shuffled reading of an array costs, and which chunks would make it cheap.
#pragma once

#include <optional>
#include <string>

#include <headrace/io/hdf5/array.hpp>

namespace headrace::tool {

/// Bytes of decoded rows in a chunk, about, that serve shuffled reading: reading one row decodes no more.
inline constexpr std::int64_t kChunkBytes = std::int64_t{1} << 15;

/// How many rows make such a chunk.
std::int64_t fitting_chunk_rows(std::int64_t row_bytes);

/// Of an epoch of batches, fully shuffled.
struct Verdict {
  std::string kind;                        // "fits", "direct", "fine", "costly", "small chunks", "one thread"
  std::string text;                        // a sentence
  double decodes = 0;                      // of chunks
  double read_over = 1;                    // bytes decoded for each that is delivered
  std::optional<std::int64_t> chunk_rows;  // what `headrace repack --chunk-rows` should get; nothing: leave it
};

/// `memory`: as with_options(memory_limit) has it, of which three quarters hold decoded rows.
Verdict verdict_of(const hdf5::ArrayInfo& info, std::int64_t memory, std::int64_t batch);

}  // namespace headrace::tool
