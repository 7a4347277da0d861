// UTF-8: what it is, and how other bytes are shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace headrace {

/// Lone surrogates are taken, as Python's str may hold them.
bool is_utf8(std::string_view text);
/// The character that `text`, not empty, begins with, which is taken off; nothing where that is no UTF-8.
std::optional<std::uint32_t> take_character(std::string_view& text);
/// "caf\xe9": for errors; at most 32 characters of it.
std::string escaped(std::string_view text);

}  // namespace headrace
