#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Man {
  static constexpr auto name = "man";
  static constexpr auto summary = "Prints the man page.";
  static constexpr auto details = "It is written out of the same tables as --help.";
  static std::vector<Example> examples() {
    return {{"headrace man | man -l -", "shows it"}, {"headrace man > headrace.1", "keeps it"}};
  }
  static constexpr auto parameters() { return std::tuple{}; }
  int run(Console& console) const;
};

}  // namespace headrace::tool
