// Words of a command line as a command's values. Its source is the one that knows CLI11.
#pragma once

#include <span>
#include <string>
#include <vector>

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

/// What the words ask for: a command with values, or help, for one command where `command` is set; or they are wrong.
struct Request {
  const CommandInfo* command = nullptr;
  std::vector<Value> values;
  bool help = false, version = false;
  std::string wrong;  // a sentence
};

/// `words`: without the program's name.
Request parse(std::vector<std::string> words);

}  // namespace headrace::tool
