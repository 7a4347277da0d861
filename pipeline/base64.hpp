// Bytes as text, for what states hold as data (RFC 4648, section 4).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace headrace {

std::string to_base64(std::string_view bytes);
/// Nothing where `text` is not what to_base64 gives.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace headrace
