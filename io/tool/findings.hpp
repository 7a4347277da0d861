// What `verify` finds: parts of arrays that cannot be read.
#pragma once

#include <optional>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Finding {
  std::string object;
  std::int64_t begin = 0, end = 0;    // rows; none: the object itself
  std::optional<Shape> chunk;         // its first element
  std::optional<std::int64_t> place;  // of the chunk in the file
  std::string cause;
};

/// Everything in a file that cannot be read, in the order of names and rows. `work` as in Verify.
std::vector<Finding> find_damage(Console& console, const hdf5::File& file, const Work& work);

}  // namespace headrace::tool
