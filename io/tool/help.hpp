// What is said of commands, out of their tables.
#pragma once

#include <string>

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

/// All commands, and the exit codes.
std::string help();
std::string help(const CommandInfo& command);
/// "headrace verify [OPTIONS] FILE..."
std::string usage(const CommandInfo& command);
/// "-n, --rows N" and its description, with the default.
std::string signature(const Parameter& parameter);
std::string description(const Parameter& parameter);
/// "0  the work is done", ...
std::string exit_codes();
std::string version();

}  // namespace headrace::tool
