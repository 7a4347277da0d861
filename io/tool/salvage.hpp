// What is sound of a damaged file.
#pragma once

#include <string>
#include <vector>

#include <headrace/io/tool/findings.hpp>

namespace headrace::tool {

struct Salvaged {
  std::vector<Finding> lost;          // rows that hold the fill value, in the order of datasets
  std::vector<std::string> left_out;  // "/a@b: why"
};

/// Writes it to `output`, which appears when it is whole. `damage` is what find_damage() found: libhdf5 is not asked
/// for those rows again. Stages are named "verify".
Salvaged salvage(const std::shared_ptr<const hdf5::File>& file, const std::vector<Finding>& damage,
                 const std::string& output);

}  // namespace headrace::tool
