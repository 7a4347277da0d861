// A chunk as a journal keeps it.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include <headrace/tensor/spec.hpp>

namespace headrace::tool {

/// Some rows, and where their pipeline is behind them.
struct Piece {
  Element chunk;
  std::string state;          // of the iterator, that goes on with the next one
  std::int64_t log_size = 0;  // of the log of rows left out, so far
};

std::vector<std::byte> pack(const Piece& piece);
/// What was packed: components of these dtypes, in this structure. IoError for bytes that are no such piece.
Piece unpack(std::string_view stage, std::span<const std::byte> bytes, const Spec& spec);

}  // namespace headrace::tool
