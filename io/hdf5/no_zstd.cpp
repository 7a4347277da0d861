// Instead of zstd.cpp where libzstd is missing.
#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

const Codec* zstd_codec(const Filter&) { return nullptr; }
const BlockCodec* zstd_blocks() { return nullptr; }

}  // namespace headrace::hdf5
