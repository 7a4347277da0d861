// Private to this folder: the stored bytes of a chunk, of no more and no less than its size.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include <headrace/io/hdf5/library.hpp>

namespace headrace::hdf5 {

/// Reads a chunk of an array without filters, which has `size` bytes, as H5Dread_chunk() does. That one believes the
/// index of old files: it writes beyond `to` where the index claims more, and less than `size` where it claims less.
/// Here both are errors. The cause, or nothing. Needs the Library.
std::string read_raw_chunk(hid_t dataset, const hsize_t* place, std::uint32_t& mask, std::byte* to, std::size_t size);

}  // namespace headrace::hdf5
