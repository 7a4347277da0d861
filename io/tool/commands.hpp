// The one list of the program's commands.
#pragma once

#include <span>
#include <string_view>

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

/// In the order of --help.
std::span<const CommandInfo* const> commands();
/// Null where there is none.
const CommandInfo* find_command(std::string_view name);

}  // namespace headrace::tool
