// Private to io/hdf5: zlib streams as they mostly are, faster than any library reads them.
#pragma once

#include <optional>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

/// How many bytes of `room` a zlib stream fills, its checksum verified. Nothing for one that is damaged, does not fit,
/// has a code that is not complete, or, unless `whichever`, is none that this reads faster: the caller then lets zlib
/// or libdeflate decide, and what is in `room` means nothing. Bytes after the stream are no matter. Reads and writes
/// nothing beyond the two.
///
/// Source: RFC 1950, RFC 1951.
std::optional<std::size_t> inflate_sound(Bytes stored, Room room, bool whichever = false);

}  // namespace headrace::hdf5
