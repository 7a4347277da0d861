// The head of a .npy file (numpy.lib.format, version 1.0).
#pragma once

#include <optional>
#include <string>

#include <headrace/tensor/dtype.hpp>
#include <headrace/tensor/shape.hpp>

namespace headrace {

/// What stands after 'descr': "'<f4'", or a list for a record. Nothing for what NumPy itself has no name for: bfloat16,
/// text of variable length, and records whose fields overlap, are out of order or have names beyond ASCII.
std::optional<std::string> npy_descr(DType dtype);

/// The bytes that the head takes for rows of this shape, however many there are: the data begins 64-byte aligned.
std::size_t npy_room(const std::string& descr, const Shape& row);
/// The head of `shape`, exactly `room` bytes long; empty where it does not fit, or is past the format's 64 KiB.
std::string npy_head(const std::string& descr, const Shape& shape, std::size_t room);

}  // namespace headrace
