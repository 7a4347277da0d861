// Instead of blosc.cpp where libblosc is missing.
#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

const Codec* blosc_codec(const Filter&) { return nullptr; }

}  // namespace headrace::hdf5
