// Gzip data as the tests make them, by zlib.
#pragma once

#include <stdexcept>
#include <string>

#include <zlib.h>

namespace headrace {

/// One member.
inline std::string gzip_of(const std::string& contents, int level = 6) {
  z_stream zlib{};
  if (deflateInit2(&zlib, level, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib cannot begin");
  std::string stored(deflateBound(&zlib, static_cast<uLong>(contents.size())), '\0');
  zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(contents.data()));
  zlib.avail_in = static_cast<uInt>(contents.size());
  zlib.next_out = reinterpret_cast<Bytef*>(stored.data());
  zlib.avail_out = static_cast<uInt>(stored.size());
  deflate(&zlib, Z_FINISH);
  stored.resize(zlib.total_out);
  deflateEnd(&zlib);
  return stored;
}

}  // namespace headrace
