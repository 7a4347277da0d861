// Instead of lz4.cpp where liblz4 is missing.
#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

const Codec* lz4_codec(const Filter&) { return nullptr; }
const BlockCodec* lz4_blocks() { return nullptr; }

}  // namespace headrace::hdf5
