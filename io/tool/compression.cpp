#include <headrace/io/tool/compression.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace::tool {

std::optional<unsigned> compression_level(std::string_view command, const std::string& compress) {
  if (compress == "none") return std::nullopt;
  require(compress.size() == 6 && compress.starts_with("gzip:") && compress[5] >= '0' && compress[5] <= '9', command,
          "--compress must be gzip:0 to gzip:9, or none, got '", compress, "'");
  return static_cast<unsigned>(compress[5] - '0');
}

}  // namespace headrace::tool
