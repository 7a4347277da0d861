// The program, as a function: the executable calls it, and the Python package's command.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

namespace headrace::tool {

/// Does what the words after the program's name say. The exit code: 0 done, 1 the data are bad or the work failed, 2
/// the words are wrong, 128 + N signal N ended it. Throws nothing.
int run_program(const std::vector<std::string>& words, std::FILE* out, std::FILE* err);

}  // namespace headrace::tool
