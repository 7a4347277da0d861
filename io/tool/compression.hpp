// How chunks are compressed, in a word.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headrace::tool {

/// gzip's level of "gzip:4"; nothing for "none". ValueError for anything else.
std::optional<unsigned> compression_level(std::string_view command, const std::string& compress);

}  // namespace headrace::tool
